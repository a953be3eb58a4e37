import type { CatalogColumn, CatalogTable } from '../catalog/types.ts'
import { plainName as foldName } from '../overlap/column-family.ts'
import type { Pair } from '../overlap/overlap-document.ts'

/** Old columns that are one fact: at most one of each table. */
export interface ColumnClass {
  readonly name: string
  readonly members: readonly { readonly table: CatalogTable; readonly column: CatalogColumn }[]
}

type Member = ColumnClass['members'][number]

export interface ColumnWishes {
  readonly isLeftOut: (table: CatalogTable, column: CatalogColumn) => boolean
  /** Of its own table alone: two of them are never one. */
  readonly isOwn: (table: CatalogTable, column: CatalogColumn) => boolean
}

/**
 * Joins the columns that the overlap holds for the same, and those of one name. In the order of the sources; a name that
 * another column has already gets its table's before it.
 */
export function groupColumns(
  tables: readonly CatalogTable[],
  pairs: readonly Pair[],
  { isLeftOut, isOwn }: ColumnWishes,
  taken: readonly string[],
): ColumnClass[] {
  const classes: Member[][] = tables.flatMap((table) =>
    table.columns.filter((column) => !isLeftOut(table, column)).map((column) => [{ table, column }]),
  )
  const find = (table: string, column: string): Member[] | undefined =>
    classes.find((members) => members.some((one) => one.table.name === table && one.column.name === column))
  const joinClasses = (a: Member[] | undefined, b: Member[] | undefined): void => {
    if (!a || !b || a === b || [...a, ...b].some(({ table, column }) => isOwn(table, column))) return
    if (a.some((one) => b.some((other) => other.table === one.table))) return
    a.push(...b)
    classes.splice(classes.indexOf(b), 1)
  }
  for (const pair of pairs)
    for (const { left, right } of pair.columns) joinClasses(find(pair.left, left), find(pair.right, right))
  for (const one of [...classes])
    for (const other of [...classes]) {
      const isSame = one.some((a) => other.some((b) => foldName(a.column.name) === foldName(b.column.name)))
      if (isSame && classes.includes(one) && classes.includes(other)) joinClasses(one, other)
    }
  const inOrder = (a: Member, b: Member): number => tables.indexOf(a.table) - tables.indexOf(b.table)
  const byPlace = (a: readonly Member[], b: readonly Member[]): number => {
    const [one, other] = [a[0], b[0]]
    return one && other ? inOrder(one, other) || one.column.position - other.column.position : 0
  }
  return nameClasses(classes.map((members) => [...members].sort(inOrder)).sort(byPlace), new Set(taken))
}

function nameClasses(classes: readonly (readonly Member[])[], used: Set<string>): ColumnClass[] {
  return classes.map((members) => {
    const name = candidateNames(members).find((one) => !used.has(one)) ?? `column_${used.size + 1}`
    used.add(name)
    return { name, members }
  })
}

/** The name that most have, then the others, then with the table's. `crossfade_` is reserved. */
function candidateNames(members: readonly Member[]): string[] {
  const names = members.map(({ column }) => column.name)
  const count = (name: string): number => names.filter((one) => one === name).length
  const byCount = [...new Set(names)].sort((a, b) => count(b) - count(a))
  const qualified = members.map(({ table, column }) => `${table.name}_${column.name}`)
  return [...byCount, ...qualified].map((name) => name.replace(/^crossfade_/, ''))
}
