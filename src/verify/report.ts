import { formatCount, formatDuration } from '../lib/progress-line.ts'
import { addsUp, type Example, type SourceAccount, type VerifyResult } from './result.ts'

export interface ReportMeta {
  /** When, as an ISO date. */
  readonly at: string
  readonly database: string
  /** e.g. 180004 */
  readonly serverVersion: number
}

/** VERIFY_REPORT.md: what was compared, what was found, and what to do about it. */
export function buildVerifyReport(results: readonly VerifyResult[], meta: ReportMeta): string {
  const clean = results.every((result) => result.clean)
  const server = `${Math.floor(meta.serverVersion / 10000)}.${meta.serverVersion % 10000}`
  const verdict = clean
    ? 'The new tables hold what the old tables say: no difference was found.'
    : 'The new tables do **not** hold what the old tables say: see the differences below.'
  return `${[
    '# Verification',
    `Database ${code(meta.database)}, PostgreSQL ${server}, ${meta.at}.`,
    verdict,
    'The tolerance is zero: every row and every column of both sides was compared by the exact image of its value, in one snapshot for each range of keys. A difference counts when it is still there at a second look. What waits in the outbox in the same snapshot is on its way, and is counted apart.',
    ...results.flatMap(tableSection),
    ...(clean ? [] : [HOW_TO_REPAIR]),
  ].join('\n\n')}\n`
}

const HOW_TO_REPAIR = `## What to do

- \`crossfade verify --repair\` has every differing row computed again from its old rows, and then verifies once more. It writes only the new tables.
- Rows that differ again afterwards are written by something else, or an expression of the mapping depends on more than its row (now(), random(), a setting).
- \`crossfade journal\` lists the old rows that the new schema does not take, each with the reason.`

function tableSection(result: VerifyResult): string[] {
  return [
    `## ${code(result.target)}: ${result.clean ? 'in step' : 'differs'}`,
    accountTable(result.counts.sources),
    `${result.counts.sources.map(sumLine).join('\n')}\n- The new table has ${formatCount(result.counts.newRows)} rows.`,
    comparedTable(result),
    ...(result.repaired > 0
      ? [`Before this, ${formatCount(result.repaired)} differing keys were computed again (--repair).`]
      : []),
    ...result.examples.map(exampleSection),
  ]
}

function accountTable(sources: readonly SourceAccount[]): string {
  const rows = sources.map((s) => [
    code(s.source),
    ...[s.oldRows, s.merged, s.own, s.leftOut, s.journaled, s.waiting, s.lost].map(formatCount),
  ])
  return table(
    [
      'old table',
      'old rows',
      'merged with others',
      'a new row of its own',
      'left out by rule',
      'in the journal',
      'on its way',
      'lost',
    ],
    rows,
  )
}

function sumLine(s: SourceAccount): string {
  const terms = [s.merged, s.own, s.leftOut, s.journaled, ...(s.waiting > 0 ? [s.waiting] : [])]
  const sum = terms.reduce((total, term) => total + term, 0)
  const equation = `${terms.map(formatCount).join(' + ')} = ${formatCount(sum)}`
  return addsUp(s)
    ? `- ${code(s.source)}: ${equation}, which is all of its rows.`
    : `- ${code(s.source)}: ${equation}, but it has ${formatCount(s.oldRows)} rows: **${formatCount(s.oldRows - sum)} are nowhere**.`
}

function comparedTable({ full, samples, recent }: VerifyResult): string {
  const differing = full.missing + full.extra + full.differing
  const rows = [
    [`every row (${formatDuration(full.seconds)})`, formatCount(full.rows), formatCount(differing)],
    ['random rows', formatCount(samples.checked), formatCount(samples.differing)],
    ...(recent === null
      ? []
      : [
          [
            `rows of the last 24 hours (${code(recent.column)})`,
            formatCount(recent.checked),
            formatCount(recent.differing),
          ],
        ]),
  ]
  const kinds = `Of the differing rows ${formatCount(full.missing)} are missing in the new table, ${formatCount(full.extra)} should not be there, and ${formatCount(full.differing)} hold another value. ${formatCount(full.waiting)} more were on their way; ${formatCount(full.journaled)} have no new row because of the journal.`
  return `${table(['compared', 'rows', 'differing'], rows)}\n\n${kinds}`
}

const VERDICTS = {
  missing: 'The first row that is missing in the new table',
  extra: 'The first row of the new table that no old row accounts for',
  differing: 'The first row that differs',
} as const

function exampleSection(example: Example): string {
  const names = [...new Set([...Object.keys(example.old ?? {}), ...Object.keys(example.new ?? {})])]
  const rows = names.map((name) => [code(name), cell(example.old?.[name]), cell(example.new?.[name])])
  return [
    `### ${VERDICTS[example.verdict]}: ${code(example.key.join(', '))}`,
    ...(example.columns.length > 0 ? [`Columns that differ: ${example.columns.map(code).join(', ')}.`] : []),
    ...(example.columns.includes('lineage')
      ? [
          "`lineage` is what the new row remembers of its old rows: from which tables it came, and what it can't give back.",
        ]
      : []),
    ...(example.reason === null ? [] : [`It can't be computed from its old rows: ${escapeText(example.reason)}`]),
    ...(rows.length > 0 ? [table(['column', 'by the old tables', 'in the new table'], rows)] : []),
  ].join('\n\n')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function cell(value: unknown): string {
  if (value === undefined) return ''
  if (value === null) return 'null'
  return escapeText(typeof value === 'string' ? value : JSON.stringify(value))
}

/** Text in a table of Markdown: what would end the cell, start a tag or a code span is written otherwise. */
function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('|', '\\|')
    .replaceAll('`', '\\`')
    .replaceAll(/\s*[\r\n]+\s*/g, ' ')
}

/** A code span may hold anything but its own fence and, in a table, a bar. */
function code(text: string): string {
  const safe = text.replaceAll(/[\r\n]+/g, ' ').replaceAll('|', '\\|')
  return safe.includes('`') ? `\`\` ${safe} \`\`` : `\`${safe}\``
}
