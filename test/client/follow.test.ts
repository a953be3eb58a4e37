import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { expect, test } from 'vitest'
import { crossfade } from '../../src/client/pg.ts'
import { createRamp, readSide, waitForPercent } from './ramp-fixture.ts'

/** Those that have asked for the state since LISTEN began: from then on nothing is missed. */
const LISTENERS = /* sql */ `
  select pid from pg_stat_activity
  where application_name = 'crossfade listener' and datname = current_database()
    and state = 'idle' and query like '%client_state%'`

test('a change is followed over LISTEN without any traffic, in both directions', async () => {
  const { wrap, setPercent, database } = await createRamp()
  const pool = wrap()
  await readSide(pool)
  await expect.poll(() => pool.crossfade.stats().version).toBe(1)
  await expect.poll(async () => (await database.query(LISTENERS)).length).toBe(1)
  for (const percent of [100, 0, 50, 100, 0]) {
    await setPercent(percent)
    // No traffic: what is measured is the announcement, not the poll.
    const start = performance.now()
    while (pool.crossfade.stats().percent !== percent) {
      expect(performance.now() - start).toBeLessThan(5_000)
      await sleep(1)
    }
  }
})

test('it is polled when nothing is announced', async () => {
  const { wrap, setPercent } = await createRamp()
  const pool = wrap()
  await waitForPercent(pool, 0)
  await expect.poll(() => pool.crossfade.stats().version).toBe(1)
  await setPercent(100, false)
  expect(await waitForPercent(pool, 100)).toBeLessThan(2_000)
  await setPercent(0, false)
  expect(await waitForPercent(pool, 0)).toBeLessThan(2_000)
})

test('a lost LISTEN connection is made again', async () => {
  const { wrap, setPercent, database } = await createRamp()
  const pool = wrap()
  await readSide(pool)
  await expect.poll(async () => (await database.query(LISTENERS)).length).toBe(1)
  const [lost] = await database.query<{ pid: number }>(LISTENERS)
  await database.query('select pg_terminate_backend($1)', [lost?.pid])
  const others = async () => (await database.query(LISTENERS)).filter(({ pid }) => pid !== lost?.pid).length
  await expect.poll(others, { timeout: 3_000 }).toBe(1)
  await setPercent(100)
  await expect.poll(() => pool.crossfade.stats().percent, { interval: 5, timeout: 100 }).toBe(100)
})

test('a database without Crossfade is read as it is, silently', async () => {
  const { wrap, warnings, database } = await createRamp({ installed: false })
  const pool = wrap()
  for (let i = 0; i < 20; i += 1) expect(await readSide(pool)).toBe('old')
  await sleep(100)
  expect(await readSide(pool)).toBe('old')
  expect(pool.crossfade.stats()).toEqual({
    percent: 0,
    version: null,
    readsOld: 0,
    readsNew: 0,
    fallbacks: 0,
    retries: 0,
    shadow: null,
  })
  expect(warnings).toEqual([])
  const all =
    "select count(*)::int as n from pg_stat_activity where application_name = 'crossfade listener' and datname = $1"
  expect(await database.query(all, [database.name])).toEqual([{ n: 0 }])
})

test('a state that can be reached no more is kept; when Crossfade is gone it is forgotten', async () => {
  const { wrap, setPercent, database, warnings } = await createRamp()
  await setPercent(100)
  const pool = wrap()
  await waitForPercent(pool, 100)
  await database.query(`create or replace function crossfade.client_state() returns jsonb language plpgsql
    as 'begin raise exception ''unreachable''; end'`)
  const until = performance.now() + 1_500
  while (performance.now() < until) {
    await pool.query('select 1')
    await sleep(20)
  }
  expect(pool.crossfade.stats()).toMatchObject({ percent: 100, version: 2 })
  expect(await readSide(pool)).toBe('new')
  await database.query('drop schema crossfade cascade')
  await waitForPercent(pool, 0)
  expect(pool.crossfade.stats().version).toBeNull()
  expect(await readSide(pool)).toBe('old')
  expect(warnings).toEqual([])
})

test('a state of another shape is told once', async () => {
  const { wrap, database, warnings } = await createRamp()
  await database.query(`update crossfade.state set state = '{"percent": "100"}'`)
  const pool = wrap()
  await readSide(pool)
  await expect.poll(() => warnings).toHaveLength(1)
  expect(await readSide(pool)).toBe('old')
})

test('parsers that the application set for json and text change nothing', async () => {
  const { wrap, setPercent } = await createRamp()
  await setPercent(100)
  const types = { getTypeParser: () => () => 'parsed' } as unknown as pg.CustomTypesConfig
  const pool = wrap({}, { types })
  await waitForPercent(pool, 100)
  expect(await readSide(pool)).toBe('parsed')
  expect(pool.crossfade.stats().readsNew).toBe(1)
})

test('a server that is not there: the error is that of the pool', async () => {
  const pool = crossfade(new pg.Pool({ host: '127.0.0.1', port: 1, user: 'x', database: 'x' }))
  await expect(pool.query('select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  await pool.end()
})

test('end() leaves no connection, also right after the first use', async () => {
  const { database, setPercent, wrap } = await createRamp()
  await setPercent(100)
  const open = async () =>
    (
      await database.query(`select 1 from pg_stat_activity where datname = $1 and application_name <> 'test pool'`, [
        database.name,
      ])
    ).length
  for (let waited = 0; waited < 60; waited += 6) {
    const pool = wrap()
    await readSide(pool)
    await sleep(waited)
    await pool.end()
    await expect.poll(open, { interval: 5 }).toBe(0)
  }
  const pool = wrap()
  await waitForPercent(pool, 100)
  await new Promise<void>((resolve) => pool.end(resolve))
  await expect.poll(open).toBe(0)
})

test('the process ends by itself when nothing but LISTEN is left', async () => {
  const { database, setPercent } = await createRamp()
  await setPercent(100)
  const entry = new URL('../../src/client/pg.ts', import.meta.url).href
  const script = `
    import pg from ${JSON.stringify(import.meta.resolve('pg'))}
    import { createJiti } from ${JSON.stringify(import.meta.resolve('jiti'))}
    const { crossfade } = await createJiti(import.meta.url).import(${JSON.stringify(entry)})
    const pool = crossfade(new pg.Pool({ connectionString: ${JSON.stringify(database.url)}, allowExitOnIdle: true }))
    while (pool.crossfade.stats().percent !== 100) await pool.query('select 1')
    await new Promise((resolve) => setTimeout(resolve, 200))
    console.log((await pool.query('select side from posts where id = 1')).rows[0].side)`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    timeout: 20_000,
  })
  expect(stdout.trim()).toBe('new')
})
