import type { ClientBase } from 'pg'
import { buildExpectedMetrics } from '../../src/demo/measure/expected-metrics.ts'
import { buildExpectedPosts } from '../../src/demo/measure/expected-posts.ts'
import { buildExpectedRows } from '../../src/demo/measure/expected-rows.ts'
import { buildPlacedTables, type Places } from '../../src/demo/measure/places.ts'
import { NEW_PERFECT_SCHEMA } from '../../src/demo/project.ts'

/** The new tables in `public`, filled by the second opinion itself; keys for posts that have none are made here. */
export async function createNewTables(client: ClientBase, places: Places): Promise<void> {
  await client.query(NEW_PERFECT_SCHEMA)
  const tables = buildPlacedTables(places)
  const posts = `decision_id, tweet_id, tweet_url, content, decision_type, thread_parts, generator_name, raw_topic,
    visual_format, posted_at, created_at`
  const queue = `decision_id, content, decision_type, thread_parts, raw_topic, angle, tone, generator_name,
    format_strategy, visual_format, status, scheduled_at, posted_at, quality_score, predicted_er, target_tweet_id,
    target_username, created_at, updated_at`
  const metrics = `decision_id, tweet_id, likes, retweets, replies, bookmarks, quotes, impressions, views,
    profile_clicks, engagement_rate, followers_before, followers_after, followers_gained, collected_at, collected_pass,
    data_source, created_at`
  await client.query('alter table posted_content drop constraint posted_content_decision_id_fkey')
  await client.query(`with ${buildExpectedPosts(tables)}
    insert into posted_content (${posts})
    select ${posts.replace('decision_id', 'coalesce(decision_id, md5(tweet_id)::uuid)')} from known_post where keeps`)
  await client.query(
    `with ${buildExpectedRows(tables)} insert into content_queue (${queue}) select ${queue} from judged where fits`,
  )
  await client.query(
    `with ${buildExpectedPosts(tables)}, ${buildExpectedMetrics(tables)}
     insert into engagement_metrics (${metrics}) select ${metrics} from known_metric where fits`,
  )
  // Every post has its row of the queue: the one that it had, or one that was made for it.
  await client.query('alter table posted_content add foreign key (decision_id) references content_queue (decision_id)')
}
