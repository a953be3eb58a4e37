import { expect, onTestFinished, test } from 'vitest'
import { fillLegacy } from '../../src/demo/legacy-rows.ts'
import { buildConfig } from '../../src/design/write-config.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { commandsOver, draftOf } from './draft-of.ts'

async function legacyDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase()
  onTestFinished(() => database.drop())
  const client = await database.pool.connect()
  try {
    await fillLegacy(client, { keys: 600 })
  } finally {
    client.release()
  }
  return database
}

test('the draft, with its questions answered, leads through approve, build, sync and verify', async () => {
  const database = await legacyDatabase()
  const draft = await draftOf(database)
  expect(draft.problems).toEqual([])
  expect(draft.plan.targets.map(({ name, rule }) => [name, rule.kind, Object.keys(rule.sources).sort()])).toEqual([
    [
      'unified_content_metadata',
      'merge',
      ['content_generation_metadata_comprehensive', 'content_metadata', 'unified_posts'],
    ],
    ['unified_posted_decisions', 'merge', ['posted_decisions', 'posts', 'tweets']],
    ['unified_tweets', 'append', ['outcomes', 'real_tweet_metrics', 'tweet_analytics']],
  ])
  // The answers: better names, and a column that no row lacks.
  const renamed = (text: string): string =>
    text.replaceAll('unified_content_metadata', 'content_queue').replaceAll('unified_tweets', 'engagement_metrics')
  const answered = {
    ddl: renamed(draft.ddl).replace('tone text,', 'tone text default null,'),
    config: renamed(draft.config),
  }
  const { commands } = await commandsOver(database, answered)
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  await commands.sync()
  await commands.verify()
  const [counts] = await database.query<{ queue: number; measured: number; scaled: number }>(`
    select (select count(*)::int from new_schema.content_queue) as queue,
           (select count(*)::int from new_schema.engagement_metrics) as measured,
           (select count(*)::int from new_schema.content_queue as q join content_metadata as m using (decision_id)
             where m.quality is not null and q.quality is distinct from m.quality / 100) as scaled`)
  const [old] = await database.query<{ queue: number; measured: number }>(`
    select (select count(distinct lower(replace(decision_id, '-', '')))::int from (
              select decision_id::text from content_metadata
              union all select decision_id from content_generation_metadata_comprehensive
              union all select decision_id from unified_posts) as every
             where replace(decision_id, '-', '') ~* '^[0-9a-f]{32}$') as queue,
           (select count(*)::int from outcomes) + (select count(*)::int from real_tweet_metrics)
             + (select count(*)::int from tweet_analytics) as measured`)
  // Those whose decision is no uuid wait in the journal.
  const [journal] = await database.query<{ measured: number }>(
    `select count(*)::int as measured from crossfade.journal where target like 'engagement%'`,
  )
  expect(counts?.queue).toBe(old?.queue)
  expect(counts?.scaled).toBe(0)
  expect((counts?.measured ?? 0) + (journal?.measured ?? 0)).toBe(old?.measured)
}, 120_000)

test('the draft as it is passes the gate, and its text is its mapping', async () => {
  const database = await legacyDatabase()
  const draft = await draftOf(database)
  const { commands, project } = await commandsOver(database, draft)
  expect(project.config).toEqual(buildConfig(draft.plan, './NEW_PERFECT_SCHEMA.sql'))
  await commands.approve('design')
  await commands.build()
}, 60_000)
