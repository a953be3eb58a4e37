import type { Coverage, CoveredAccess, FindingKind } from './coverage.ts'

/** What each kind of finding asks of a person, in the order in which the page lists them. */
const KINDS: Readonly<Record<FindingKind, string>> = {
  unmapped: 'Old columns that nothing maps',
  several: 'Columns that have become several',
  words: 'Other words',
  expression: 'Other values',
  cast: 'Other types',
  linked: 'Found through another table',
  conflict: 'Upserts on a key that changed',
  'shared row': 'Rows that are shared with other tables',
  'shared table': 'Tables that hold rows of several',
  'every column': 'Columns that the code does not name',
  truncate: 'TRUNCATE',
  'system column': 'Reads that stay on the old side',
  precedence: 'Reads that a compat view may answer otherwise',
  renamed: 'New names alone',
}

/** MAPPING_COVERAGE.md. */
export function buildCoveragePage({ accesses, files, unmentioned, unused }: Coverage): string {
  const mechanical = accesses.filter((one) => one.mechanical).length
  const sections = Object.entries(KINDS).map(([kind, title]) => buildSection(accesses, kind as FindingKind, title))
  return `${[
    '# What stands between the code and the new names',
    `${accesses.length} accesses to old tables in ${files.length} files; ${mechanical} of them need new names alone, ${accesses.length - mechanical} need somebody who looks at them.`,
    '## Files',
    table(
      ['file', 'accesses', 'new names alone', 'to look at'],
      files.map((one) => [
        code(one.file),
        String(one.accesses),
        String(one.mechanical),
        String(one.accesses - one.mechanical),
      ]),
    ),
    ...sections.filter((section) => section !== ''),
    ...(unmentioned.length === 0
      ? []
      : [
          '## Tables that the mapping does not name',
          'Neither a source nor under `keep`. The migration does not touch them.',
          table(
            ['table', 'accesses'],
            unmentioned.map((one) => [code(one.table), String(one.accesses)]),
          ),
        ]),
    ...(unused.length === 0
      ? []
      : ['## Sources that no code uses', `${unused.map(code).join(', ')}: other programs may, or nobody does.`]),
  ].join('\n\n')}\n`
}

function buildSection(accesses: readonly CoveredAccess[], kind: FindingKind, title: string): string {
  const lines = accesses.flatMap(({ access, findings }) => {
    const { file, line, column, table: of, operation } = access
    const own = [...new Set(findings.filter((one) => one.kind === kind).map((one) => one.message))]
    return own.length === 0
      ? []
      : [[code(`${file}:${line}:${column}`), code(of), operation, own.map(escapeText).join('; ')]]
  })
  return lines.length === 0 ? '' : `## ${title}\n\n${table(['where', 'table', 'operation', 'what'], lines)}`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** A code span that holds any text: the fence is longer than what is in it. */
function code(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length))
  const fence = '`'.repeat(longest + 1)
  const pad = longest > 0 ? ' ' : ''
  return `${fence}${pad}${text.replaceAll('|', '\\|').replaceAll('\n', ' ')}${pad}${fence}`
}

function escapeText(text: string): string {
  return text.replaceAll('\n', ' ').replaceAll(/[\\`*_{}[\]<>|#]/g, '\\$&')
}
