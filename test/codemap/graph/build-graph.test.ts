import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { buildMap } from '../../../src/codemap/build-map.ts'
import type { InteractionMap } from '../../../src/codemap/interaction-map.ts'
import { type CodeMap, readCodeMap } from '../../../src/codemap/read-code-map.ts'

let found: CodeMap
let map: InteractionMap

beforeAll(async () => {
  found = await readCodeMap(join(import.meta.dirname, '../fixtures/supabase-posting-bot'))
  map = buildMap(found)
})

test('what starts, and what runs again and again', () => {
  expect(found.graph.entries).toEqual(['scripts/backfill-scores.ts', 'src/main.ts'])
  const loops = found.graph.loops.map(({ kind, label, file, line, job }) => {
    return `${kind} ${file}:${line} ${job}${label === null ? '' : ` (${label})`}`
  })
  expect(loops).toEqual([
    'timer src/main.ts:11 src/jobs/planJob.ts#planJob',
    'timer src/main.ts:12 src/jobs/postingQueue.ts#postingQueue',
    'timer src/main.ts:13 src/jobs/metricsCollector.ts#collectMetrics',
    'schedule src/main.ts:20 src/jobs/learnJob.ts#learn (0 4 * * *)',
    'request src/web/dashboard.ts:6 src/web/dashboard.ts#startDashboard (GET /posts)',
    'request src/web/dashboard.ts:10 src/web/dashboard.ts#listOutcomes (GET /outcomes)',
    'request src/web/dashboard.ts:11 src/web/dashboard.ts#startDashboard (PUT /settings/:key)',
  ])
})

test('who calls whom, also through imports and lists; who sets a loop up does not call what it runs', () => {
  const calls = found.graph.calls.map((call) => call.map((id) => id.replace(/^src\/|\.ts/g, '')).join(' → '))
  expect(calls).toContain('main# → main#start')
  expect(calls).toContain('main#start → web/dashboard#startDashboard')
  expect(calls).toContain('main#start:13:15 → jobs/metricsCollector#collectMetrics')
  expect(calls).toContain('jobs/postingQueue#postingQueue → posting/tell#tellAll')
  expect(calls).toContain('posting/tell#tellAll → posting/tell#tellTweet')
  expect(calls.filter((call) => call.startsWith('main#start → jobs'))).toEqual([])
  expect(calls).not.toContain('web/dashboard#startDashboard → web/dashboard#listOutcomes')
})

test('what writes put into columns', () => {
  const written = found.graph.written.find((one) => one.table === 'tweets')
  expect(written?.columns).toEqual({
    tweet_id: 'tweetId',
    text: 'post.content',
    url: 'linkTo(tweetId)',
    kind: 'post.decision_type',
  })
  expect(found.graph.written.find((one) => one.table === 'real_tweet_metrics')?.columns).toMatchObject({
    likes: 'counts.likes',
  })
})

test('of all this a person gets what two weeks of reading give', () => {
  expect(Object.fromEntries(map.tables.map((table) => [table.name, table.class]))).toEqual({
    content_metadata: 'critical',
    posted_decisions: 'critical',
    outcomes: 'critical',
    bot_config: 'important',
    learning_posts: 'important',
    content_generation_metadata_comprehensive: 'legacy',
    posts: 'legacy',
    real_tweet_metrics: 'legacy',
    tweets: 'legacy',
    tweet_reports: 'legacy',
    unified_posts: 'legacy',
    viral_scores: 'legacy',
  })
  expect(map.flows[0]?.text).toBe(
    'postingQueue → posted_decisions (insert) → metricsCollector (select) → outcomes (insert) → learnJob (select)' +
      ' → learning_posts (insert) → planJob (select) → content_metadata (insert) → postingQueue (select, update)',
  )
  expect(map.suspects.map((group) => group.tables)).toEqual([
    ['content_generation_metadata_comprehensive', 'content_metadata'],
    ['outcomes', 'real_tweet_metrics'],
    ['posted_decisions', 'posts', 'tweets'],
  ])
})
