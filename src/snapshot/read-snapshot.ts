import type pg from 'pg'
import { type DatabaseDump, dumpDatabase } from '../catalog/dump-database.ts'
import type { Inventory } from '../catalog/inventory/inventory.ts'
import { readInventory } from '../catalog/inventory/read-inventory.ts'
import { readCatalog } from '../catalog/read-catalog.ts'
import { type Dependent, readDependents } from '../catalog/read-dependents.ts'
import { withSearchPath } from '../catalog/search-path.ts'
import type { Catalog } from '../catalog/types.ts'
import { errorCode, SQLSTATE } from '../db/sqlstates.ts'
import { transaction } from '../db/transaction.ts'
import { CrossfadeError, DatabaseError } from '../lib/errors.ts'
import { type Countable, countRows, type RowCount } from './count-rows.ts'
import { hideInInventory, hideInStatement } from './hide-secrets.ts'
import { extensionMembersQuery, type MemberRow, type ServerRow, serverQuery } from './measures.sql.ts'
import { type Measures, readMeasures } from './read-measures.ts'
import { readScope, type SnapshotScope } from './read-scope.ts'
import { type NeedRow, needsQuery, type StrayTriggerRow, strayTriggersQuery, subscriptionsQuery } from './scope.sql.ts'

export interface SnapshotOptions {
  /** Empty for all that are the user's. */
  readonly schemas: readonly string[]
  /** Count the rows of every table. */
  readonly exactCounts?: boolean
  /** Leave in what looks like a secret. Subscriptions and user mappings are never told. */
  readonly showValues?: boolean
  readonly onProgress?: (line: string) => void
}

/** What the database said, at one moment; `buildSnapshot` makes the document of it. */
export interface SnapshotReading {
  readonly server: ServerRow
  readonly scope: SnapshotScope
  readonly catalog: Catalog
  /** As it may be shown. */
  readonly inventory: Inventory
  /** Objects in which something was hidden, as `kind name`. */
  readonly hidden: readonly string[]
  readonly measures: Measures
  readonly dependents: readonly Dependent[]
  /** By oid; empty where it wasn't asked for. */
  readonly counts: ReadonlyMap<number, RowCount>
  readonly needs: readonly NeedRow[]
  readonly strayTriggers: readonly StrayTriggerRow[]
  readonly subscriptions: readonly { readonly name: string; readonly publications: string }[]
  /** Or why there is none. */
  readonly dump: DatabaseDump | CrossfadeError
}

const COUNT_TIMEOUT_MS = 60_000
const SMALL_ROWS = 10_000
const TRIES = 3

/**
 * A session that can't change anything, and waits for nobody for long. Milliseconds. It may be idle while pg_dump works:
 * what it reads hangs on this transaction.
 */
export async function protectSession(client: pg.ClientBase, statementTimeoutMs: number): Promise<void> {
  await client.query(
    /* sql */ `
    select pg_catalog.set_config(s.name, s.value, false)
    from (values ('default_transaction_read_only', 'on'), ('statement_timeout', $1), ('lock_timeout', '3s'),
      ('idle_in_transaction_session_timeout', '15min')) as s(name, value)`,
    [`${statementTimeoutMs}ms`],
  )
}

/**
 * Reads everything in one read-only REPEATABLE READ transaction, and has pg_dump read the same moment at the same time,
 * over a connection of its own to `url`. Takes no lock but ACCESS SHARE. The catalog's own functions look at the catalog
 * as it is now, so a change of the schema meanwhile can fail it: then it is tried again. Throws UsageError for a schema
 * that doesn't exist.
 */
export async function readSnapshot(
  client: pg.ClientBase,
  url: string,
  options: SnapshotOptions,
): Promise<SnapshotReading> {
  for (let left = TRIES - 1; ; left--) {
    try {
      return await transaction(client, (inside) => readInside(inside, url, options), {
        isolation: 'repeatable read',
        readOnly: true,
      })
    } catch (error) {
      if (left === 0 || !MEANWHILE.has(errorCode(error) ?? '')) throw explain(error)
    }
  }
}

function explain(error: unknown): unknown {
  const code = errorCode(error)
  if (code === SQLSTATE.lockNotAvailable)
    return new DatabaseError('locked', 'Somebody holds a table exclusively, so its definition could not be read.', {
      hint: 'Run the same command again when the migration (or VACUUM FULL, or CLUSTER) is done.',
      cause: error,
    })
  if (code !== SQLSTATE.queryCanceled) return error
  return new DatabaseError('timeout', 'The server took too long for one of the queries of its catalog.', {
    hint: 'Give it more time with --timeout, or look at fewer schemas with --schema.',
    cause: error,
  })
}

const MEANWHILE: ReadonlySet<string> = new Set([SQLSTATE.internalError, SQLSTATE.undefinedTable])

async function readInside(client: pg.ClientBase, url: string, options: SnapshotOptions): Promise<SnapshotReading> {
  const scope = await readScope(client, options.schemas)
  const tell = options.onProgress ?? (() => {})
  const snapshot = await readOne<{ id: string }>(client, /* sql */ `select pg_catalog.pg_export_snapshot() as id`)
  const dumping = dump(url, scope, snapshot.id, options)
  // It is awaited below; until then its failure is nobody's.
  dumping.catch(() => {})
  try {
    const server = await readOne<ServerRow>(client, serverQuery)
    const shown = await readInventory(client, scope.schemas)
    const inventory = options.showValues ? shown : hideInInventory(shown)
    tell(`${inventory.length} objects in ${scope.schemas.length} schemas`)
    const catalog = withoutMembers(await readCatalog(client, scope.schemas), await readMembers(client))
    const oids = catalog.tables.map((table) => table.oid)
    const measures = await readMeasures(client, oids)
    const dependents = await readDependents(client, catalog.tables)
    const outside = await readOutside(client, scope, catalog)
    const subscriptions = await client.query<{ name: string; publications: string }>(subscriptionsQuery)
    tell('the definitions, by pg_dump')
    const dumped = await dumping
    const counts = options.exactCounts ? await count(client, catalog, scope, options) : new Map()
    const hidden = inventory.flatMap((object, i) =>
      JSON.stringify(object.facts) === JSON.stringify(shown[i]?.facts) ? [] : [`${object.kind} ${object.name}`],
    )
    return {
      server,
      scope,
      catalog,
      inventory,
      hidden,
      measures,
      dependents,
      counts,
      ...outside,
      subscriptions: subscriptions.rows,
      dump: dumped,
    }
  } finally {
    // The transaction holds the moment that pg_dump reads.
    await dumping
  }
}

/** A server that pg_dump doesn't know, or that refuses it, costs the SQL and nothing else. */
async function dump(
  url: string,
  scope: SnapshotScope,
  snapshot: string,
  options: SnapshotOptions,
): Promise<DatabaseDump | CrossfadeError> {
  const leaveOutSchemas = [...scope.leftOut.map((one) => one.name), ...scope.closedSchemas]
  try {
    return await dumpDatabase(url, {
      leaveOutSchemas,
      leaveOutTables: scope.closedRelations,
      extensionSchemas: scope.extensionSchemas,
      owner: true,
      snapshot,
      hide: options.showValues ? (text) => text : hideInStatement,
    })
  } catch (error) {
    if (error instanceof CrossfadeError) return error
    throw error
  }
}

async function readOutside(
  client: pg.ClientBase,
  scope: SnapshotScope,
  catalog: Catalog,
): Promise<Pick<SnapshotReading, 'needs' | 'strayTriggers'>> {
  const outside = [...scope.leftOut.map((one) => one.name), ...scope.closedSchemas]
  const inside = scope.schemas.filter((name) => !scope.closedSchemas.includes(name))
  const closed = new Set(scope.closedTables.map(({ schema, name }) => JSON.stringify([schema, name])))
  const closedOids = catalog.tables.filter((one) => closed.has(JSON.stringify([one.schema, one.name])))
  return await withSearchPath(client, 'pg_catalog', async () => {
    const needs = await client.query<NeedRow>(needsQuery, [inside, outside, closedOids.map((table) => table.oid)])
    const stray = await client.query<StrayTriggerRow>(strayTriggersQuery, [inside, outside])
    return { needs: needs.rows, strayTriggers: stray.rows }
  })
}

async function count(
  client: pg.ClientBase,
  { tables }: Catalog,
  scope: SnapshotScope,
  { onProgress }: SnapshotOptions,
): Promise<ReadonlyMap<number, RowCount>> {
  const closed = new Set(scope.closedTables.map(({ schema, name }) => JSON.stringify([schema, name])))
  const small = new Set(
    tables.filter((table) => (table.estimatedRows ?? SMALL_ROWS) < SMALL_ROWS).map(({ oid }) => oid),
  )
  const asked = tables.filter(
    (table) =>
      (table.kind === 'table' || table.kind === 'partitioned table') &&
      !closed.has(JSON.stringify([table.schema, table.name])) &&
      !scope.closedSchemas.includes(table.schema),
  )
  return await countRows(client, asked, ({ oid }) => small.has(oid), {
    timeoutMs: COUNT_TIMEOUT_MS,
    onTable: (table: Countable, at) =>
      onProgress?.(`counting ${table.schema}.${table.name}, ${at} of ${asked.length} tables`),
  })
}

async function readMembers(client: pg.ClientBase): Promise<ReadonlySet<number>> {
  const { rows } = await client.query<MemberRow>(extensionMembersQuery)
  return new Set(rows.map((row) => row.oid))
}

/** What an extension brings is the extension's, and temporary tables are a session's. */
function withoutMembers(catalog: Catalog, members: ReadonlySet<number>): Catalog {
  return { ...catalog, tables: catalog.tables.filter((table) => !members.has(table.oid)) }
}

async function readOne<Row extends pg.QueryResultRow>(client: pg.ClientBase, query: string): Promise<Row> {
  const { rows } = await client.query<Row>(query)
  const [row] = rows
  if (row === undefined) throw new Error('the server did not answer')
  return row
}
