import { afterAll, beforeAll, expect, test } from 'vitest'
import type { WriteEntry } from '../../src/demo/application/activity.ts'
import { fillLegacy, type Planted } from '../../src/demo/legacy-rows.ts'
import {
  buildExpectedAccounting,
  checkAccounting,
  type OldRows,
  readAccounting,
  readOldRows,
} from '../../src/demo/measure/accounting.ts'
import { compareSides } from '../../src/demo/measure/compare-sides.ts'
import { buildExpectedRows } from '../../src/demo/measure/expected-rows.ts'
import { findLostWrites } from '../../src/demo/measure/lost-writes.ts'
import { buildPlacedTables, readPlaces } from '../../src/demo/measure/places.ts'
import { NEW_PERFECT_SCHEMA } from '../../src/demo/project.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

const PLACES = { old: 'public', target: 'public' }
const KEYS = 600
let database: TestDatabase
let planted: Planted
let oldRows: OldRows

beforeAll(async () => {
  database = await createTestDatabase()
  await withClient(async (client) => {
    planted = await fillLegacy(client, { keys: KEYS })
    oldRows = await readOldRows(client, PLACES)
    await client.query(NEW_PERFECT_SCHEMA)
    const columns = `decision_id, content, decision_type, thread_parts, raw_topic, angle, tone, generator_name,
      format_strategy, visual_format, status, scheduled_at, posted_at, quality_score, predicted_er, target_tweet_id,
      target_username, created_at, updated_at`
    await client.query(
      `with ${buildExpectedRows(buildPlacedTables(PLACES))}
       insert into content_queue (${columns}) select ${columns} from judged where fits`,
    )
  })
})
afterAll(() => database.drop())

async function withClient<Result>(work: (client: import('pg').PoolClient) => Promise<Result>): Promise<Result> {
  const client = await database.pool.connect()
  try {
    return await work(client)
  } finally {
    client.release()
  }
}

test('every mess is planted', () => {
  expect(planted.shared + planted.onlyFirst + planted.onlySecond).toBe(KEYS)
  for (const count of Object.values(planted)) expect(count).toBeGreaterThan(0)
})

test('the same seed gives the same keys', async () => {
  const first = await database.query<{ id: string }>(
    'select decision_id as id from content_metadata order by id limit 1',
  )
  const other = await createTestDatabase()
  const client = await other.pool.connect()
  await fillLegacy(client, { keys: KEYS })
  const again = await client.query('select decision_id as id from content_metadata order by id limit 1')
  client.release()
  await other.drop()
  expect(again.rows).toEqual(first)
})

test('both sides agree, and every old row is accounted for', async () => {
  await withClient(async (client) => {
    expect(await readPlaces(client)).toEqual(PLACES)
    expect(await compareSides(client, PLACES)).toMatchObject({ rows: await countQueue(), differing: 0 })
    const found = await readAccounting(client, PLACES)
    expect(checkAccounting(found, buildExpectedAccounting(planted, oldRows, []))).toEqual([])
  })
})

test('a difference, a missing row and an extra one are found, and the accounting tells', async () => {
  await withClient(async (client) => {
    await client.query('begin')
    await client.query(`update content_queue set tone = 'shrill' where id = 1`)
    await client.query('delete from content_queue where id = 2')
    await client.query(`insert into content_queue (content, decision_type) values ('from nowhere', 'single')`)
    const { differing, examples } = await compareSides(client, PLACES)
    expect(differing).toBe(3)
    expect(examples.map((example) => example.kind).sort()).toEqual(['differing', 'extra', 'missing'])
    const found = await readAccounting(client, PLACES)
    expect(checkAccounting(found, buildExpectedAccounting(planted, oldRows, []))).not.toEqual([])
    await client.query('rollback')
  })
})

test('a write that is not there is lost, one that is there is not', async () => {
  await withClient(async (client) => {
    await client.query('begin')
    const { rows } = await client.query<{ key: string }>(`
      update content_metadata set topic = 'kept' where id = (select min(id) from content_metadata)
      returning replace(decision_id::text, '-', '') as key`)
    const key = rows[0]?.key ?? ''
    const write = (topic: string, at: number): WriteEntry => ({
      ...{ at, version: 'old', kind: 'update', table: 'content_metadata', key, set: { topic } },
    })
    const overwritten = [write('kept', 2), write('earlier', 1)]
    expect(await findLostWrites(client, overwritten, 'old', PLACES)).toEqual({ keys: 1, lost: [] })
    const { lost } = await findLostWrites(client, overwritten, 'new', PLACES)
    expect(lost).toMatchObject([{ key, what: 'topic', expected: 'kept' }])
    await client.query('rollback')
  })
})

async function countQueue(): Promise<number> {
  const rows = await database.query<{ n: number }>('select count(*)::int as n from content_queue')
  return rows[0]?.n ?? 0
}
