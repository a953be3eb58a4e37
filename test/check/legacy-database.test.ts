import { expect, test } from 'vitest'
import { readCheck } from '../../src/check/read-check.ts'
import { loadProject } from '../../src/control/project.ts'
import { connect } from '../../src/db/connect.ts'
import { fillLegacy } from '../../src/demo/legacy-rows.ts'
import { writeProject } from '../../src/demo/project.ts'
import { createLogger } from '../../src/lib/log.ts'
import { createTestDatabase } from '../support/database.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

test("the demo's mapping: every mess that its tables hold is counted", async () => {
  const database = await createTestDatabase()
  const client = await database.pool.connect()
  const { queue, posts, metrics } = await fillLegacy(client, { keys: 1000 }).finally(() => client.release())
  const folder = await createTemporaryFolder()
  await writeProject(folder)
  const project = await loadProject({ cwd: folder })
  const db = await connect(database.url, { applicationName: 'check', readOnly: true, poolSize: 2 })
  const options = { url: database.url, onDatabase: false, showsValues: false, timeout: 60 }
  const log = createLogger({ stream: { write: () => true } })
  const report = await readCheck(db, project, { ...options, log, signal: new AbortController().signal })
  await db.close()
  await database.drop()

  const stops = report.findings.filter((one) => one.severity === 'stops').map((one) => [one.id, one.rows] as const)
  expect(report.findings.find((one) => one.id === 'space')?.what).not.toMatch(/the size of the old tables|without/)
  expect({ ok: report.ok, unknown: report.unknownAccepted }).toEqual({ ok: true, unknown: [] })
  const fromOutcomes = 'engagement_metrics-from-outcomes'
  expect(Object.fromEntries(stops)).toEqual({
    'content_queue.range.quality_score': queue.outOfRange,
    'content_queue.not-null.content': queue.withoutContent,
    'content_queue.check.content_queue_decision_type_check': queue.unknownType,
    'content_queue.no-key.content_generation_metadata_comprehensive': queue.madeUpKeys,
    'posted_content.value.decision_type.posted_decisions': posts.unknownType,
    'posted_content.not-null.tweet_id': posts.withoutTweetId,
    'posted_content.no-key.posted_decisions': posts.noUuid,
    'posted_content.no-key.tweets': posts.tweetsWithoutId + posts.orphanTweets + posts.madeUpTweetIds,
    'posted_content.unique.tweet_id': posts.sharedTweetId,
    [`${fromOutcomes}.range.engagement_rate`]: metrics.outOfRange,
    [`${fromOutcomes}.value.decision_id.outcomes`]: metrics.noUuid,
    [`${fromOutcomes}.parent.decision_id`]: metrics.deadDecisions + metrics.ofJournaledPosts,
    'engagement_metrics-from-real_tweet_metrics.value.decision_id.real_tweet_metrics': metrics.unknownTweetsOfReal,
    'engagement_metrics-from-tweet_analytics.value.decision_id.tweet_analytics': metrics.unknownTweetsOfAnalytics,
  })
})
