import type { InventoryObject } from '../catalog/inventory/inventory.ts'
import { CrossfadeError } from '../lib/errors.ts'
import type { SnapshotReading } from './read-snapshot.ts'
import type { SnapshotFinding } from './schema-snapshot.ts'

/** What a person should know before they rely on the snapshot; the gravest first. */
export function buildFindings(reading: SnapshotReading): SnapshotFinding[] {
  const { scope, dump, hidden, server, strayTriggers, subscriptions } = reading
  const role = `The role "${server.role}"`
  const findings: SnapshotFinding[] = []
  const add = (kind: SnapshotFinding['kind'], what: string, message: string) => findings.push({ kind, what, message })

  if (dump instanceof CrossfadeError)
    add(
      'not in the SQL',
      'PRODUCTION_SCHEMA_SNAPSHOT.sql',
      `It was not written. ${[dump.message, dump.hint].filter(Boolean).join(' ')}`,
    )
  for (const name of scope.closedSchemas)
    add(
      'unreadable',
      `schema ${name}`,
      `${role} has no USAGE on it: what is in it is told here, and is not in the SQL.`,
    )
  for (const { schema, name } of scope.closedTables)
    add('unreadable', `table ${schema}.${name}`, `${role} may not read it: it is told here, and is not in the SQL.`)
  for (const { name, publications } of subscriptions)
    add(
      'not in the SQL',
      `subscription ${name}`,
      `Its connection string is a secret. It subscribes to ${publications}.`,
    )
  if (!(dump instanceof CrossfadeError))
    for (const mapping of dump.userMappings)
      add(
        'not in the SQL',
        `user mapping for ${mapping}`,
        'Its options hold a password. Make it by hand where you need it.',
      )
  for (const { name } of strayTriggers)
    add(
      'not in the SQL',
      `trigger ${name}`,
      'It is yours, on a table of a schema that was left out. Its definition stands at the end of the SQL, as a comment.',
    )
  for (const what of hidden)
    add(
      'hidden',
      what,
      'It holds what looks like a secret; *** stands for it. Whoever may connect to the database can read it there.',
    )
  for (const what of listReordered(reading.inventory))
    add(
      'careful',
      what,
      'Columns came to its parent later, so rebuilt from the SQL its columns stand in another order. Name the columns in INSERT.',
    )
  if (!server.countsUse) add('careful', 'last use', 'track_counts is off: the server counts no use of any table.')
  return findings
}

/** Children by inheritance with a column of their own before one that they inherit: pg_dump writes inherited columns first. */
function listReordered(inventory: readonly InventoryObject[]): string[] {
  const inheriting = new Set(
    inventory.filter(({ facts }) => facts.inherits && !facts.partitionBound).map(({ name }) => name),
  )
  const firstOwn = new Map<string, number>()
  const lastInherited = new Map<string, number>()
  for (const { kind, of, facts } of inventory) {
    if (kind !== 'column' || of === null || !inheriting.has(of)) continue
    const position = Number(facts.position)
    if (facts.inherited === undefined) firstOwn.set(of, Math.min(position, firstOwn.get(of) ?? position))
    else lastInherited.set(of, Math.max(position, lastInherited.get(of) ?? position))
  }
  return [...firstOwn].filter(([of, own]) => own < (lastInherited.get(of) ?? 0)).map(([of]) => `table ${of}`)
}
