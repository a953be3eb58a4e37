import { expect, test } from 'vitest'
import { buildMap } from '../../../src/codemap/build-map.ts'
import { namePartsOf } from '../../../src/codemap/suspects/name-tokens.ts'
import { describeProgram, type Program } from '../program.ts'
import { postingProgram } from '../programs/posting.ts'
import { shopProgram } from '../programs/shop.ts'
import { makeProgram } from '../programs/synthetic.ts'

function suspectsOf(program: Program) {
  return buildMap({ ...program, problems: [] }).suspects
}

test('finds the tables that hold the same thing, by all that speaks for it', () => {
  expect(suspectsOf(postingProgram).map((group) => group.tables)).toEqual([
    ['content_generation_metadata_comprehensive', 'content_metadata'],
    ['outcomes', 'real_tweet_metrics', 'tweet_analytics'],
    ['posted_decisions', 'posts', 'tweets', 'unified_posts'],
  ])
})

test('takes an order and its lines, a user and his profile for no twins, but users and customers', () => {
  expect(suspectsOf(shopProgram).map((group) => group.tables)).toEqual([
    ['products', 'products_old'],
    ['customers', 'users'],
  ])
})

test('says what speaks for it', () => {
  const [queue, , posts] = suspectsOf(postingProgram)
  const both = 'content_generation_metadata_comprehensive and content_metadata'
  expect(queue?.evidence).toEqual([
    `${both}: the names share content, metadata.`,
    `${both}: 9 columns of the same name: angle, scheduled_at, tone, decision_type, generator_name, posted_at and 3 more.`,
    `${both}: written side by side in claimDue, markPosted, planJob.`,
    `${both}: the same values are put into both: plan.key → decision_id; plan.content → content;` +
      ' plan.decisionType → decision_type; plan.due → scheduled_at; plan.topic → raw_topic and topic;' +
      ' plan.tone → tone; plan.angle → angle.',
  ])
  expect(posts?.evidence).toContain(
    'posts and tweets: the same values are put into both: linkTo(tweetId) → permalink and url; tweetId → external_id and' +
      ' tweet_id; due.content → body and text; oldWord(due) → format and kind.',
  )
  expect(posts?.evidence).toContain('posts and unified_posts: the names differ by unified only.')
})

test.each([
  ['posts_old', 'posts'],
  ['posts_v2', 'posts'],
  ['Posts', 'post'],
  ['tmp_orders', 'orders'],
  ['contentMetadata', 'content_metadata_backup'],
])('%s and %s are alike by name alone', (one, other) => {
  const program = describeProgram(`
    entry src/main.ts
    src/main.ts# insert ${one} written:text
    src/main.ts#list select ${other} read:*
    src/main.ts#list select accounts read:name
    src/main.ts#list select invoices read:number
  `)
  expect(suspectsOf(program).map((group) => group.tables)).toEqual([[one, other].sort()])
})

test('what every table has speaks for nothing', () => {
  const columns = 'id,created_at,updated_at,tenant,version'
  const program = describeProgram(`
    entry src/main.ts
    ${['accounts', 'bookings', 'cars', 'doors', 'engines', 'fees'].map((name) => `src/main.ts#${name} select ${name} read:${columns}`).join('\n')}
  `)
  expect(suspectsOf(program)).toEqual([])
})

test('names that differ in more than an addition need more evidence', () => {
  const program = describeProgram(`
    entry src/main.ts
    src/main.ts#a select tweet_media read:tweet_id,url
    src/main.ts#b select tweet_authors read:tweet_id,handle
    src/main.ts#c select tweet_scores read:tweet_id,score
    src/main.ts#d select full_names read:first_name,last_name,title
    src/main.ts#e select names read:tld,registrar,expires
  `)
  expect(suspectsOf(program)).toEqual([])
})

test('a fallback from one table to another is evidence, a join is not', () => {
  const program = describeProgram(`
    entry src/main.ts
    src/main.ts#readScore select scores_daily read:value,basis,confidence filtered:tweet
    src/main.ts#readScore select score_cache read:value,basis,confidence filtered:tweet
    src/main.ts#list select authors read:name,handle
    src/main.ts#list select works read:title,year filtered:author
    src/main.ts#count select shelves read:room
    src/main.ts#count select rooms read:floor
  `)
  expect(suspectsOf(program).map((group) => group.tables)).toEqual([['score_cache', 'scores_daily']])
})

test('tables that link others are alike by nature', () => {
  const program = describeProgram(`
    entry src/main.ts
    src/main.ts#add insert collections written:id<id,name<name
    src/main.ts#add insert collection_files written:collection_id<id,file_id<file,user_id<user
    src/main.ts#add insert collection_workspaces written:collection_id<id,workspace_id<space,user_id<user
    src/main.ts#list select files read:path,size
    src/main.ts#list select workspaces read:title,theme
  `)
  expect(suspectsOf(program)).toEqual([])
})

test('makes no hairball of 130 tables', () => {
  const { suspects } = buildMap({ ...makeProgram({ tables: 130, modules: 60, interactions: 5000 }), problems: [] })
  expect(Math.max(0, ...suspects.map((group) => group.tables.length))).toBeLessThanOrEqual(4)
})

test('a name in words', () => {
  expect(namePartsOf('content_generation_metadata_comprehensive')).toEqual({
    core: ['content', 'generation', 'metadata'],
    qualifiers: ['comprehensive'],
  })
  expect(namePartsOf('RealTweetMetrics_v2')).toEqual({ core: ['tweet', 'metric'], qualifiers: ['real', 'v2'] })
  expect(namePartsOf('statuses').core).toEqual(['statuse'])
  expect(namePartsOf('categories').core).toEqual(['category'])
  expect(namePartsOf('archive')).toEqual({ core: ['archive'], qualifiers: [] })
})
