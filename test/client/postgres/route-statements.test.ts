import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { describe, expect, onTestFinished, test } from 'vitest'
import { crossfade } from '../../../src/client/postgres.ts'
import { seededRandom } from '../ramp-fixture.ts'
import { createRoutedSql, createSqlRamp, readSide, waitForPercent } from './sql-ramp.ts'

const PATH = "select current_setting('search_path') as path"

describe('the share', () => {
  test.each([0, 1, 50, 100])('%i %', async (percent) => {
    const ramp = await createSqlRamp()
    await ramp.setPercent(percent)
    const sql = ramp.wrap({ random: seededRandom(percent) })
    await waitForPercent(sql, percent)
    await expect.poll(() => sql.crossfade.stats().version).toBe(2)

    const reads = 400
    let fromNew = 0
    for (let i = 0; i < reads; i += 1) if ((await readSide(sql)) === 'new') fromNew += 1
    // Four standard deviations of the binomial distribution; none at 0 and 100.
    const p = percent / 100
    expect(Math.abs(fromNew - reads * p)).toBeLessThanOrEqual(4 * Math.sqrt(reads * p * (1 - p)))
    expect(sql.crossfade.stats()).toMatchObject({ readsNew: fromNew, readsOld: reads - fromNew, fallbacks: 0 })
  })

  test('the environment, a table and a key lower it, as for pg', async () => {
    const seen: unknown[] = []
    const { sql } = await createRoutedSql(
      {},
      {
        random: () => 0.999,
        tables: { posts: 60 },
        sticky: (read) => {
          seen.push(read)
          return read.values[1] === undefined ? undefined : String(read.values[1])
        },
      },
    )
    const sides = new Set<string>()
    for (let user = 0; user < 40; user += 1) {
      for (let i = 0; i < 2; i += 1) {
        const [row] = await sql`select side from posts where id = ${1} and ${user}::int is not null`
        sides.add(`${user} ${row?.side}`)
      }
    }
    expect(sides.size).toBe(40)
    const news = [...sides].filter((side) => side.endsWith('new'))
    expect(news.length).toBeGreaterThan(10)
    expect(news.length).toBeLessThan(38)
    expect(seen[0]).toEqual({
      text: 'select side from posts where id = $1 and $2::int is not null',
      values: [1, 0],
      tables: ['posts'],
    })
    process.env.READ_FROM_NEW = 'false'
    onTestFinished(() => {
      delete process.env.READ_FROM_NEW
    })
    expect(sql.crossfade.stats().percent).toBe(0)
    const [row] = await sql`select side from posts where id = ${1} and ${news[0]?.split(' ')[0] ?? ''}::int is not null`
    expect(row?.side).toBe('old')
  })
})

describe('every way to read', () => {
  test('helpers, fragments, parameters, unsafe, modifiers', async () => {
    const { sql, database } = await createRoutedSql({ types: { word: postgres.BigInt } as never })
    await database.query(`create or replace view crossfade_compat.posts as
      select id, 'new'::text as side from public.posts where id < 5`)
    const one = [{ id: 1, side: 'new' }]
    const columns = ['id', 'side']
    expect(await sql`select ${sql(columns)} from ${sql('posts')} where ${sql('id')} = ${1}`).toEqual(one)
    expect(await sql`select id, side from posts where id in ${sql([1, 9])}`).toEqual(one)
    const only = sql`id = ${1}`
    expect(await sql`select id, side from posts where ${only}${sql``} and ${sql`side = ${'new'}`}`).toEqual(one)
    expect(await sql`select id, side from posts where ${[only, sql`and true`]}`).toEqual(one)
    expect(await sql`select id, side from posts where id = any(${[1]})`).toEqual(one)
    expect(await sql`select id, side from posts where id = any(${sql.array([1, 9])}::int[])`).toEqual(one)
    expect(await sql`select side, ${sql.json({ a: [1, '"'] })}::jsonb as j from posts where id = 1`).toEqual([
      { side: 'new', j: { a: [1, '"'] } },
    ])
    const at = new Date(1_700_000_000_123)
    expect(
      await sql`select side, ${at}::timestamptz as at, ${Buffer.from('é')} as b, ${null}::int as n
      from posts where id = 1`,
    ).toEqual([{ side: 'new', at, b: Buffer.from('é'), n: null }])
    const byId = 'select id, side from posts where id = $1'
    expect(await sql.unsafe(byId, [1])).toEqual(one)
    expect(await sql.unsafe(byId, [1], { prepare: true })).toEqual(one)
    expect(await sql.unsafe('select id, side from posts where id = 1')).toEqual(one)
    expect(await sql`select id, side from posts where id = 1`.simple()).toEqual(one)
    expect(await sql`select id, side from posts where id = ${1}`.values()).toEqual([[1, 'new']])
    expect(await sql`select side from posts where id = ${1}`.raw()).toEqual([[Buffer.from('new')]])
    expect(await sql`select id, side from posts where id = ${1}`.execute()).toEqual(one)
    const result = await sql`select id, side from posts`
    expect(result).toMatchObject({ count: 4, command: 'SELECT' })
    expect(result.columns.map(({ name }) => name)).toEqual(['id', 'side'])
    expect(sql.crossfade.stats()).toMatchObject({ readsNew: 16, readsOld: 0, fallbacks: 0 })
  })

  test('transform and types are the application’s own', async () => {
    const { sql } = await createRoutedSql({
      transform: {
        column: { from: postgres.toCamel },
        value: { from: (value: unknown) => (value === 'new' ? 'NEW' : value) },
        row: { from: (row: postgres.Row) => ({ ...row, wrapped: true }) },
      },
    })
    expect(await sql`select side as my_side from posts where id = 1`).toEqual([{ mySide: 'NEW', wrapped: true }])
    expect(sql.crossfade.stats()).toMatchObject({ readsNew: 1, fallbacks: 0 })
  })

  test('cursors, forEach, describe and files are the old side’s', async () => {
    const { sql } = await createRoutedSql()
    const rows: unknown[] = []
    for await (const [row] of sql`select side from posts where id = 1`.cursor()) rows.push(row)
    await sql`select side from posts where id = 1`.cursor(5, (found) => void rows.push(...found))
    await sql`select side from posts where id = 1`.forEach((row) => void rows.push(row))
    const folder = await mkdtemp(join(tmpdir(), 'crossfade-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, 'read.sql')
    await writeFile(file, 'select side from posts where id = 1')
    rows.push(...(await sql.file(file)))
    expect(rows).toEqual(Array(4).fill({ side: 'old' }))
    expect((await sql`select side from posts`.describe()).columns).toMatchObject([{ name: 'side' }])
    expect(sql.crossfade.stats()).toMatchObject({ readsNew: 0, readsOld: 0 })
  })
})

describe('what is not routed', () => {
  test('transactions, savepoints, reserved connections, writes, locks, qualified names', async () => {
    const { sql } = await createRoutedSql()
    await sql
      .begin(async (transaction) => {
        await transaction`update posts set side = 'mine' where id = 1`
        expect(await readSide(transaction)).toBe('mine')
        expect(await transaction.savepoint((inner) => readSide(inner))).toBe('mine')
        const fragment = sql`where id = 1`
        expect(await transaction`select side from posts ${fragment}`).toEqual([{ side: 'mine' }])
        throw new Error('back')
      })
      .catch(() => undefined)
    const reserved = await sql.reserve()
    expect(await reserved`select side from posts where id = 1`).toEqual([{ side: 'old' }])
    reserved.release()
    expect(await sql`select side from public.posts where id = 1`).toEqual([{ side: 'old' }])
    expect(await sql`select side from posts where id = 1 for update`).toEqual([{ side: 'old' }])
    expect(await sql`update posts set ${sql({ side: 'x' })} where id = 1 returning side`).toEqual([{ side: 'x' }])
    expect(await sql`insert into posts ${sql([{ id: 7, side: 'y' }])} returning id`).toEqual([{ id: 7 }])
    expect(sql.crossfade.stats()).toMatchObject({ readsNew: 0, readsOld: 0 })
  })

  test('a connection on which the application begins by hand', async () => {
    const { sql, warnings } = await createRoutedSql({ max: 1 })
    expect(await readSide(sql)).toBe('new')
    // Sent in this order: the read comes first.
    const [read, begun, update] = await Promise.all([
      readSide(sql),
      sql`begin`,
      sql`update posts set side = 'mine' where id = 1`,
    ])
    expect([read, begun.command, update.command]).toEqual(['new', 'BEGIN', 'UPDATE'])
    await sql`update posts set side = 'mine' where id = 1`
    expect(await readSide(sql)).toBe('mine')
    await sql`rollback`
    expect(await readSide(sql)).toBe('old')
    expect(warnings).toEqual([expect.stringMatching(/begun by hand/)])
  })

  test('a path under which a name means a table of another schema', async () => {
    const { sql, database, warnings } = await createRoutedSql({ connection: { search_path: 'tenant,public' } })
    await database.query("create schema tenant; create table tenant.posts as select 1 as id, 'tenant' as side")
    expect(await readSide(sql)).toBe('tenant')
    expect(await readSide(sql)).toBe('tenant')
    expect(warnings).toHaveLength(1)
    await database.query('drop schema tenant cascade')
    expect(await readSide(sql)).toBe('new')
  })
})

describe('the pool stays the pool', () => {
  test('its settings, errors and identity', async () => {
    const { sql } = await createRoutedSql()
    expect(crossfade(sql)).toBe(sql)
    expect(sql.options.max).toBe(4)
    expect(sql.PostgresError).toBeTypeOf('function')
    expect(sql.parameters.server_version).toBeTypeOf('string')
    const failure = await sql`select wrong from posts where id = ${1}`.catch((error) => error)
    expect(failure).toBeInstanceOf(sql.PostgresError)
    const { code, query, parameters } = failure
    expect([code, query, parameters]).toEqual(['42703', 'select wrong from posts where id = $1', [1]])
    expect(failure.stack).toContain('route-statements.test.ts')
    await expect(sql`select side from posts where id = ${undefined as never}`).rejects.toMatchObject({
      code: 'UNDEFINED_VALUE',
    })
    const heard: string[] = []
    const { unlisten } = await sql.listen('mine', (payload) => void heard.push(payload))
    await sql.notify('mine', 'hello')
    await expect.poll(() => heard).toEqual(['hello'])
    await unlisten()
  })

  test('a connection that was on the new side is on its own path again', async () => {
    const { sql } = await createRoutedSql({ max: 1 })
    const path = await sql.unsafe(PATH)
    for (let i = 0; i < 3; i += 1) {
      expect(await readSide(sql)).toBe('new')
      expect(await sql.unsafe(PATH)).toEqual(path)
      expect(await sql.begin((transaction) => readSide(transaction))).toBe('old')
    }
  })

  test('prepared statements of both sides don’t meet', async () => {
    const { sql, database } = await createRoutedSql({ max: 1 }, { random: seededRandom(7) })
    // Of another type than in the table: a statement that both sides shared would fail with 0A000 in the transaction.
    await database.query(`drop view crossfade_compat.posts;
      create view crossfade_compat.posts as select id, 'new'::varchar as side from public.posts`)
    for (let i = 0; i < 10; i += 1) {
      expect(await sql`select side from posts where id = ${1}`).toEqual([{ side: 'new' }])
      const own = await sql.begin((transaction) => transaction`select side from posts where id = ${1}`)
      expect(own).toEqual([{ side: 'old' }])
    }
    expect(sql.crossfade.stats()).toMatchObject({ readsNew: 10, fallbacks: 0 })
  })

  test('reads that were sent before end() are answered', async () => {
    const { sql } = await createRoutedSql({ max: 2 })
    const reads = Array.from({ length: 20 }, () => readSide(sql))
    await sql.end()
    expect(new Set(await Promise.all(reads))).toEqual(new Set(['new']))
    await expect(readSide(sql)).rejects.toMatchObject({ code: 'CONNECTION_ENDED' })
    await sql.end()
  })

  test('end() keeps to its timeout', async () => {
    const { sql, database } = await createRoutedSql()
    await database.query(`create or replace view crossfade_compat.posts as
      select id, 'new' || pg_sleep(3)::text as side from public.posts where id = 1`)
    const read = readSide(sql).catch((error) => error)
    const start = performance.now()
    await sql.end({ timeout: 1 })
    expect(await read).toMatchObject({ code: 'CONNECTION_DESTROYED' })
    expect(performance.now() - start).toBeLessThan(2_900)
    await sleep(2_000)
  })

  test('many at once, beside transactions', async () => {
    const { sql } = await createRoutedSql({ max: 3 }, { random: seededRandom(3) })
    process.env.READ_FROM_NEW_PERCENTAGE = '50'
    onTestFinished(() => {
      delete process.env.READ_FROM_NEW_PERCENTAGE
    })
    const work = Array.from({ length: 300 }, (_, i) =>
      i % 3 === 0 ? sql.begin(async (own) => `begun: ${await readSide(own)}`) : readSide(sql),
    )
    expect(new Set(await Promise.all(work))).toEqual(new Set(['begun: old', 'old', 'new']))
  })

  test('a read that is cancelled is rejected, waiting or running, and never sent to the other side', async () => {
    const { sql, database } = await createRoutedSql({ max: 1 })
    await database.query(`create or replace view crossfade_compat.posts as
      select id, 'new' || pg_sleep(5)::text as side from public.posts where id = 1`)
    const running = sql`select side from posts`.execute()
    const waiting = sql`select side from posts`.execute()
    const outcomes = Promise.allSettled([running, waiting])
    await expect
      .poll(() => database.query(`select from pg_stat_activity where query like 'select side%' and state = 'active'`))
      .toHaveLength(1)
    waiting.cancel()
    running.cancel()
    for (const { status, ...outcome } of await outcomes) {
      expect({ status, ...outcome }).toMatchObject({ status: 'rejected', reason: { code: '57014' } })
    }
    await sleep(100)
    expect(
      await database.query(`select from pg_stat_activity where query like 'select side%' and state = 'active'`),
    ).toEqual([])
    expect(sql.crossfade.stats()).toMatchObject({ fallbacks: 0, readsOld: 0, readsNew: 0 })
    await database.query(`create or replace view crossfade_compat.posts as select id, 'new' as side from public.posts`)
    expect(await readSide(sql)).toBe('new')
  })
})
