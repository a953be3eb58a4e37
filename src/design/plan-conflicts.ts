import type { CatalogTable } from '../catalog/types.ts'
import { formatCount } from '../lib/progress-line.ts'
import type { ComparedColumn, Pair } from '../overlap/overlap-document.ts'
import { question, type Remark } from './design-plan.ts'
import type { PlannedColumn } from './plan-column.ts'

/** Where two sources of a merge say different things: whose word counts is for a person to say. */
export function tellConflicts(
  planned: readonly PlannedColumn[],
  pairs: readonly Pair[],
  tables: readonly CatalogTable[],
): { readonly path: string; readonly remark: Remark }[] {
  const order = tables.map((table) => table.name)
  return pairs.flatMap((pair) =>
    pair.columns.flatMap((compared) => {
      const count = realConflicts(compared)
      if (count <= 0) return []
      const target = planned.find(
        ({ column }) =>
          feeds(column.members, pair.left, compared.left) && feeds(column.members, pair.right, compared.right),
      )
      if (target === undefined) return []
      const { name } = target.column
      const leftFirst = order.indexOf(pair.left) < order.indexOf(pair.right)
      const [first, second] = leftFirst ? [pair.left, pair.right] : [pair.right, pair.left]
      const [newer, older] = leftFirst
        ? [compared.leftNewer, compared.rightNewer]
        : [compared.rightNewer, compared.leftNewer]
      const age =
        pair.newerBy === null ? '' : ` (${first} is newer in ${formatCount(newer)}, ${second} in ${formatCount(older)})`
      const apart = compared.equal < count ? ' They disagree more often than not: are they one fact at all?' : ''
      const text = `${name}: ${first} and ${second} disagree in ${formatCount(count)} rows${age}, and ${first} wins. Is it right, or shall the newer one win (columns: { ${name}: { pick: 'latest by …' } })?${apart}`
      return [{ path: 'sources', remark: question(text) }]
    }),
  )
}

/** What is left when differences that have a name (a unit, a few minutes) are taken off. */
function realConflicts({ conflicting, nearly }: ComparedColumn): number {
  return conflicting - nearly.reduce((sum, { count }) => sum + count, 0)
}

function feeds(members: PlannedColumn['column']['members'], table: string, column: string): boolean {
  return members.some((one) => one.table === table && one.column === column)
}

/** Columns that only one source of an append has may be another's by another name: the values can't tell. */
export function tellUnmatched(
  planned: readonly PlannedColumn[],
  pairs: readonly Pair[],
  tables: readonly CatalogTable[],
): Remark[] {
  const alone = tables.map((table) => {
    const own = planned.filter(({ column }) => column.members.every((one) => one.table === table.name))
    return { table: table.name, columns: own.map(({ column }) => column.name) }
  })
  const open = alone.filter(({ columns }) => columns.length > 0)
  const lists = open.map(({ table, columns }) => `${table}: ${columns.join(', ')}`).join('; ')
  const hints = [...new Set(pairs.flatMap((pair) => pair.hints))]
  return [
    ...(open.length > 1
      ? [
          question(
            `Only one source has each of these. Are some of them one fact under two names (then: columns: { name: 'other_name' }, and one column less)? ${lists}`,
          ),
        ]
      : []),
    ...hints.map((hint) => question(hint)),
  ]
}
