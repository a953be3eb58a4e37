import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { CrossfadeOptions, CrossfadePool, ShadowOptions } from '../../../src/client/pg.ts'
import { createRamp, type Ramp, READ_SIDE, readSide, waitForVersion } from '../ramp-fixture.ts'

const SAME = 'select id from posts where id < 3'

type Shadowed = Ramp & { readonly pool: CrossfadePool<pg.Pool> }

/** A pool of which every read is compared, once on each side. */
async function createShadowed(
  shadow: ShadowOptions = {},
  { percent = 0, ...options }: Omit<CrossfadeOptions, 'percent'> & { percent?: number } = {},
  config: pg.PoolConfig = {},
): Promise<Shadowed> {
  const ramp = await createRamp()
  await ramp.setPercent(percent)
  await ramp.setShadow(100)
  const pool = ramp.wrap({ shadow: { sample: 1, againAfterMs: 20, timeoutMs: 20_000, ...shadow }, ...options }, config)
  await waitForVersion(pool, 3)
  return { ...ramp, pool }
}

const stats = (pool: Shadowed['pool']) => pool.crossfade.stats().shadow

const replaceView = (body: string): string =>
  `drop view crossfade_compat.posts; create view crossfade_compat.posts as ${body}`

describe('what is compared', () => {
  test.each([0, 100])('reads at %i %%, and what differs counts at the second look', async (percent) => {
    const { pool } = await createShadowed({}, { percent })
    await pool.query(SAME)
    expect((await pool.query('select id, side from posts where id = $1', [1])).rows).toEqual([
      { id: 1, side: percent === 0 ? 'old' : 'new' },
    ])
    await expect.poll(() => stats(pool)).toMatchObject({ compared: 2, same: 1, different: 1, unlike: 0 })
    expect(pool.crossfade.mismatches()).toEqual([
      {
        fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
        statement: 'select id, side from posts where id = ?',
        tables: ['posts'],
        ...{ kind: 'values', column: 'side', noise: false, seen: 1 },
        example: '3 characters, then 3 characters',
      },
    ])
  })

  test('only as much as the control state allows, and as the sample says', async () => {
    const { pool, setShadow } = await createShadowed({ queue: 1_000 })
    await setShadow(0)
    await waitForVersion(pool, 4)
    for (let i = 0; i < 20; i += 1) await pool.query(SAME)
    await setShadow(1)
    await waitForVersion(pool, 5)
    for (let i = 0; i < 200; i += 1) await pool.query(SAME)
    await setShadow(100)
    await waitForVersion(pool, 6)
    await pool.query(READ_SIDE)
    // They are looked at one after the other.
    await expect.poll(() => stats(pool)?.different).toBe(1)
    expect(stats(pool)?.compared).toBeLessThan(50)

    for (const sample of [0, Number.NaN]) {
      const none = await createShadowed({ sample })
      for (let i = 0; i < 20; i += 1) await none.pool.query(SAME)
      await sleep(50)
      expect(stats(none.pool)).toMatchObject({ compared: 0, shed: 0 })
    }
  })

  test('what can’t be compared is left out, with the reason', async () => {
    const { pool } = await createShadowed({ maxRows: 4 })
    await pool.query('select id from posts limit 1')
    await pool.query('select id from posts')
    await pool.query('select id from posts order by id, side limit 5')
    await expect.poll(() => stats(pool)?.leftOut).toEqual({ 'LIMIT without ORDER BY': 1, 'more than 4 rows': 2 })
    expect(stats(pool)?.compared).toBe(0)
  })

  test('names that mean another table on the search path are left out', async () => {
    const { pool, database } = await createShadowed({}, {}, { options: '-c search_path=tenant,public' })
    await database.query(`create schema tenant; create table tenant.posts (id int)`)
    await pool.query('select id from posts')
    await expect.poll(() => stats(pool)?.leftOut).toEqual({ 'other tables': 1 })
  })

  test('columns that may differ, and what of a value is compared', async () => {
    const ignoring = await createShadowed({ ignoreColumns: ['side'] })
    await ignoring.pool.query('select id, side from posts')
    await expect.poll(() => stats(ignoring.pool)).toMatchObject({ compared: 1, same: 1 })
    const lengths = await createShadowed({ compareBy: { side: (value) => String(value.length) } })
    await lengths.pool.query('select id, side from posts')
    await expect.poll(() => stats(lengths.pool)).toMatchObject({ compared: 1, same: 1 })
  })

  test('a compareBy that throws stops nothing', async () => {
    const { pool, warnings } = await createShadowed({
      compareBy: {
        side() {
          throw new Error('no such side')
        },
      },
    })
    for (let i = 0; i < 2; i += 1) await pool.query(READ_SIDE)
    await expect.poll(() => stats(pool)?.leftOut).toEqual({ 'a fault': 2 })
    expect(warnings).toEqual([expect.stringContaining('no such side')])
  })

  test('old against old shows what differs by itself', async () => {
    const { pool, database } = await createShadowed({ against: 'old' })
    await pool.query('select id, side from posts')
    await expect.poll(() => stats(pool)).toMatchObject({ compared: 1, same: 1 })
    await database.query(
      `alter table posts rename to stored; create view posts as select id, random()::text as side from stored`,
    )
    await pool.query('select id, side from posts')
    await expect.poll(() => stats(pool)).toMatchObject({ compared: 2, different: 1 })
    expect(pool.crossfade.mismatches()).toMatchObject([{ kind: 'values', column: 'side', noise: true }])
  })

  test('values only where they are asked for', async () => {
    const { pool } = await createShadowed({ showValues: true })
    await pool.query(READ_SIDE)
    await expect.poll(() => pool.crossfade.mismatches()).toMatchObject([{ example: '"old", then "new"' }])
  })
})

describe('a write between the two', () => {
  /** Both sides always hold the same, and never for long. */
  const TWO_TABLES = `create table new_posts as select * from posts;
    ${replaceView('select * from new_posts')};`

  test('is none, since both are asked in one snapshot', async () => {
    const { pool, database } = await createShadowed({ connections: 4, queue: 1_000, againAfterMs: 60_000 })
    await database.query(TWO_TABLES)
    let writing = true
    const writer = (async () => {
      for (let n = 0; writing; n += 1) {
        await database.query(
          `with old as (update posts set side = '${n}' where id < 4) update new_posts set side = '${n}' where id < 4`,
        )
      }
    })()
    for (let i = 0; i < 300; i += 1) await pool.query('select id, side from posts where id < 4')
    await expect.poll(() => stats(pool)?.compared, { timeout: 60_000 }).toBe(300)
    writing = false
    await writer
    expect(stats(pool)).toMatchObject({ same: 300 })
  })

  test('that reaches the new side late is settled at the second look', async () => {
    const { pool, database } = await createShadowed({ againAfterMs: 1_500 })
    await database.query(`${TWO_TABLES} update posts set side = 'late'`)
    await pool.query(READ_SIDE)
    await expect.poll(() => pool.crossfade.metricsText()).toContain('side="new",shadow="true"')
    await database.query(`update new_posts set side = 'late'`)
    await expect.poll(() => stats(pool)).toMatchObject({ compared: 1, settled: 1, different: 0 })
    expect(pool.crossfade.mismatches()).toEqual([])
  })
})

describe('nobody waits for it, and nobody gets its errors', () => {
  test('a new side that refuses is a mismatch', async () => {
    const { pool, database } = await createShadowed()
    await database.query(replaceView('select 1 as id'))
    expect(await readSide(pool)).toBe('old')
    await expect
      .poll(() => pool.crossfade.mismatches())
      .toMatchObject([{ kind: 'error', column: '42703', example: expect.stringContaining('"side"') }])
    // The transaction goes on behind it.
    await pool.query('select id from posts where id = 1')
    await expect.poll(() => stats(pool)).toMatchObject({ compared: 2, same: 1, different: 1 })
  })

  test('what the old side refuses is the caller’s own mistake', async () => {
    const { pool } = await createShadowed()
    await expect(pool.query('select wrong from posts')).rejects.toMatchObject({ code: '42703' })
    await pool.query(SAME)
    await expect.poll(() => stats(pool)?.compared).toBe(1)
    expect(stats(pool)?.leftOut).toEqual({})
    expect(pool.crossfade.mismatches()).toEqual([])
  })

  test('a new side that hangs takes neither the pool’s clients nor more than its time, and what it can’t take is shed', async () => {
    const { pool, database } = await createShadowed({ timeoutMs: 400, queue: 2 }, {}, { max: 1 })
    await database.query(replaceView(`select id, 'new' || pg_sleep(9)::text as side from public.posts`))
    const start = performance.now()
    for (let i = 0; i < 20; i += 1) expect(await readSide(pool)).toBe('old')
    expect(performance.now() - start).toBeLessThan(400)
    await expect.poll(() => stats(pool), { timeout: 5_000 }).toMatchObject({ timedOut: 3, shed: 17, compared: 0 })
  })

  test('a table that somebody locks is not waited for', async () => {
    const { pool, database } = await createShadowed({ timeoutMs: 30_000 })
    await pool.query(SAME)
    await expect.poll(() => stats(pool)?.compared).toBe(1)
    await database.query(`create table new_posts as select * from posts; ${replaceView('select * from new_posts')}`)
    const holder = await database.pool.connect()
    await holder.query('begin; lock table new_posts')
    expect(await readSide(pool)).toBe('old')
    await expect.poll(() => stats(pool)?.timedOut).toBe(1)
    await holder.query('rollback')
    holder.release()
  })

  test('a server that can’t be reached is left alone for a while, with one warning', async () => {
    const { pool, warnings } = await createShadowed({
      pool: new pg.Pool({ host: '127.0.0.1', port: 1, connectionTimeoutMillis: 500 }),
    })
    for (let i = 0; i < 3; i += 1) {
      expect(await readSide(pool)).toBe('old')
      await expect.poll(() => stats(pool)?.failed).toBe(i + 1)
    }
    expect(warnings).toEqual(['shadow reads pause for a while: ECONNREFUSED'])
  })

  test('callbacks get their answer, and what they throw is uncaught, as without us', async () => {
    const { pool } = await createShadowed()
    const rows = await new Promise((resolve, reject) => {
      pool.query(READ_SIDE, (error, result) => (error ? reject(error) : resolve(result.rows)))
    })
    expect(rows).toEqual([{ side: 'old' }])
    const failure = await new Promise((resolve) => pool.query('select wrong from posts', [], (error) => resolve(error)))
    expect(failure).toMatchObject({ code: '42703' })
    await expect.poll(() => stats(pool)?.compared).toBe(1)
  })

  test('an answer that nobody handles stays an unhandled rejection', async () => {
    const { pool } = await createShadowed()
    const others = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    onTestFinished(() => {
      for (const listener of others) process.on('unhandledRejection', listener)
    })
    const unhandled = once(process, 'unhandledRejection')
    void pool.query('select wrong from posts')
    expect((await unhandled)[0]).toMatchObject({ code: '42703' })
  })
})

describe('whose session it is', () => {
  /** Row security shows the role two of five rows, on both sides. */
  async function createRole(ramp: Ramp): Promise<string> {
    const role = `shadow_${ramp.database.name}`
    await ramp.database.query(`create role ${role}; grant usage on schema crossfade, crossfade_compat to ${role};
      grant select on posts, crossfade.state to ${role}; create table new_posts as select * from posts;
      drop view crossfade_compat.posts;
      create view crossfade_compat.posts with (security_invoker) as select * from new_posts;
      grant select on new_posts, crossfade_compat.posts to ${role};
      alter table posts enable row level security; create policy two on posts using (id < 3);
      alter table new_posts enable row level security; create policy three on new_posts using (id < 4);`)
    onTestFinished(() => ramp.database.query(`drop owned by ${role}; drop role ${role}`).then(() => {}))
    return role
  }

  test('one of the pool’s own role: what it may not see is not compared', async () => {
    const ramp = await createRamp()
    const role = await createRole(ramp)
    await ramp.setShadow(100)
    const pool = ramp.wrap({ shadow: { sample: 1, againAfterMs: 20 } }, { options: `-c role=${role}` })
    await waitForVersion(pool, 2)
    await pool.query('select id from posts')
    await expect.poll(() => stats(pool)).toMatchObject({ compared: 1, different: 1, unlike: 0 })
    expect(pool.crossfade.mismatches()).toMatchObject([
      { kind: 'rows', example: expect.stringMatching(/^2 rows, then 3;/) },
    ])
    await pool.end()
  })

  test('a role that the application takes by itself is told by other numbers of rows, and a pool of its own takes it, too', async () => {
    const ramp = await createRamp()
    const role = await createRole(ramp)
    await ramp.setShadow(100)
    const own = new pg.Pool({ connectionString: ramp.database.url })
    own.on('connect', (client) => void client.query(`set role ${role}`))
    for (const [shadow, expected] of [
      [{}, { same: 1, unlike: 1 }],
      [{ pool: own }, { different: 1, unlike: 0 }],
    ] as const) {
      const pool = ramp.wrap({ shadow: { sample: 1, againAfterMs: 20, ...shadow } })
      pool.on('connect', (client) => void client.query(`set role ${role}`))
      await waitForVersion(pool, 2)
      expect((await pool.query('select id from posts')).rows).toHaveLength(2)
      await expect.poll(() => stats(pool)).toMatchObject({ compared: 1, ...expected })
      await pool.end()
    }
    await own.end()
  })
})

describe('its connection', () => {
  const SESSIONS = `select count(*)::int as n from pg_stat_activity where datname = $1 and application_name = 'crossfade shadow reads'`

  test('ends with the pool, also while it is at work', async () => {
    const { pool, database } = await createShadowed({ timeoutMs: 3_000 })
    await database.query(replaceView(`select id, 'new' || pg_sleep(9)::text as side from public.posts`))
    await readSide(pool)
    await expect.poll(() => database.query(SESSIONS, [database.name])).toEqual([{ n: 1 }])
    const start = performance.now()
    await pool.end()
    expect(performance.now() - start).toBeLessThan(1_500)
    // The server notices when the statement has ended.
    await expect.poll(() => database.query(SESSIONS, [database.name]), { timeout: 6_000 }).toEqual([{ n: 0 }])
    expect(stats(pool)).toMatchObject({ failed: 0 })
  })

  test('that the server ends is made anew', async () => {
    const { pool, database } = await createShadowed()
    await pool.query(SAME)
    await expect.poll(() => stats(pool)?.compared).toBe(1)
    await database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'crossfade shadow reads' and datname = $1`,
      [database.name],
    )
    await sleep(50)
    await pool.query(SAME)
    await expect.poll(() => stats(pool)).toMatchObject({ compared: 2, failed: 0 })
  })

  test('behind a pooler that shares connections it holds one for a transaction', async () => {
    const { pool } = await createShadowed({}, { pooler: 'transaction' })
    await pool.query(READ_SIDE)
    await expect.poll(() => stats(pool)).toMatchObject({ compared: 1, different: 1 })
  })
})
