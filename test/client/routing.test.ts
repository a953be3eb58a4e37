import { once } from 'node:events'
import pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { crossfade } from '../../src/client/pg.ts'
import { createRamp, READ_SIDE, readSide, seededRandom, waitForPercent } from './ramp-fixture.ts'

async function createRoutedPool(config: pg.PoolConfig = {}, options: Parameters<typeof crossfade>[1] = {}) {
  const ramp = await createRamp()
  await ramp.setPercent(100)
  const pool = ramp.wrap(options, config)
  await waitForPercent(pool, 100)
  return { ...ramp, pool }
}

const PATH = "select current_setting('search_path') as path"

describe('the share', () => {
  test.each([0, 1, 50, 100])('%i %', async (percent) => {
    const ramp = await createRamp()
    await ramp.setPercent(percent)
    const pool = ramp.wrap({ random: seededRandom(percent) })
    await waitForPercent(pool, percent)
    await expect.poll(() => pool.crossfade.stats().version).toBe(2)

    const reads = 1_000
    let fromNew = 0
    for (let i = 0; i < reads; i += 1) if ((await readSide(pool)) === 'new') fromNew += 1
    // Four standard deviations of the binomial distribution; none at 0 and 100.
    const p = percent / 100
    expect(Math.abs(fromNew - reads * p)).toBeLessThanOrEqual(4 * Math.sqrt(reads * p * (1 - p)))
    expect(pool.crossfade.stats()).toMatchObject({ readsNew: fromNew, readsOld: reads - fromNew, fallbacks: 0 })
  })

  test('the environment only lowers it', async () => {
    const { pool, warnings } = await createRoutedPool()
    onTestFinished(() => {
      delete process.env.READ_FROM_NEW
      delete process.env.READ_FROM_NEW_PERCENTAGE
    })
    const percentWith = (environment: Record<string, string>) => {
      delete process.env.READ_FROM_NEW
      delete process.env.READ_FROM_NEW_PERCENTAGE
      Object.assign(process.env, environment)
      return pool.crossfade.stats().percent
    }
    expect(percentWith({ READ_FROM_NEW: 'false', READ_FROM_NEW_PERCENTAGE: '50' })).toBe(0)
    expect(await readSide(pool)).toBe('old')
    for (const off of ['0', 'off', 'NO', ' False ']) expect(percentWith({ READ_FROM_NEW: off })).toBe(0)
    expect(percentWith({ READ_FROM_NEW: 'true', READ_FROM_NEW_PERCENTAGE: '25' })).toBe(25)
    expect(percentWith({ READ_FROM_NEW_PERCENTAGE: '-1' })).toBe(0)
    expect(percentWith({ READ_FROM_NEW_PERCENTAGE: '400', DUAL_WRITE_ENABLED: 'false' })).toBe(100)
    expect(warnings).toEqual([])
    for (let i = 0; i < 2; i += 1) expect(percentWith({ READ_FROM_NEW_PERCENTAGE: '25%' })).toBe(100)
    expect(warnings).toHaveLength(1)
  })
})

describe('who reads from which side', () => {
  const READ = 'select side from posts where id = $1'

  test('one key has one side, and those that read from the new one stay there as the share grows', async () => {
    const seen: unknown[] = []
    const ramp = await createRamp()
    await ramp.setPercent(30)
    const pool = ramp.wrap({
      random: () => 0.999,
      sticky({ text, values, tables }) {
        seen.push([text, tables])
        return values[1] === undefined ? undefined : String(values[1])
      },
    })
    const sidesAt = async (percent: number): Promise<string[]> => {
      await waitForPercent(pool, percent)
      const sides = []
      for (let user = 0; user < 200; user += 1) {
        const { rows } = await pool.query('select side from posts where id = $1 and $2::int is not null', [1, user])
        sides.push(rows[0].side)
      }
      return sides
    }
    const [few, again] = [await sidesAt(30), await sidesAt(30)]
    expect(again).toEqual(few)
    const first = few.filter((side) => side === 'new').length
    expect(first).toBeGreaterThan(30)
    expect(first).toBeLessThan(90)
    await ramp.setPercent(60)
    const more = await sidesAt(60)
    expect(more.filter((side) => side === 'new').length).toBeGreaterThan(first)
    expect(few.filter((side, user) => side === 'new' && more[user] === 'old')).toEqual([])
    expect(seen[0]).toEqual(['select side from posts where id = $1 and $2::int is not null', ['posts']])
    // Without a key it is drawn.
    expect((await pool.query(READ, [1])).rows).toEqual([{ side: 'old' }])
  })

  test('a sticky that throws is told once, and the side is drawn', async () => {
    const { pool, warnings } = await createRoutedPool(
      {},
      {
        sticky: () => {
          throw new Error('no user')
        },
      },
    )
    for (let i = 0; i < 2; i += 1) expect(await readSide(pool)).toBe('new')
    expect(warnings).toEqual([expect.stringMatching(/sticky threw.*no user/)])
  })

  test('the share of a table can be lowered, whatever it is called', async () => {
    const { pool } = await createRoutedPool({}, { tables: { posts: 0, constructor: 100 } })
    expect(await readSide(pool)).toBe('old')
    expect(pool.crossfade.stats()).toMatchObject({ percent: 100, readsOld: 1, readsNew: 0 })
  })
})

describe('the search path', () => {
  test('of a client that is handed out is its own', async () => {
    const { pool } = await createRoutedPool({ max: 1 })
    const { rows } = await pool.query(PATH)
    for (let i = 0; i < 3; i += 1) {
      expect(await readSide(pool)).toBe('new')
      const client = await pool.connect()
      expect((await client.query(PATH)).rows).toEqual(rows)
      expect(await readSide(client)).toBe('old')
      client.release()
      expect(await readSide(pool)).toBe('new')
      await new Promise<void>((resolve, reject) => {
        pool.connect((error, client, done) => {
          if (error || !client) return reject(error)
          readSide(client)
            .then((side) => expect(side).toBe('old'))
            .then(resolve, reject)
            .finally(done)
        })
      })
      expect(await readSide(pool)).toBe('new')
      expect((await pool.query(PATH)).rows).toEqual(rows)
    }
  })

  test('is set only when a client changes sides', async () => {
    const { pool } = await createRoutedPool({ max: 1 })
    let sent = 0
    const client = await pool.connect()
    const query = client.query
    client.query = ((...args: Parameters<typeof query>) => {
      sent += 1
      return query.apply(client, args)
    }) as typeof query
    client.release()
    for (let i = 0; i < 10; i += 1) await readSide(pool)
    // The reads, one switch, and what is polled meanwhile.
    expect(sent).toBeLessThan(14)
  })

  test('that the application set itself is kept', async () => {
    const { pool, database } = await createRoutedPool({ max: 1 })
    await database.query('create schema app')
    await readSide(pool)
    const client = await pool.connect()
    await client.query('set search_path = app, public')
    client.release()
    expect(await readSide(pool)).toBe('new')
    expect((await pool.query(PATH)).rows).toEqual([{ path: 'app, public' }])
    await pool.query("set search_path = ''")
    await expect(pool.query(READ_SIDE)).rejects.toMatchObject({ code: '42P01' })
  })

  test('under which a name means a table of another schema is not routed', async () => {
    const { pool, database, warnings } = await createRoutedPool({ max: 1, options: '-c search_path=tenant,public' })
    await database.query("create schema tenant; create table tenant.posts as select 1 as id, 'tenant' as side")
    expect(await readSide(pool)).toBe('tenant')
    expect(await readSide(pool)).toBe('tenant')
    expect(warnings).toHaveLength(1)
    await database.query('drop schema tenant cascade')
    expect(await readSide(pool)).toBe('new')
  })
})

describe('what is not routed', () => {
  test('transactions, writes, locks, qualified names', async () => {
    const { pool } = await createRoutedPool()
    const client = await pool.connect()
    await client.query('begin')
    await client.query("update posts set side = 'mine' where id = 1")
    expect(await readSide(client)).toBe('mine')
    await client.query('rollback')
    client.release()
    expect((await pool.query('select side from public.posts where id = 1')).rows).toEqual([{ side: 'old' }])
    expect((await pool.query(`${READ_SIDE} for update`)).rows).toEqual([{ side: 'old' }])
    expect((await pool.query("update posts set side = 'x' where id = 1 returning side")).rows).toEqual([{ side: 'x' }])
    expect(pool.crossfade.stats()).toMatchObject({ readsNew: 0, readsOld: 0 })
  })

  test('a client that was left in a transaction', async () => {
    const { pool } = await createRoutedPool({ max: 1 })
    await readSide(pool)
    await pool.query('begin')
    expect(await readSide(pool)).toBe('old')
    await pool.query('rollback')
    expect(await readSide(pool)).toBe('new')
  })

  test('an object that submits itself', async () => {
    const { pool } = await createRoutedPool({ max: 1 })
    await readSide(pool)
    const rows: unknown[] = []
    const query = new pg.Query(READ_SIDE)
    query.on('row', (row) => rows.push(row))
    const ended = once(query, 'end')
    pool.query(query)
    await ended
    expect(rows).toEqual([{ side: 'old' }])
  })
})

describe('every way to call', () => {
  test('query: promise, callback, config, values, row mode', async () => {
    const { pool } = await createRoutedPool()
    const byId = 'select side from posts where id = $1'
    expect((await pool.query(byId, [1])).rows).toEqual([{ side: 'new' }])
    expect((await pool.query({ text: byId, values: [1] })).rows).toEqual([{ side: 'new' }])
    expect((await pool.query({ text: byId, rowMode: 'array' }, [1])).rows).toEqual([['new']])
    class Tagged {
      get text() {
        return byId
      }
      get values() {
        return [1]
      }
    }
    expect((await pool.query(new Tagged())).rows).toEqual([{ side: 'new' }])
    const called = (call: (callback: (error: Error, result: pg.QueryResult) => void) => unknown) =>
      new Promise((resolve, reject) => {
        const returned = call((error, result) => (error ? reject(error) : resolve(result.rows)))
        expect(returned).toBeUndefined()
      })
    expect(await called((callback) => pool.query(READ_SIDE, callback))).toEqual([{ side: 'new' }])
    expect(await called((callback) => pool.query(byId, [1], callback))).toEqual([{ side: 'new' }])
    expect(await called((callback) => pool.query({ text: byId, values: [1] }, callback))).toEqual([{ side: 'new' }])
    await expect(called((callback) => pool.query('select wrong from posts', callback))).rejects.toThrow('wrong')
    await expect(called((callback) => pool.query('wrong', callback))).rejects.toThrow('wrong')
    expect(pool.crossfade.stats().readsNew).toBe(7)
  })

  test('named statements, on one connection, across sides', async () => {
    const random = seededRandom(7)
    const { pool, database } = await createRoutedPool({ max: 1 }, { random })
    // Of another type than in the table: a statement that both sides shared would fail with 0A000.
    await database.query(`drop view crossfade_compat.posts;
      create view crossfade_compat.posts as select id, 'new'::varchar as side from public.posts`)
    process.env.READ_FROM_NEW_PERCENTAGE = '50'
    onTestFinished(() => {
      delete process.env.READ_FROM_NEW_PERCENTAGE
    })
    const sides = new Set<string>()
    for (const name of ['short', 'n'.repeat(60)]) {
      for (let i = 0; i < 30; i += 1) {
        const { rows } = await pool.query({ name, text: 'select side from posts where id = $1', values: [1] })
        sides.add(rows[0].side)
        const client = await pool.connect()
        const own = await client.query({ name, text: 'select side from posts where id = $1', values: [1] })
        expect(own.rows).toEqual([{ side: 'old' }])
        client.release()
      }
    }
    expect([...sides].sort()).toEqual(['new', 'old'])
    expect(pool.crossfade.stats().fallbacks).toBe(0)
  })

  test('the pool stays the pool', async () => {
    const { pool } = await createRoutedPool()
    expect(pool).toBeInstanceOf(pg.Pool)
    expect(crossfade(pool)).toBe(pool)
    expect(pool.totalCount).toBeGreaterThan(0)
    expect(Object.keys(pool)).not.toContain('query')
    const acquired = once(pool, 'acquire')
    await readSide(pool)
    await acquired
    await pool.end()
    expect(pool.ended).toBe(true)
    await expect(pool.query(READ_SIDE)).rejects.toThrow('after calling end')
    await expect(pool.end()).rejects.toThrow('more than once')
  })

  test('many at once', async () => {
    const { pool } = await createRoutedPool({ max: 3 }, { random: seededRandom(3) })
    process.env.READ_FROM_NEW_PERCENTAGE = '50'
    onTestFinished(() => {
      delete process.env.READ_FROM_NEW_PERCENTAGE
    })
    const connected = async () => {
      const client = await pool.connect()
      const side = await readSide(client)
      client.release()
      return `connected: ${side}`
    }
    const work = Array.from({ length: 300 }, (_, i) => (i % 3 === 0 ? connected() : readSide(pool)))
    expect(new Set(await Promise.all(work))).toEqual(new Set(['connected: old', 'old', 'new']))
  })
})
