import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { onTestFinished } from 'vitest'
import { type CrossfadeOptions, type CrossfadePool, crossfade } from '../../src/client/pg.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

/** An old table and a compat view of its name that answer differently, so that a read tells its side. */
const SCHEMA = /* sql */ `
create table public.posts (id int primary key, side text not null);
insert into public.posts select n, 'old' from generate_series(1, 5) n;
create schema crossfade_compat;
create view crossfade_compat.posts as select id, 'new'::text as side from public.posts;
create schema crossfade;
create table crossfade.state (state jsonb not null);
insert into crossfade.state values ('{"version": 1, "percent": 0, "tables": ["posts"]}');
create function crossfade.client_state() returns jsonb language sql stable as 'select state from crossfade.state';`

export const READ_SIDE = 'select side from posts where id = 1'

export interface Ramp {
  readonly database: TestDatabase
  /** Without an announcement only what is polled gets to know it. */
  setPercent(percent: number, announce?: boolean, heldBack?: readonly string[]): Promise<void>
  /** The most that is compared on both sides. */
  setShadow(percent: number): Promise<void>
  /** A wrapped pool; ended with the test, before the database is dropped. */
  wrap(options?: CrossfadeOptions, config?: pg.PoolConfig): CrossfadePool<pg.Pool>
  warnings: string[]
}

export async function createRamp({ installed = true } = {}): Promise<Ramp> {
  const database = await createTestDatabase()
  onTestFinished(() => database.drop())
  if (installed) await database.query(SCHEMA)
  else await database.query(SCHEMA.slice(0, SCHEMA.indexOf('create schema')))
  const warnings: string[] = []
  let state: object = { percent: 0, tables: ['posts'] }
  let version = 1
  const change = async (part: object, announce: boolean): Promise<void> => {
    version += 1
    state = { ...state, ...part, version }
    const notify = announce ? ", pg_notify('crossfade', '')" : ''
    await database.query(`with u as (update crossfade.state set state = $1 returning 1) select 1${notify} from u`, [
      JSON.stringify(state),
    ])
  }
  return {
    database,
    warnings,
    setPercent: (percent, announce = true, heldBack = []) => change({ percent, heldBack }, announce),
    setShadow: (shadow) => change({ shadow }, true),
    wrap(options = {}, config = {}) {
      const pool = new pg.Pool({ connectionString: database.url, max: 4, ...config })
      pool.on('error', () => {})
      onTestFinished(async () => {
        if (!pool.ending) await pool.end()
      })
      return crossfade(pool, { warn: (message) => warnings.push(message), ...options })
    },
  }
}

/** Uses the pool until it follows the state; gives the milliseconds that it took. */
export async function waitForPercent(
  pool: CrossfadePool<pg.Pool>,
  percent: number,
  longestMs = 5_000,
): Promise<number> {
  const start = performance.now()
  for (;;) {
    await pool.query('select 1')
    if (pool.crossfade.stats().percent === percent) return performance.now() - start
    if (performance.now() - start > longestMs) throw new Error(`still at ${pool.crossfade.stats().percent} %`)
    await sleep(2)
  }
}

/** Uses the pool until it knows the newest state. */
export async function waitForVersion(pool: CrossfadePool<pg.Pool>, version: number): Promise<void> {
  const start = performance.now()
  while (pool.crossfade.stats().version !== version) {
    if (performance.now() - start > 5_000) throw new Error(`still at version ${pool.crossfade.stats().version}`)
    await pool.query('select 1')
    await sleep(2)
  }
}

export async function readSide(client: pg.Pool | pg.PoolClient): Promise<string> {
  const { rows } = await client.query<{ side: string }>(READ_SIDE)
  return rows[0]?.side ?? 'none'
}

/** mulberry32: the same draws in each run. */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
