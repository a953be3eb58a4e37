import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readStatistics } from '../../src/catalog/read-statistics.ts'
import type { StatisticsRow } from '../../src/catalog/statistics.sql.ts'
import { connect, type Database } from '../../src/db/connect.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
let db: Database
let client: pg.Client
let statistics: Map<string, StatisticsRow>

beforeAll(async () => {
  database = await createTestDatabase()
  await database.query(`
    create table posts (id int primary key, text text);
    create schema audit;
    create table audit."Odd ""name" (id int);
    create table events (id int, at date) partition by range (at);
    create table events_2025 partition of events for values from ('2025-01-01') to ('2026-01-01');
    create table events_2026 partition of events for values from ('2026-01-01') to ('2027-01-01');
    create view post_texts as select text from posts;
    insert into posts select n, 'text' from generate_series(1, 50) n;
    update posts set text = 'other' where id <= 20;
    delete from posts where id > 40;
    insert into events select n, date '2025-12-01' + n from generate_series(1, 60) n;
  `)
  await database.query('vacuum analyze posts')
  await database.query('analyze events')
  // A session hands its counts in about once a second, or when it is told to.
  db = await connect(database.url)
  client = await db.session()
  await client.query('select pg_stat_force_next_flush()')
  for (let tries = 0; tries < 100; tries++) {
    statistics = new Map((await readStatistics(client)).map((row) => [`${row.schema}.${row.name}`, row]))
    if (statistics.get('public.posts')?.inserts === 50 && statistics.get('public.events')?.inserts === 60) break
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
})
afterAll(async () => {
  await db.close()
  await database.drop()
})

test('counts what was read and written', () => {
  expect(statistics.get('public.posts')).toMatchObject({
    ...{ rows: 40, inserts: 50, updates: 20, deletes: 10 },
    lastVacuum: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    lastAnalyze: expect.stringMatching(/Z$/),
    since: null,
  })
  const { sequentialScans = 0, indexScans = 0 } = statistics.get('public.posts') ?? {}
  expect(sequentialScans + indexScans).toBeGreaterThan(0)
})

test('counts partitions into their table, and leaves out views and what belongs to the server', () => {
  expect([...statistics.keys()]).toEqual(['audit.Odd "name', 'public.events', 'public.posts'])
  expect(statistics.get('public.events')).toMatchObject({ rows: 60, inserts: 60 })
})

test('is not sure of what was never analyzed', () => {
  expect(statistics.get('audit.Odd "name')).toMatchObject({
    ...{ rows: null, sequentialScans: 0, indexScans: 0, inserts: 0 },
    ...{ lastScan: null, lastVacuum: null, lastAnalyze: null },
  })
})

test('says since when', async () => {
  await client.query('select pg_stat_reset()')
  const [row] = await readStatistics(client)
  expect(row?.since).toMatch(/^20\d\d-\d\d-\d\dT/)
})
