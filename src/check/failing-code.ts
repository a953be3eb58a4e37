import type { Interaction } from '../codemap/interaction.ts'
import type { Found } from './finding.ts'
import { placesOf } from './places.ts'
import type { LiveNames } from './read-relations.ts'

/**
 * Statements that can't run already today: they name a table or a column that the database doesn't have. `newNames` are
 * the tables that are to come. Without a schema a name may stand for a relation of any.
 */
export function findFailingCode(
  accesses: readonly Interaction[],
  live: LiveNames,
  newNames: ReadonlySet<string>,
): Found[] {
  const made = new Set(accesses.filter(({ operation }) => operation === 'ddl').map(({ table }) => table))
  const missing = new Map<string, { readonly table: string; readonly column: string | null; places: Interaction[] }>()
  const note = (access: Interaction, column: string | null): void => {
    const table = access.schema === null ? access.table : `${access.schema}.${access.table}`
    const key = JSON.stringify([table, column])
    const there = missing.get(key) ?? { table, column, places: [] }
    there.places.push(access)
    missing.set(key, there)
  }
  for (const access of accesses) {
    if (access.operation === 'rpc' || access.operation === 'ddl') continue
    // What code makes itself is there when it runs; temporary tables are among it.
    if (made.has(access.table) || newNames.has(access.table)) continue
    const meant = live.relations.filter(
      ({ schema, name }) => name === access.table && (access.schema === null || access.schema === schema),
    )
    if (meant.length === 0) {
      // PostgREST embeds by a function or a column, too.
      if (access.style !== 'supabase' || !live.others.has(access.table)) note(access, null)
      continue
    }
    const { read, written, filtered, ordered } = access.columns
    for (const column of new Set([...read, ...written, ...filtered, ...ordered, ...(access.conflict ?? [])]))
      if (!meant.some(({ columns }) => columns.includes(column))) note(access, column)
  }
  return [...missing.values()].map(({ table, column, places }) => ({
    ...{ id: ['fails-today', table, ...(column === null ? [] : [column])], severity: 'note', where: table },
    what: `the database has no ${column === null ? 'such table or view' : `column ${column} of it`}, so what code does with it here fails already today`,
    advice: 'A wrong name, or a migration that has not run here: nothing that the move will have broken.',
    places: placesOf(places),
  }))
}
