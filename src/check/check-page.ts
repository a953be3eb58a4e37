import { formatCount } from '../lib/progress-line.ts'
import type { CheckExample, CheckFinding, CheckReport, CheckSeverity } from './check-report.ts'

const TITLES: readonly [severity: CheckSeverity, title: string][] = [
  ['stops', 'Stops'],
  ['decide', 'Needs a decision'],
  ['note', 'Good to know'],
]

/** CHECK_REPORT.md, for people. The same report gives the same text. */
export function writeCheckPage(report: CheckReport): string {
  const lines = [
    '# Check of the mapping',
    '',
    sumUp(report),
    '',
    ...describeTrial(report),
    ...describeTables(report),
    ...TITLES.flatMap(([severity, title]) => section(report, severity, title)),
    ...(report.unknownAccepted.length === 0
      ? []
      : ['## Accepted, but not found', '', ...report.unknownAccepted.map((name) => `- ${code(name)}`), '']),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}

/** One sentence on the outcome. */
export function sumUp({ ok, findings }: CheckReport): string {
  const number = (severity: CheckSeverity): number =>
    findings.filter((one) => one.severity === severity && !one.accepted).length
  const accepted = findings.filter((one) => one.accepted).length
  const counts = `${number('stops')} stop, ${number('decide')} need a decision, ${number('note')} are good to know${accepted > 0 ? `, ${accepted} accepted` : ''}`
  return `${ok ? 'Nothing stops.' : 'Something stops.'} Findings: ${counts}.`
}

function describeTrial({ trial, showsValues }: CheckReport): string[] {
  const major = (version: number): number => Math.floor(version / 10_000)
  const other = major(trial.serverVersion) !== major(trial.databaseVersion)
  const place =
    trial.on === 'own server'
      ? `The design was tried on a server of Crossfade's own, with the old schema and no rows${other ? `; it has PostgreSQL ${major(trial.serverVersion)}, the database ${major(trial.databaseVersion)}` : ''}. The database was only read.`
      : 'The design was tried on the database itself, in a transaction that was rolled back; the rows were only read.'
  const left = trial.leftOut.map((one) => `- ${inline(one)}`)
  return [
    `${place}${showsValues ? '' : ' Examples show the shape of values (a, A, 9), not the values: --show-values.'}`,
    '',
    ...(left.length === 0 ? [] : ['That server refused parts of the old schema:', '', ...left, '']),
  ]
}

function describeTables({ tables }: CheckReport): string[] {
  if (tables.length === 0) return []
  const shown = (count: number | null): string => (count === null ? '–' : formatCount(count))
  return [
    '## Rows',
    '',
    '| new table | rows | refused | old table | rows | left out | without key | same key again |',
    '| --- | ---: | ---: | --- | ---: | ---: | ---: | ---: |',
    ...tables.flatMap((t) =>
      t.sources.map((s, i) => {
        const own = i === 0 ? [cell(t.name), shown(t.rows), shown(t.refused)] : ['', '', '']
        return `| ${[...own, cell(s.table), ...[s.rows, s.leftOut, s.keyless, s.repeated].map(shown)].join(' | ')} |`
      }),
    ),
    '',
    'Refused: by the row alone. What a missing parent or a unique value keeps out is told below.',
    '',
  ]
}

function section({ findings }: CheckReport, severity: CheckSeverity, title: string): string[] {
  const own = findings.filter((one) => one.severity === severity)
  return own.length === 0 ? [] : [`## ${title}`, '', ...own.flatMap(describe), '']
}

function describe(one: CheckFinding): string[] {
  const rows = one.rows === null ? '' : `${formatCount(one.rows)} ${one.rows === 1 ? 'row' : 'rows'}: `
  return [
    `- ${code(one.id)}${one.accepted ? ' (accepted)' : ''}: ${inline(one.where)}: ${rows}${inline(one.what)}.`,
    `  ${inline(one.advice)}`,
    ...one.examples.map((example) => `  - ${inline(tellExample(example))}`),
    ...tellPlaces(one.places),
  ]
}

const MOST_PLACES = 8

function tellPlaces(places: readonly string[]): string[] {
  if (places.length === 0) return []
  const more = places.length - MOST_PLACES
  const shown = places.slice(0, MOST_PLACES).map(inline).join(', ')
  return [`  - ${shown}${more > 0 ? `, and ${more} more places (CHECK\\_REPORT.json)` : ''}`]
}

function tellExample({ key, values }: CheckExample): string {
  const list = (parts: readonly (string | null)[]): string => parts.map((part) => part ?? 'null').join(', ')
  return values.length === 0 ? list(key) : `${list(key)}: ${values.map((value) => value ?? 'null').join(' | ')}`
}

/** What comes from the database or the mapping must not become markup. */
function inline(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_<>[\]|#~&]/g, (sign) => `\\${sign}`)
}

function cell(text: string): string {
  return inline(text)
}

function code(text: string): string {
  return `\`${text}\``
}
