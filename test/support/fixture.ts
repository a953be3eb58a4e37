import type pg from 'pg'
import { onTestFinished } from 'vitest'
import { readCatalog } from '../../src/catalog/read-catalog.ts'
import type { CatalogTable } from '../../src/catalog/types.ts'
import { installControl } from '../../src/control/install.ts'
import type { Work } from '../../src/control/work.ts'
import { connect } from '../../src/db/connect.ts'
import { createLogger, type Logger } from '../../src/lib/log.ts'
import type { CrossfadeConfig } from '../../src/spec/config.ts'
import { loadParser } from '../../src/spec/expression.ts'
import { takeForeignKeys } from '../../src/spec/foreign-keys.ts'
import type { Mapping, Relation, TargetMapping } from '../../src/spec/mapping.ts'
import { resolveMapping } from '../../src/spec/resolve.ts'
import { planBuild, planKeyIndexes, planSync } from '../../src/sqlgen/plan.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'

export interface FixtureInput {
  /** DDL of the old tables, in `public`. */
  readonly oldSql: string
  /** DDL of the new tables with unqualified names. */
  readonly newSql: string
  readonly tables: CrossfadeConfig['tables']
  /** Runs before sync is there: rows that only a backfill can bring over. */
  readonly dataSql?: string
  readonly sync?: CrossfadeConfig['sync']
}

export interface Fixture {
  readonly db: TestDatabase
  readonly mapping: Mapping
  /** The first new table. */
  readonly target: TargetMapping
  readonly work: Work
  /** Stops `work`, as Ctrl-C does. */
  readonly stop: AbortController
  /** What `work` has logged, line by line. */
  readonly lines: string[]
  /** The application's connection, with a search path of `public`. */
  readonly client: pg.Client
  /** Rows of one statement of the application. */
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>
  /** One statement that writes the new table behind sync's back, under a valid guard. */
  plant(text: string): Promise<void>
  /** The outbox and the journal, for expectations. */
  outbox(): Promise<string[][]>
  journal(): Promise<{ key: string[] | null; sqlstate: string; reason: string }[]>
}

/**
 * A database in which old and new tables stand side by side and sync is on, but no old row has been backfilled.
 * Everything is closed, and the database dropped, when the test has finished.
 */
export async function createFixture(input: FixtureInput): Promise<Fixture> {
  await loadParser()
  const db = await createTestDatabase()
  const work = await connect(db.url, { applicationName: 'test' })
  const client = await db.pool.connect()
  onTestFinished(async () => {
    client.release(true)
    await work.close()
    await db.drop()
  })
  const mapping = await buildBothSides(client, input)
  const target = mapping.targets[0]
  if (!target) throw new Error('the mapping has no table')
  const stop = new AbortController()
  const lines: string[] = []
  const query = async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> =>
    (await client.query<Row>(text, values)).rows
  return {
    db,
    mapping,
    target,
    work: { db: work, mapping, log: keepLines(lines), signal: stop.signal },
    stop,
    lines,
    client: client as unknown as pg.Client,
    query,
    async plant(text) {
      await client.query('begin')
      await client.query(`select set_config('crossfade.guard', crossfade.guard_for(${target.number}, '*'), true)`)
      await client.query(text)
      await client.query('commit')
    },
    outbox: async () =>
      (await query<{ key: string[] }>('select key from crossfade.outbox order by id')).map((r) => r.key),
    journal: () => query('select key, sqlstate, reason from crossfade.journal order by key, old_key'),
  }
}

async function buildBothSides(client: pg.PoolClient, input: FixtureInput): Promise<Mapping> {
  await client.query(input.oldSql)
  if (input.dataSql) await client.query(input.dataSql)
  const ddl = takeForeignKeys(input.newSql, 'new_schema')
  await client.query('create schema new_schema; set search_path = new_schema, public')
  for (const { text } of ddl.statements) await client.query(text)
  await client.query('reset search_path')
  await client.query('begin')
  await installControl(client)
  await client.query('commit')
  const catalog = await readCatalog(client, ['public', 'new_schema'])
  const config = { schema: 'new.sql', tables: input.tables, ...(input.sync ? { sync: input.sync } : {}) }
  const mapping = resolveMapping(config, catalog, ddl.foreignKeys)
  const sources = (r: Relation): CatalogTable | undefined =>
    catalog.tables.find((c) => c.name === r.name && c.schema === r.schema)
  for (const statement of [...planKeyIndexes(mapping), ...planBuild(mapping, sources), ...planSync(mapping)]) {
    await client.query(statement.sql.text)
  }
  return mapping
}

function keepLines(lines: string[]): Logger {
  return createLogger({ stream: { write: (text: string) => lines.push(...text.trimEnd().split('\n')) } })
}
