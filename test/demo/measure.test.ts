import { afterAll, beforeAll, expect, test } from 'vitest'
import type { WriteEntry } from '../../src/demo/application/activity.ts'
import { fillLegacy, type Planted } from '../../src/demo/legacy-rows.ts'
import {
  buildExpectedAccountings,
  checkAccounting,
  type OldRows,
  readAccounts,
  readOldRows,
} from '../../src/demo/measure/accounting.ts'
import { compareSides, type NewTable } from '../../src/demo/measure/compare-sides.ts'
import { buildMesses } from '../../src/demo/measure/fates.ts'
import { findLostWrites } from '../../src/demo/measure/lost-writes.ts'
import { readPlaces } from '../../src/demo/measure/places.ts'
import { readSideEffects } from '../../src/demo/measure/side-effects.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { createNewTables } from './new-tables.ts'

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
    await createNewTables(client, PLACES)
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
  const { queue, posts, metrics } = planted
  expect(queue.shared + queue.onlyFirst + queue.onlySecond).toBe(KEYS)
  for (const [what, count] of Object.entries({ ...queue, ...posts, ...metrics })) {
    expect(count, what).toBeGreaterThan(0)
  }
})

test('the rows of posts and metrics add up to what was planted', () => {
  const { posts, metrics } = planted
  expect(posts.mergedRows + posts.ownRows + posts.leftOutRows + posts.journaledRows).toBe(
    posts.postedDecisions + posts.tweets + posts.posts,
  )
  expect(metrics.newMetrics + metrics.leftOutRows + metrics.journaledRows).toBe(
    metrics.outcomes + metrics.realTweetMetrics + metrics.tweetAnalytics,
  )
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
    expect(await compareSides(client, PLACES)).toEqual({ rows: await countNewRows(), differing: 0, examples: [] })
    const found = await readAccounts(client, PLACES)
    expect(checkAll(found.tables)).toEqual([])
    for (const mess of buildMesses(planted, found.posts, found.metrics)) {
      expect(mess, `${mess.table}: ${mess.what}`).toMatchObject({ found: mess.planted })
    }
  })
})

function checkAll(found: Awaited<ReturnType<typeof readAccounts>>['tables']): string[] {
  const expected = buildExpectedAccountings(planted, oldRows, [])
  return (Object.keys(expected) as NewTable[]).flatMap((table) => checkAccounting(table, found[table], expected[table]))
}

test('a difference, a missing row and an extra one are found, and the accounting tells', async () => {
  await withClient(async (client) => {
    await client.query('begin')
    await client.query(`update content_queue set tone = 'shrill' where id = 1`)
    await client.query('delete from content_queue where id = 2')
    await client.query(`insert into content_queue (content, decision_type) values ('from nowhere', 'single')`)
    const { differing, examples } = await compareSides(client, PLACES)
    expect(differing).toBe(3)
    expect(examples.map((example) => example.kind).sort()).toEqual(['differing', 'extra', 'missing'])
    const found = await readAccounts(client, PLACES)
    expect(checkAll(found.tables)).not.toEqual([])
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

test('a post and a measurement that are not there are lost', async () => {
  await withClient(async (client) => {
    await client.query('begin')
    const write = (table: WriteEntry['table'], kind: WriteEntry['kind'], key: string, set: object): WriteEntry => ({
      ...{ at: 1, version: 'old', kind, table, key, set },
    })
    const { rows } = await client.query<{ tweet: string; key: string; likes: string }>(`
      select tweet_id as tweet, tweet_id || '@' || (extract(epoch from collected_at) * 1000000)::bigint as key,
             likes::text as likes
      from engagement_metrics where data_source = 'tweet_analytics' order by id limit 1`)
    const { tweet = '', key = '', likes = '' } = rows[0] ?? {}
    const writes = [write('tweet_analytics', 'update', key, { likes }), write('posted_decisions', 'insert', tweet, {})]
    for (const side of ['old', 'new'] as const) {
      expect(await findLostWrites(client, writes, side, PLACES)).toEqual({ keys: 2, lost: [] })
    }
    await client.query('update engagement_metrics set likes = likes + 1')
    const changed = await findLostWrites(client, writes.slice(0, 1), 'new', PLACES)
    expect(changed.lost).toMatchObject([{ key, what: 'likes', expected: likes }])
    const natively = [write('posted_content', 'insert', '1', {}), write('engagement_metrics', 'insert', '1@2', {})]
    const nowhere = await findLostWrites(client, natively, 'old', PLACES)
    expect(nowhere.lost.map((lost) => lost.table).sort()).toEqual(['outcomes', 'posted_decisions', 'posts', 'tweets'])
    await client.query('rollback')
  })
}, 30_000)

test('the trigger of posted_decisions is counted by decision', async () => {
  await withClient(async (client) => {
    const { rows } = await client.query<{ key: string }>(
      `select decision_id as key from posted_decisions where decision_id ~ '[A-F]' order by id limit 1`,
    )
    const key = rows[0]?.key ?? ''
    expect(await readSideEffects(client, [key, 'nobody'])).toEqual({ twice: 0, never: 1 })
  })
})

async function countNewRows(): Promise<number> {
  const rows = await database.query<{ n: number }>(`
    select ((select count(*) from content_queue) + (select count(*) from posted_content)
            + (select count(*) from engagement_metrics))::int as n`)
  return rows[0]?.n ?? 0
}
