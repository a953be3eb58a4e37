import type { CatalogColumn, CatalogTable } from '../catalog/types.ts'
import { isEverywhere } from '../overlap/column-family.ts'
import type { TargetPlan } from './design-plan.ts'
import { isSurrogate } from './surrogates.ts'

/**
 * Tables whose rows would stand beside those of the others without a single fact that both tell. Asked only of rows that
 * no key joins; where one does, columns that differ are the point of it.
 */
export function findLoose({ columns, rule }: TargetPlan, tables: readonly CatalogTable[]): CatalogTable[] {
  if (rule.kind === 'merge') return []
  return tables.filter((table) => {
    const facts = table.columns.filter((column) => isFact(table, column))
    const shared = columns.filter(({ members }) => members.length > 1).flatMap(({ members }) => members)
    return !facts.some(({ name }) => shared.some((one) => one.table === table.name && one.column === name))
  })
}

/** Says something of the row itself: no number of its own, no reference, no time of its writing. */
function isFact(table: CatalogTable, column: CatalogColumn): boolean {
  const refers = table.constraints.some(({ kind, columns }) => kind === 'foreign key' && columns.includes(column.name))
  return !refers && !isSurrogate(table, column) && !isEverywhere(column.name)
}
