import type { CatalogColumn, CatalogTable } from '../catalog/types.ts'
import { familyOf, plainName } from '../overlap/column-family.ts'
import type { OverlapDocument } from '../overlap/overlap-document.ts'
import type { ColumnFacts } from './design-facts.ts'

/** What all texts of some columns are, so that they need no text to hold them. */
export type TextType = 'uuid' | 'integer' | 'bigint'

/** Null unless every column is of that type, or a text of which each value is written so. */
export function readTexts(
  members: readonly { readonly table: string; readonly column: CatalogColumn }[],
  facts: readonly ColumnFacts[],
): TextType | null {
  const texts = members.filter(({ column }) => familyOf(column) === 'text')
  const others = members.filter(({ column }) => familyOf(column) !== 'text')
  const counted = texts.map(({ table, column }) =>
    facts.find((one) => one.table === table && one.column === column.name),
  )
  if (texts.length === 0 || others.length === 0) return null
  const all = (kind: 'integers' | 'bigints' | 'uuids'): boolean =>
    counted.every((one) => one?.texts != null && one.rows > one.nulls && one.texts[kind] === one.rows - one.nulls)
  const isOne = new Set(others.map(({ column }) => familyOf(column)))
  if (isOne.size > 1) return null
  if (isOne.has('uuid')) return all('uuids') ? 'uuid' : null
  if (!isOne.has('integer')) return null
  return all('integers') ? 'integer' : all('bigints') ? 'bigint' : null
}

/** Whether a text column may be one with a uuid or a whole number of another table of its group: by name, or by the overlap. */
export function isMixed(
  table: CatalogTable,
  column: CatalogColumn,
  tables: readonly CatalogTable[],
  { groups, pairs }: OverlapDocument,
): boolean {
  if (familyOf(column) !== 'text') return false
  const together = new Set(groups.flatMap((group) => (group.tables.includes(table.name) ? group.tables : [])))
  const joined = pairs.flatMap(({ left, right, key, columns }) => {
    const keys = (key?.left ?? []).map((one, at) => ({ left: one, right: key?.right[at] ?? '' }))
    const both = [...columns.map((one) => ({ left: one.left, right: one.right })), ...keys]
    if (left === table.name) return both.map((one) => ({ own: one.left, table: right, other: one.right }))
    return right === table.name ? both.map((one) => ({ own: one.right, table: left, other: one.left })) : []
  })
  return tables.some(
    (other) =>
      other !== table &&
      together.has(other.name) &&
      other.columns.some((one) => {
        const isPaired = joined.some((p) => p.own === column.name && p.table === other.name && p.other === one.name)
        const isAlike = isPaired || plainName(one.name) === plainName(column.name)
        return isAlike && (familyOf(one) === 'uuid' || familyOf(one) === 'integer')
      }),
  )
}
