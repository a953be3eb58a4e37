import type { InteractionMap, TableSummary } from '../interaction-map.ts'
import { encodePath } from '../pages/markdown-text.ts'
import { keyOf } from '../pages/table-groups.ts'
import { count } from '../queries/statistics.ts'

/** Files that a tooltip names; more would not fit on a screen. */
const MOST_FILES = 12

export function tellHead({ summary, tables }: InteractionMap): { title: string; subtitle: string } {
  const { interactions, files, unresolved } = summary
  const open = unresolved > 0 ? `, ${unresolved} unresolved` : ''
  return {
    title: `${count(tables.length, 'table')}, ${count(interactions, 'access', 'accesses')}`,
    subtitle: `${count(files, 'file')}${open}`,
  }
}

/** What a pointer on the table tells: class, operations, evidence, files. */
export function tellTable(table: TableSummary): string {
  const operations = Object.entries(table.byOperation).map(([operation, times]) => `${times} ${operation}`)
  const more = table.files.length - MOST_FILES
  return [
    `${keyOf(table)}: ${table.class}`,
    operations.join(', '),
    '',
    ...table.evidence,
    '',
    ...table.files.slice(0, MOST_FILES),
    ...(more > 0 ? [`and ${count(more, 'more file')}`] : []),
  ].join('\n')
}

export function linkTo(file: string, toRoot: string): string {
  return encodePath(`${toRoot}${file}`)
}
