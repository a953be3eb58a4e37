import pg from 'pg'
import { expect, test } from 'vitest'
import { createRamp, READ_SIDE, readSide, waitForPercent } from './ramp-fixture.ts'

test.each<[why: string, sql: string]>([
  ['42703', 'drop view crossfade_compat.posts; create view crossfade_compat.posts as select 1 as id'],
  [
    '57014',
    `create or replace view crossfade_compat.posts as
       select id, 'new' || pg_sleep(5)::text as side from public.posts`,
  ],
  [
    '22012',
    'create or replace view crossfade_compat.posts as select id, (1 / (id - id))::text as side from public.posts',
  ],
  [
    'P0001',
    `create function fail() returns text language plpgsql as 'begin raise exception ''no''; end';
     create or replace view crossfade_compat.posts as select id, fail() as side from public.posts`,
  ],
])('%s on the new side is answered by the old', async (why, sql) => {
  const { setPercent, wrap, database, warnings } = await createRamp()
  await setPercent(100)
  const pool = wrap({}, { max: 1, statement_timeout: 300 })
  await waitForPercent(pool, 100)
  await database.query(sql)
  for (let i = 0; i < 2; i += 1) expect(await readSide(pool)).toBe('old')
  expect(pool.crossfade.stats()).toMatchObject({ fallbacks: 2, readsOld: 2, readsNew: 0, retries: 0 })
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).toContain(why)
  const client = await pool.connect()
  expect(await readSide(client)).toBe('old')
  client.release()
})

test('rights that only the old side gives', async () => {
  const { setPercent, wrap, database } = await createRamp()
  const role = `reader_${database.name}`
  await database.query(`create role ${role}; grant select on posts to ${role}`)
  await database.query(`grant usage on schema crossfade, crossfade_compat to ${role}`)
  await database.query(`grant select on crossfade.state to ${role}`)
  await setPercent(100)
  const pool = wrap({}, { options: `-c role=${role}` })
  await waitForPercent(pool, 100)
  expect(await readSide(pool)).toBe('old')
  expect(pool.crossfade.stats().fallbacks).toBe(1)
  await pool.end()
  await database.query(`drop owned by ${role}; drop role ${role}`)
})

test("the application's own mistake is the old side's error, and no fallback", async () => {
  const { setPercent, wrap, warnings } = await createRamp()
  await setPercent(100)
  const pool = wrap()
  await waitForPercent(pool, 100)
  const failure = await pool.query('select wrong from posts').catch((error) => error)
  expect(failure).toMatchObject({ code: '42703' })
  expect(failure.stack).toContain('fallback.test.ts')
  expect(pool.crossfade.stats()).toMatchObject({ fallbacks: 0, readsNew: 0 })
  expect(warnings).toEqual([])
})

test('a lost connection is not retried', async () => {
  const { setPercent, wrap, database } = await createRamp()
  await setPercent(100)
  const pool = wrap({}, { max: 1, application_name: 'victim' })
  await waitForPercent(pool, 100)
  await database.query(
    `create or replace view crossfade_compat.posts as select id, 'new' || pg_sleep(9)::text as side from public.posts`,
  )
  const read = pool.query(READ_SIDE).catch((error) => error)
  const kill = `select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'victim' and state = 'active' and query like 'select side%'`
  await expect.poll(async () => (await database.query(kill)).length).toBe(1)
  expect(await read).toBeInstanceOf(Error)
  expect(pool.crossfade.stats()).toMatchObject({ fallbacks: 0, readsNew: 0, readsOld: 0 })
  await database.query(`create or replace view crossfade_compat.posts as select id, 'new' as side from public.posts`)
  expect(await readSide(pool)).toBe('new')
})

test('a transaction per read, for poolers that share connections', async () => {
  const { setPercent, wrap, database } = await createRamp()
  await setPercent(100)
  const pool = wrap({ pooler: 'transaction' }, { max: 1 })
  await waitForPercent(pool, 100)
  const path = "select current_setting('search_path') as path"
  const { rows } = await pool.query(path)
  expect(await readSide(pool)).toBe('new')
  expect((await pool.query(path)).rows).toEqual(rows)
  await expect(pool.query('select side::int from posts where id = 1')).rejects.toMatchObject({ code: '22P02' })
  await database.query('drop view crossfade_compat.posts; create view crossfade_compat.posts as select 1 as id')
  expect(await readSide(pool)).toBe('old')
  expect((await pool.query(path)).rows).toEqual(rows)
  expect(pool.crossfade.stats()).toMatchObject({ readsNew: 1, readsOld: 1, fallbacks: 1 })
  const listening = "select 1 from pg_stat_activity where application_name = 'crossfade listener' and datname = $1"
  expect(await database.query(listening, [database.name])).toEqual([])
})

test('a pooler that shares connections is found out, and no session setting reaches strangers', async () => {
  /** As behind such a pooler, the process that the client was told isn't the one that answers. */
  class BehindPooler extends pg.Client {
    get processID(): number {
      return -7
    }
    set processID(_told: number) {}
  }
  const { setPercent, wrap, database } = await createRamp()
  await setPercent(100)
  const pool = wrap({}, { max: 1, Client: BehindPooler })
  await waitForPercent(pool, 100)
  const sides = [await readSide(pool), await readSide(pool), await readSide(pool)]
  expect(sides).toEqual(['old', 'new', 'new'])
  // What another client of the pooler would find on this server connection.
  const original = (pool as unknown as { _clients: pg.Client[] })._clients[0]
  expect((await original?.query("select current_setting('search_path') as path"))?.rows).toEqual([
    { path: '"$user", public' },
  ])
  const listening = "select 1 from pg_stat_activity where application_name = 'crossfade listener' and datname = $1"
  await expect.poll(() => database.query(listening, [database.name])).toEqual([])
})
