import pg from 'pg'
import { setSyncMode } from '../../src/lifecycle/sync-mode.ts'
import {
  type AppendTable,
  type CrossfadeConfig,
  type MergeSpec,
  type MergeTable,
  merge,
  type SyncMode,
} from '../../src/spec/config.ts'
import type { Mapping, TargetMapping } from '../../src/spec/mapping.ts'
import { backfillChunk, keylessStatements } from '../../src/sqlgen/backfill.ts'
import { compareRange } from '../../src/sqlgen/compare.ts'
import { closedTrigger, drainFunction, relation } from '../../src/sqlgen/names.ts'
import { reverseTriggerStatements } from '../../src/sqlgen/reverse.ts'
import type { TestDatabase } from '../support/database.ts'
import { createFixture } from '../support/fixture.ts'

/** The sync engine alone, on a database of its own: generated SQL and control schema, none of the commands. */
export interface Engine {
  readonly db: TestDatabase
  readonly mapping: Mapping
  /** A session of its own, ended with the engine. `settings` run first, as the application's would. */
  connect(settings?: string): Promise<pg.Client>
  /** Applies the outbox until nothing is left in it; throws where it doesn't get empty. */
  drain(): Promise<void>
  /** Applies what is due in every table, once. Returns how many keys it dealt with. */
  drainOnce(): Promise<number>
  /** Every difference between the two sides. */
  differences(): Promise<unknown[]>
  outbox(): Promise<{ key: string[]; sqlstate: string | null; message: string | null }[]>
  journal(): Promise<{ key: string[] | null; old_key: string[] | null; sqlstate: string; reason: string }[]>
  /** Opens the new tables for native writes. */
  open(): Promise<void>
  /** As the command does it, for all new tables. */
  switchMode(mode: SyncMode): Promise<void>
}

export interface EngineOptions {
  readonly oldSql: string
  readonly newSql: string
  readonly tables: { readonly [name: string]: MergeSpec | MergeTable | AppendTable }
  readonly sync?: CrossfadeConfig['sync']
  readonly open?: boolean
}

export async function withEngine(options: EngineOptions, run: (engine: Engine) => Promise<void>): Promise<void> {
  const tables = Object.fromEntries(
    Object.entries(options.tables).map(([name, spec]) => [name, 'kind' in spec ? spec : merge(spec)]),
  )
  const fixture = await createFixture({ ...options, tables })
  const { client, db, mapping } = fixture
  for (const t of mapping.targets) await backfill(client, t)

  const sessions: pg.Client[] = []
  const engine: Engine = {
    db,
    mapping,
    async connect(settings) {
      const session = new pg.Client({ connectionString: db.url })
      session.on('error', () => {})
      await session.connect()
      sessions.push(session)
      if (settings) await session.query(settings)
      return session
    },
    async drain() {
      for (const until = Date.now() + 8_000; ; ) {
        await client.query(`update crossfade.outbox set not_before = '-infinity'`)
        await engine.drainOnce()
        const left = await engine.outbox()
        if (left.length === 0) return
        if (Date.now() > until) throw new Error(`the outbox stays: ${JSON.stringify(left.slice(0, 5))}`)
      }
    },
    async drainOnce() {
      let done = 0
      for (const t of mapping.targets) {
        const { rows } = await client.query(`select ${drainFunction(t)}(1000) as done`)
        done += Number(rows[0].done)
      }
      return done
    },
    async differences() {
      const found = []
      for (const t of mapping.targets) {
        const { rows } = await client.query(compareRange(t, { after: false, upTo: false }, true).text)
        found.push(...rows[0].differences)
        if (rows[0].waiting > 0) found.push({ waiting: rows[0].waiting })
      }
      return found
    },
    outbox: async () => (await client.query('select * from crossfade.outbox order by id')).rows,
    journal: async () => (await client.query('select * from crossfade.journal order by id')).rows,
    async switchMode(mode) {
      const session = await engine.connect()
      await session.query(
        `update crossfade.migration set stage = 'sync', mapping = coalesce(mapping, $1::jsonb), native_open = $2`,
        [JSON.stringify(mapping), options.open ?? false],
      )
      const tables = [...new Set(mapping.targets.map((t) => t.relation.name))]
      await setSyncMode(session, fixture.work, tables, mode)
    },
    async open() {
      for (const t of mapping.targets) {
        await client.query(`drop trigger if exists ${closedTrigger} on ${relation(t.relation)}`)
        for (const { sql } of reverseTriggerStatements(mapping, t)) await client.query(sql.text)
      }
    },
  }
  try {
    if (options.open) await engine.open()
    await run(engine)
  } finally {
    await Promise.all(sessions.map((session) => session.end()))
  }
}

async function backfill(client: pg.Client, t: TargetMapping): Promise<void> {
  await client.query('begin')
  await client.query(`select set_config('crossfade.guard', crossfade.guard_for(${t.number}, '*'), true)`)
  await client.query(backfillChunk(t, { after: false, upTo: false }, 'alone').text)
  for (const s of t.sources) for (const text of keylessStatements(t, s)) await client.query(text.text)
  await client.query('commit')
}
