import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fillLegacy, type Planted } from '../../src/demo/legacy-rows.ts'
import { drawMatrix } from '../../src/overlap/drawing/draw-matrix.ts'
import { drawSets } from '../../src/overlap/drawing/draw-sets.ts'
import type { Link, OverlapDocument } from '../../src/overlap/overlap-document.ts'
import { writeOverlapPage } from '../../src/overlap/page/report-page.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { overlapOf, pairOf, statesOf } from './overlap-of.ts'

let database: TestDatabase
let planted: Planted
let report: OverlapDocument

beforeAll(async () => {
  database = await createTestDatabase()
  const client = await database.pool.connect()
  try {
    planted = await fillLegacy(client, { keys: 3000 })
  } finally {
    client.release()
  }
  report = await overlapOf(database, [], { showsValues: false })
})
afterAll(async () => await database.drop())

test('the three groups that the demo consolidates are found, and what shows others again', () => {
  expect(report.problems).toEqual([])
  expect(report.groups.map((group) => [...group.tables].sort())).toEqual([
    ['content_generation_metadata_comprehensive', 'content_metadata', 'unified_posts'],
    ['posted_decisions', 'posts', 'tweets'],
    ['outcomes', 'real_tweet_metrics', 'tweet_analytics'],
  ])
  expect(report.groups.map((group) => group.key)).toEqual(['decision_id', 'tweet_id', 'tweet_id'])
  const views = report.tables.filter((table) => table.shows.length > 0)
  expect(views.map((view) => [view.name, [...view.shows].sort()])).toEqual([
    ['post_performance', ['outcomes', 'posted_decisions']],
  ])
})

test('the queue: keys in three spellings, a score in two units, and as many conflicts as were planted', () => {
  const { queue } = planted
  const pair = pairOf(report, 'content_generation_metadata_comprehensive', 'content_metadata')
  expect(pair.counts).toMatchObject({ shared: queue.shared, onlyLeft: queue.onlySecond, onlyRight: queue.onlyFirst })
  expect(report.keys.find((key) => key.table === pair.left && key.form === 'undashed')?.spelling).toMatchObject({
    ...{ withCapitals: queue.upperCase, uuidsWithoutHyphens: queue.unhyphenated, others: queue.madeUpKeys },
  })
  const named = Object.fromEntries(pair.columns.map((column) => [column.left, column]))
  expect(named.raw_topic).toMatchObject({ right: 'topic', by: 'values', equal: queue.shared, conflicting: 0 })
  expect(named.quality_score?.nearly).toEqual([
    { how: 'the right one is 100 times the left one', count: named.quality_score?.conflicting },
  ])
  // Where the first thought was none, the second one fills it.
  const disagreeing =
    (named.content?.conflicting ?? 0) + (named.angle?.conflicting ?? 0) + (named.angle?.rightNull ?? 0)
  expect(disagreeing).toBe(queue.disagreeing)
  expect(named.content?.leftNewer).toBe(named.content?.conflicting)
})

test('posts: joined by an id of another name, duplicates and rows without it counted', () => {
  const { posts } = planted
  const key = (table: string, column: string) =>
    report.keys.find((one) => one.table === table && one.columns[0] === column)
  expect(key('tweets', 'tweet_id')).toMatchObject({
    ...{ rows: posts.tweets, rowsWithoutKey: posts.tweetsWithoutId, duplicatedKeys: posts.duplicateTweets },
  })
  expect(key('posts', 'external_id')).toMatchObject({
    ...{ rows: posts.posts, rowsWithoutKey: posts.postsWithoutId, duplicatedKeys: posts.duplicatePosts },
  })
  expect(key('posted_decisions', 'tweet_id')).toMatchObject({ rowsWithoutKey: posts.withoutTweetId })
  const pair = pairOf(report, 'posts', 'tweets')
  expect(pair.key).toMatchObject({ left: ['external_id'], right: ['tweet_id'] })
  expect(pair.columns.map((column) => [column.left, column.right])).toContainEqual(['body', 'text'])
  expect(statesOf(pair, 'body')[4]).toBeGreaterThan(0)
})

test('tables without the decision find it through posted_decisions, with as many orphans as were planted', async () => {
  const { posts } = planted
  const link = (table: string) =>
    report.links.find((one) => one.table === table && one.wants === 'decision_id' && one.through === 'posted_decisions')
  expect(link('posts')).toMatchObject({
    ...{ by: { identity: 'tweet_id', column: 'external_id', throughColumn: 'tweet_id' }, take: 'decision_id' },
    ...{ rows: posts.posts, withoutValue: posts.postsWithoutId, notFound: posts.orphanPosts, ambiguous: 0 },
  })
  const tweets = link('tweets') as Link
  const [byHand] = await database.query<{ found: number; several: number; none: number; mock: number }>(`
    select count(*) filter (where n = 1)::int as found, count(*) filter (where n > 1)::int as several,
           count(*) filter (where n = 0 and tweet_id is not null)::int as none,
           count(*) filter (where n = 0 and tweet_id !~ '^[0-9]+$')::int as mock
    from (select t.tweet_id, (select count(distinct lower(replace(decision_id, '-', ''))) from posted_decisions d
                              where d.tweet_id = t.tweet_id) as n from tweets t) x`)
  expect(tweets).toMatchObject({
    ...{ found: byHand?.found, ambiguous: byHand?.several, notFound: byHand?.none, unlikeOthers: byHand?.mock },
    ...{ withoutValue: posts.tweetsWithoutId },
  })
  expect(tweets.unlikeOthers).toBe(posts.madeUpTweetIds)
})

test('fraction and percent in columns of other names are asked about', () => {
  const hints = pairOf(report, 'real_tweet_metrics', 'tweet_analytics').hints
  expect(hints.join()).toMatch(/engagement and engagement_percent: .*A fraction and percent\?/)
})

test('the page says what the mapping has to say', () => {
  const page = writeOverlapPage(report, { matrix: null, groups: [] })
  for (const words of [
    "`content_generation_metadata_comprehensive`: `key: 'decision_id::uuid'`",
    "`tweets` finds `decision_id` by `{ via: 'posted_decisions', on: 'tweet_id', take: 'decision_id::uuid' }`",
    "`posts` finds `decision_id` by `{ via: 'posted_decisions', on: { from: 'external_id', to: 'tweet_id' }, take: 'decision_id::uuid' }`",
    '`outcomes` and `real_tweet_metrics` disagree more often than not on `likes`, `retweets`',
    '`content_metadata.quality` is 100 times the other',
    'Which one is right where `content_generation_metadata_comprehensive` and `content_metadata` disagree on `content`?',
  ])
    expect(page).toContain(words)
  expect(page.indexOf('`post_performance` is a view over')).toBeLessThan(page.indexOf('## In short'))
})

test('without showValues no value of the database stands in any artifact; with it they do', async () => {
  const drawings = [
    drawMatrix(
      report.tables.map((one) => one.name),
      report.pairs,
    ),
    ...report.groups.map(drawSets),
  ]
  const texts = [JSON.stringify(report), writeOverlapPage(report, { matrix: 'm.svg', groups: [] }), ...drawings].join(
    '\n',
  )
  const values = await database.query<{ value: string }>(`
    select decision_id as value from posted_decisions union select tweet_id from posted_decisions where length(tweet_id) > 6
    union select content from content_metadata union select replace(decision_id, '-', '') from posted_decisions
    union select angle from content_generation_metadata_comprehensive where angle like '% %'`)
  expect(values.length).toBeGreaterThan(5000)
  expect(values.filter(({ value }) => texts.includes(value))).toEqual([])
  const open = JSON.stringify(await overlapOf(database, ['posts', 'tweets'], { showsValues: true }))
  expect(values.some(({ value }) => open.includes(value))).toBe(true)
})

test('the document is as the schema says', () => {
  const path = new URL('../../schema/overlap-report.schema.json', import.meta.url)
  const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(
    JSON.parse(readFileSync(path, 'utf8')),
  )
  const errorsOf = (document: unknown) => (validate(JSON.parse(JSON.stringify(document))) ? [] : validate.errors)
  expect(errorsOf(report)).toEqual([])
  expect(errorsOf({ ...report, extra: 1 })).not.toEqual([])
  expect(errorsOf({ ...report, pairs: report.pairs.map((pair) => ({ ...pair, relation: 'twins' })) })).not.toEqual([])
})

test('the drawings are whole SVG documents in which every table and every set stands', () => {
  const [group] = report.groups
  if (!group) throw new Error('no group')
  const sets = drawSets(group)
  for (const name of group.keyed) expect(sets).toContain(`>${name}<`)
  expect(sets.match(/<rect class="bar"/g)).toHaveLength(group.sets.length + group.keyed.length)
  const full = group.sets.reduce((sum, set) => sum + set.tables.length, 0)
  expect(sets.match(/<circle class="dot"/g)).toHaveLength(full)
  expect(drawMatrix(group.tables, report.pairs).match(/<rect class="share"/g)).toHaveLength(6)
})
