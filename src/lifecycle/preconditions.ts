import type pg from 'pg'
import type { CatalogTable } from '../catalog/types.ts'
import { RefusedError } from '../lib/errors.ts'
import { ident } from '../lib/sql.ts'
import type { Mapping, NeededIndex } from '../spec/mapping.ts'
import { keyIndexColumns } from '../sqlgen/key-index.ts'
import { followedTables } from './followed-tables.ts'

/** What must be so before anything is built: each is a way in which sync would silently miss rows, or fail. */
export async function assertPreconditions(
  client: pg.ClientBase,
  mapping: Mapping,
  tables: readonly CatalogTable[],
): Promise<void> {
  const followed = followedTables(mapping, tables)
  for (const table of followed) assertFollowable(table, tables)
  for (const index of mapping.indexes) {
    const table = tables.find((c) => c.schema === index.table.schema && c.name === index.table.name)
    if (table?.kind === 'partitioned table') assertKeyIndexThere(index, table)
  }
  await assertReadsPastRowSecurity(client, followed)
  await assertDeadlockTimeout(client, mapping)
}

function assertFollowable(table: CatalogTable, tables: readonly CatalogTable[]): void {
  const place = `${table.schema}.${table.name}`
  if (table.isPartition) {
    throw new RefusedError('check.partition', `${place} is a partition.`, {
      hint: 'Name the partitioned table as the source: its triggers reach all partitions.',
    })
  }
  if (table.kind === 'table' && table.children.length > 0) {
    const child = tables.find((c) => table.children.includes(c.oid))
    throw new RefusedError(
      'check.inheritance',
      `${place} has inheritance children (${child ? `${child.schema}.${child.name}` : 'in another schema'}).`,
      {
        hint: "Rows that are written to a child directly don't fire the parent's triggers. Make it a partitioned table, or take the children out (ALTER TABLE … NO INHERIT).",
      },
    )
  }
}

/** PostgreSQL builds no index CONCURRENTLY on a partitioned table, and any other way holds up its writers. */
function assertKeyIndexThere(needed: NeededIndex, table: CatalogTable): void {
  if (table.indexes.some((index) => index.name === needed.name && index.valid)) return
  throw new RefusedError(
    'check.partitioned_index',
    `${table.schema}.${table.name} is partitioned and has no index that finds its rows ${needed.purpose}, and none can be built while it is written to.`,
    {
      hint: `Build it yourself, in a quiet minute or partition by partition: CREATE INDEX ${ident(needed.name)} ON ${ident(table.schema, table.name)} ${keyIndexColumns(needed)}`,
    },
  )
}

async function assertReadsPastRowSecurity(client: pg.ClientBase, followed: readonly CatalogTable[]): Promise<void> {
  const forced = followed.filter((table) => table.forceRowSecurity)
  if (forced.length === 0) return
  const { rows } = await client.query<{ bypass: boolean }>(
    /* sql */ `SELECT rolsuper OR rolbypassrls AS bypass FROM pg_roles WHERE rolname = current_user`,
  )
  if (rows[0]?.bypass) return
  throw new RefusedError(
    'check.force_row_security',
    `${forced.map((t) => `${t.schema}.${t.name}`).join(', ')}: FORCE ROW LEVEL SECURITY hides rows from their own owner, so from sync too.`,
    {
      hint: 'Run Crossfade as a role with BYPASSRLS (ALTER ROLE … BYPASSRLS), which at Supabase "postgres" has.',
    },
  )
}

/** Waits of ours end before the server looks for deadlocks, so that it never picks the application for a cycle that we closed. */
async function assertDeadlockTimeout(client: pg.ClientBase, mapping: Mapping): Promise<void> {
  const { rows } = await client.query<{ ms: number }>(
    /* sql */ `SELECT setting::int AS ms FROM pg_settings WHERE name = 'deadlock_timeout'`,
  )
  const ms = rows[0]?.ms ?? 1000
  if (mapping.budgetMs * 2 <= ms) return
  throw new RefusedError(
    'check.deadlock_timeout',
    `The wait budget of ${mapping.budgetMs} ms is too near to the server's deadlock_timeout of ${ms} ms.`,
    {
      hint: `Set sync.budgetMs to at most ${Math.floor(ms / 2)}, or raise deadlock_timeout.`,
    },
  )
}
