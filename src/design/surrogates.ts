import type { CatalogColumn, CatalogTable } from '../catalog/types.ts'
import { formatCount } from '../lib/progress-line.ts'
import type { DesignFacts } from './design-facts.ts'
import { question, type Remark, reason } from './design-plan.ts'
import type { KeyMember } from './plan-key.ts'

/** A number or uuid that its own table alone draws. */
export function isSurrogate(table: CatalogTable, column: CatalogColumn): boolean {
  if (column.sequence !== null) return true
  const primary = table.indexes.find((index) => index.primary)
  return primary?.columns.join() === column.name && primary.columns.length === 1 && column.default !== null
}

/** Names of the tables that refer to it alone by a foreign key; of a partition that of the whole. */
export function findReferring(table: CatalogTable, column: CatalogColumn, { catalog }: DesignFacts): string[] {
  const referring = catalog.tables.filter((other) =>
    other.constraints.some(
      ({ references }) =>
        references?.table === table.name &&
        references.schema === table.schema &&
        references.columns.join() === column.name,
    ),
  )
  const whole = (one: CatalogTable): CatalogTable => {
    const parent = one.isPartition ? catalog.tables.find(({ children }) => children.includes(one.oid)) : undefined
    return parent === undefined ? one : whole(parent)
  }
  return [...new Set(referring.map((one) => whole(one).name))]
}

/** What becomes of the numbers of a table beside the key: those that others refer to stay, so that they can go on to. */
export function tellSurrogates(table: CatalogTable, member: KeyMember | null, facts: DesignFacts): Remark[] {
  const own = table.columns.filter((column) => isSurrogate(table, column) && !member?.columns.includes(column))
  return own.map((column) => {
    const name = `${table.name}.${column.name}`
    const referring = findReferring(table, column, facts)
    if (referring.length === 0) return reason(`${name} is a number of its own table alone, and left out`)
    const lost = (member?.profile?.rowsOfDuplicatedKeys ?? 0) - (member?.profile?.duplicatedKeys ?? 0)
    const they = referring.join(', ')
    if (lost <= 0)
      return reason(`${name} stays beside the key, since ${they} reference it; until finish ${table.name} draws it`)
    return question(
      `${name} stays beside the key, since ${they} reference it; but ${formatCount(lost)} rows share their key with another, and of those only one number is left. What shall the others' be?`,
    )
  })
}
