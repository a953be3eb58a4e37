import { once } from 'node:events'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { createRamp, READ_SIDE, readSide, waitForPercent } from './ramp-fixture.ts'

async function createLate(config: pg.PoolConfig = {}) {
  const ramp = await createRamp()
  await ramp.setPercent(100)
  const pool = ramp.wrap({}, config)
  await waitForPercent(pool, 100)
  return { ...ramp, pool, late: pool.crossfade.perStatement }
}

describe('a client of perStatement', () => {
  test('has its reads routed until it gets anything else', async () => {
    const { pool, late } = await createLate({ max: 2 })
    for (let i = 0; i < 5; i += 1) {
      const client = await late.connect()
      expect(await readSide(client)).toBe('new')
      expect(await readSide(client)).toBe('new')
      await client.query('begin')
      await client.query("update posts set side = 'mine' where id = 1")
      expect(await readSide(client)).toBe('mine')
      await client.query('rollback')
      expect(await readSide(client)).toBe('old')
      client.release()
    }
    expect(pool.crossfade.stats()).toMatchObject({ readsNew: 10, readsOld: 0 })
    await expect.poll(() => pool.totalCount - pool.idleCount).toBe(0)
  })

  test('keeps the order of what is sent at once, and one session', async () => {
    const { late, database } = await createLate({ max: 3 })
    await database.query(`create or replace view crossfade_compat.posts as
      select id, side || pg_sleep(0.2)::text as side from public.posts`)
    const client = await late.connect()
    const sent = [
      client.query(READ_SIDE),
      client.query("update posts set side = 'x' where id = 1"),
      client.query(READ_SIDE),
      client.query("set application_name = 'mine'"),
      client.query('show application_name'),
    ]
    const results = await Promise.all(sent)
    expect([results[0]?.rows, results[2]?.rows, results[4]?.rows]).toEqual([
      [{ side: 'old' }],
      [{ side: 'x' }],
      [{ application_name: 'mine' }],
    ])
    client.release(true)
  })

  test('takes callbacks, config objects and what submits itself', async () => {
    const { pool, late } = await createLate()
    const client = await new Promise<pg.PoolClient>((resolve, reject) => {
      late.connect((error, connected) => (connected === undefined ? reject(error) : resolve(connected)))
    })
    const called = (text: string) =>
      new Promise((resolve, reject) => {
        const returned: unknown = client.query({ text }, (error: Error | null, result: pg.QueryResult) =>
          error ? reject(error) : resolve(result.rows),
        )
        expect(returned).toBeUndefined()
      })
    expect(await called(READ_SIDE)).toEqual([{ side: 'new' }])
    await expect(called('select wrong from posts')).rejects.toMatchObject({ code: '42703' })
    expect(await called('select 1 as one')).toEqual([{ one: 1 }])
    const query = client.query(new pg.Query('select 2 as two'))
    const rows: unknown[] = []
    query.on('row', (row) => rows.push(row))
    await once(query, 'end')
    expect(rows).toEqual([{ two: 2 }])
    const noticed = once(client, 'notice')
    await client.query("do $$ begin raise notice 'heard'; end $$")
    expect((await noticed)[0]).toMatchObject({ message: 'heard' })
    client.release()
    expect(() => client.release()).toThrow('already been released')
    expect(late).toBeInstanceOf(pg.Pool)
    expect(late.totalCount).toBe(pool.totalCount)
    await late.end()
    expect(pool.ended).toBe(true)
  })

  test('takes no connection where it needs none, and tells when there is none', async () => {
    const { late, pool } = await createLate({ max: 1, connectionTimeoutMillis: 2_000 })
    const [first, second] = [await late.connect(), await late.connect()]
    expect([await readSide(first), await readSide(second)]).toEqual(['new', 'new'])
    await first.query('begin')
    await expect(second.query("update posts set side = 'y'")).rejects.toThrow('timeout')
    await first.query('rollback')
    second.release()
    first.release()
    await expect.poll(() => pool.idleCount).toBe(1)
  })
})
