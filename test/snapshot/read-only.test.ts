import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectForDump } from '../../src/catalog/dump-connection.ts'
import { dumpDatabase } from '../../src/catalog/dump-database.ts'
import { protectSession, readSnapshot } from '../../src/snapshot/read-snapshot.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { readSchema, runScript, takeSnapshot } from './rebuild.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase()
  await runScript(database.url, await readSchema('film-rental'))
  await database.query(`insert into nation (name) select 'n' from generate_series(1, 20000)`)
})

afterAll(async () => {
  await database.drop()
})

interface Lock {
  readonly mode: string
  readonly relation: string
}

/** Locks on tables of the user's, of every session that the snapshot opens, looked at again and again while `work` runs. */
async function watchLocks(work: Promise<unknown>): Promise<Lock[]> {
  const watcher = new pg.Client({ connectionString: database.url, application_name: 'watcher' })
  await watcher.connect()
  const seen = new Map<string, Lock>()
  let done = false
  const finished = work.finally(() => {
    done = true
  })
  finished.catch(() => {})
  while (!done) {
    const { rows } = await watcher.query<Lock & { application: string }>(/* sql */ `
      select distinct l.mode, l.relation::regclass::text as relation, a.application_name as application
      from pg_locks l join pg_stat_activity a using (pid)
      where a.datname = current_database() and a.application_name like 'crossfade%'
        and l.locktype = 'relation' and l.database = a.datid and l.relation >= 16384`)
    for (const row of rows) seen.set(JSON.stringify(row), row)
    await sleep(1)
  }
  await watcher.end()
  await finished
  return [...seen.values()]
}

test('takes no lock above ACCESS SHARE, with and without pg_dump on PATH, also while it counts', async () => {
  const locks = await watchLocks(takeSnapshot(database.url, { exactCounts: true }))
  expect([...new Set(locks.map((lock) => lock.mode))]).toEqual(['AccessShareLock'])
  // The dump holds every table, so the watch was awake.
  expect(locks.map((lock) => lock.relation)).toEqual(expect.arrayContaining(['film', 'payment', 'rental']))
})

test('the watch would notice a stronger lock', async () => {
  const client = new pg.Client({ connectionString: database.url, application_name: 'crossfade snapshot' })
  await client.connect()
  const work = (async () => {
    await client.query('begin')
    await client.query('lock table film in row share mode')
    await sleep(200)
    await client.query('rollback')
  })()
  expect((await watchLocks(work)).map((lock) => lock.mode)).toContain('RowShareLock')
  await client.end()
})

test('readers and writers go on while it holds its transaction', async () => {
  const [during] = await Promise.all([
    takeSnapshot(database.url, { exactCounts: true }),
    (async () => {
      for (let i = 0; i < 20; i++) await database.query(`update nation set name = name where nation_id = ${i}`)
    })(),
  ])
  expect(during.snapshot.summary.tables).toBeGreaterThan(10)
})

test('neither session can write', async () => {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  try {
    await protectSession(client, 1000)
    await expect(client.query('create table x ()')).rejects.toMatchObject({ code: '25006' })
    await expect(client.query('select pg_sleep(5)')).rejects.toMatchObject({ code: '57014' })
  } finally {
    await client.end()
  }
  const dump = await connectForDump(database.url)
  try {
    await expect(dump.client.query('create table x ()')).rejects.toMatchObject({ code: '25006' })
  } finally {
    await dump.close()
  }
})

test('reads one moment: what is committed later is not in it, neither in the SQL nor in the rest', async () => {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  try {
    await protectSession(client, 60_000)
    let made: Promise<unknown> | null = null
    const reading = await readSnapshot(client, database.url, {
      schemas: [],
      onProgress: () => {
        // Called first when the moment has been taken.
        made ??= database.query('create table came_later (id int)')
      },
    })
    expect(JSON.stringify(reading.inventory)).not.toContain('came_later')
    expect(JSON.stringify(reading.dump)).not.toContain('came_later')
    expect(await made).toEqual([])
  } finally {
    await client.end()
    await database.query('drop table came_later')
  }
})

test('a snapshot that is over is a clear error', async () => {
  const options = { leaveOutSchemas: [], leaveOutTables: [], extensionSchemas: [], owner: true }
  const attempt = dumpDatabase(database.url, { ...options, snapshot: '00000003-0000001B-1', hide: (text) => text })
  await expect(attempt).rejects.toMatchObject({ code: 'dump_failed' })
})
