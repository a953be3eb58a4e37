import { type AddressInfo, createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createRoutedSql, readSide } from './sql-ramp.ts'

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
])('%s on the new side is answered by the old', async (why, change) => {
  const { sql, database, warnings } = await createRoutedSql({ max: 1, connection: { statement_timeout: 300 } })
  await database.query(change)
  // Values that were written once as text would be written twice.
  const read = () => sql`select side, ${sql.json({ a: 1 })}::jsonb as j from posts where id = ${1}`
  for (let i = 0; i < 2; i += 1) expect(await read()).toEqual([{ side: 'old', j: { a: 1 } }])
  expect(sql.crossfade.stats()).toMatchObject({ fallbacks: 2, readsOld: 2, readsNew: 0, retries: 0 })
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).toContain(why)
})

test('rights that only the old side gives', async () => {
  const ramp = await createRoutedSql()
  const role = `reader_${ramp.database.name}`
  await ramp.database.query(`create role ${role}; grant select on posts to ${role}`)
  await ramp.database.query(`grant usage on schema crossfade, crossfade_compat to ${role}`)
  await ramp.database.query(`grant select on crossfade.state to ${role}`)
  const sql = ramp.wrap({}, { connection: { role } })
  await expect.poll(() => readSide(sql).then(() => sql.crossfade.stats().percent)).toBe(100)
  expect(await readSide(sql)).toBe('old')
  expect(sql.crossfade.stats().fallbacks).toBeGreaterThan(0)
  await sql.end()
  await ramp.database.query(`drop owned by ${role}; drop role ${role}`)
})

test('a lost connection is not retried, and nothing is uncaught', async () => {
  const uncaught: unknown[] = []
  const note = (error: unknown) => void uncaught.push(error)
  process.on('uncaughtException', note)
  onTestFinished(() => void process.off('uncaughtException', note))
  const { sql, database } = await createRoutedSql({ max: 1, connection: { application_name: 'victim' } })
  await database.query(
    `create or replace view crossfade_compat.posts as select id, 'new' || pg_sleep(9)::text as side from public.posts`,
  )
  const read = readSide(sql).catch((error) => error)
  const kill = `select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'victim' and state = 'active' and query like 'select side%'`
  await expect.poll(async () => (await database.query(kill)).length, { timeout: 10_000 }).toBe(1)
  expect(await read).toMatchObject({ code: 'CONNECTION_CLOSED' })
  expect(sql.crossfade.stats()).toMatchObject({ fallbacks: 0, readsNew: 0, readsOld: 0 })
  await database.query(`create or replace view crossfade_compat.posts as select id, 'new' as side from public.posts`)
  // The driver keeps what the server said last, and gives it to the next statement: our BEGIN.
  expect(await readSide(sql)).toBe('old')
  expect(await readSide(sql)).toBe('new')
  expect(uncaught).toEqual([])
})

test('where there is no connection for a read, the error is the driver’s, at once', async () => {
  const { sql, database } = await createRoutedSql({ max: 1 })
  await database.query('create table lines (line text)')
  const copy = await sql`copy lines from stdin`.writable()
  await expect(readSide(sql)).rejects.toMatchObject({ code: 'COPY_IN_PROGRESS' })
  await new Promise<void>((resolve) => copy.end(resolve))
  const closed = createServer()
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
  const { port } = closed.address() as AddressInfo
  await new Promise((resolve) => closed.close(resolve))
  // What the pool connects to from now on: nobody is there.
  const [{ pid } = { pid: 0 }] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`
  sql.options.port.fill(port)
  await database.query('select pg_terminate_backend($1)', [pid])
  await expect.poll(() => readSide(sql).catch((error) => error.code)).toBe('ECONNREFUSED')
  await expect(readSide(sql)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  expect(sql.crossfade.stats().fallbacks).toBe(0)
})

test('a value that can’t be written is the caller’s error, and the connection goes on', async () => {
  const { sql } = await createRoutedSql({
    max: 1,
    types: {
      word: {
        to: 25,
        from: [25],
        parse: (text: string) => {
          if (text === 'new') throw new Error('unreadable')
          return text
        },
        serialize: (value: unknown) => {
          if (value === 'bad') throw new Error('unwritable')
          return value
        },
      },
    },
  })
  const noText = {
    toString: () => {
      throw new Error('unspeakable')
    },
  }
  await expect(sql.unsafe(noText as never)).rejects.toThrow('unspeakable')
  await expect(sql`select id from posts where side = ${'bad'}::text`).rejects.toThrow('unwritable')
  await expect(sql`select side from posts where id = 1`).rejects.toThrow('unreadable')
  expect(await sql`select id from posts where id = 1`).toEqual([{ id: 1 }])
  expect(sql.crossfade.stats().fallbacks).toBe(0)
})
