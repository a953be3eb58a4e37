import type { Identity } from './overlap-document.ts'
import { rowsOfMost, type SharedColumn, tellsRows } from './shared-columns.ts'
import type { Sketch } from './sketch.ts'

/** The identity that most tables of the group have for their own rows; a key before contents, and one row for each value. */
export function chooseGroupKey(
  tables: readonly string[],
  identities: readonly Identity[],
  shared: readonly SharedColumn[],
): Identity | null {
  const counts = identities.map((identity) => {
    const isMember = ({ table, column }: Sketch) =>
      tables.includes(table) && identity.members.some((one) => one.table === table && one.column === column.name)
    const held = shared.filter((one) => isMember(one.left) && isMember(one.right))
    const telling = held.filter(tellsRows)
    // Entries of the same things have the key of these things, several times each.
    const joined = telling.length > 0 ? telling : held.filter((one) => one.standing === 'own')
    const rows = Math.min(Number.MAX_VALUE, ...joined.map(rowsOfMost))
    return {
      identity,
      rows,
      tells: telling.length > 0,
      tables: new Set(joined.flatMap((one) => [one.left.table, one.right.table])).size,
    }
  })
  const usable = counts.filter((one) => one.tables > 1)
  usable.sort(
    (a, b) =>
      Number(b.identity.kind === 'key') - Number(a.identity.kind === 'key') ||
      Number(b.tells) - Number(a.tells) ||
      b.tables - a.tables ||
      a.rows - b.rows ||
      b.identity.members.length - a.identity.members.length,
  )
  return usable[0]?.identity ?? null
}
