import type { ClientBase } from 'pg'
import { type Sql, sql } from '../../lib/sql.ts'
import { buildExpectedMetrics } from './expected-metrics.ts'
import { buildExpectedPosts } from './expected-posts.ts'
import { buildExpectedRows } from './expected-rows.ts'
import { buildPlacedTables, type PlacedTables, type Places, wait } from './places.ts'

export interface Comparison {
  /** Rows looked at: those of the new tables, and those that they lack. */
  readonly rows: number
  readonly differing: number
  /** The first of them. */
  readonly examples: readonly Difference[]
}

interface Difference {
  readonly table: NewTable
  readonly key: string
  readonly kind: 'missing' | 'extra' | 'differing'
  /** Columns of that name that differ on both sides. */
  readonly columns: readonly string[]
}

export type NewTable = 'content_queue' | 'posted_content' | 'engagement_metrics'

const EXAMPLES = 5
const LOOKS = 20
const BETWEEN_LOOKS_MS = 250

const COMPARISONS: { readonly [table in NewTable]: (tables: PlacedTables) => Sql } = {
  content_queue: compareQueue,
  posted_content: comparePosts,
  engagement_metrics: compareMetrics,
}

/**
 * Compares every row and column of the new tables with what the old ones say, by SQL of its own. A
 * difference counts when it is still there after several looks over five seconds: a key may wait for
 * the applier at the first one.
 */
export async function compareSides(client: ClientBase, places: Places): Promise<Comparison> {
  const tables = buildPlacedTables(places)
  const found: Comparison[] = []
  for (const [table, build] of Object.entries(COMPARISONS)) {
    found.push(await compareTable(client, table as NewTable, countDifferences(build(tables))))
  }
  const differences = found.flatMap((comparison) => comparison.examples)
  return {
    rows: found.reduce((sum, comparison) => sum + comparison.rows, 0),
    differing: found.reduce((sum, comparison) => sum + comparison.differing, 0),
    examples: differences.slice(0, EXAMPLES),
  }
}

async function compareTable(client: ClientBase, table: NewTable, query: string): Promise<Comparison> {
  let differences: Difference[] = []
  let suspects: string[] | null = null
  let rows = 0
  for (let look = 1; look <= LOOKS; look++) {
    const answer = await client.query<{ rows: number; differences: Omit<Difference, 'table'>[] | null }>(query, [
      suspects,
    ])
    rows = Math.max(rows, answer.rows[0]?.rows ?? 0)
    differences = (answer.rows[0]?.differences ?? []).map((difference) => ({ table, ...difference }))
    if (differences.length === 0) break
    suspects = differences.map((difference) => difference.key)
    await wait(BETWEEN_LOOKS_MS)
  }
  return { rows, differing: differences.length, examples: differences.slice(0, EXAMPLES) }
}

/** $1: the keys to look at, or null for all. */
function countDifferences(compared: Sql): string {
  return sql`
with ${compared}
select count(*)::int as rows,
       jsonb_agg(jsonb_build_object('key', key, 'kind', kind, 'columns', columns)) filter (where kind is not null) as differences
from compared where $1::text[] is null or key = any($1)`.text
}

function compareQueue(tables: PlacedTables): Sql {
  return sql`${buildExpectedRows(tables)},
compared as (
  select coalesce(e.decision_id, q.decision_id)::text as key,
         k.kind,
         case when k.kind = 'differing' then ${differingColumns(sql`q`)} end as columns
  from (select * from judged where fits) e
  full join ${tables.queue} q on q.decision_id = e.decision_id
  cross join lateral (
    select case when q.decision_id is null then 'missing'
           when e.decision_id is null then 'extra'
           when (e.content, e.decision_type, e.thread_parts::text, e.raw_topic, e.angle, e.tone, e.generator_name,
                 e.format_strategy, e.visual_format, e.status, e.scheduled_at, e.posted_at, e.quality_score,
                 e.predicted_er, e.target_tweet_id, e.target_username, e.created_at, e.updated_at)
                is distinct from
                (q.content, q.decision_type, q.thread_parts::text, q.raw_topic, q.angle, q.tone, q.generator_name,
                 q.format_strategy, q.visual_format, q.status, q.scheduled_at, q.posted_at, q.quality_score,
                 q.predicted_er, q.target_tweet_id, q.target_username, q.created_at, q.updated_at)
           then 'differing' end as kind
  ) k
)`
}

// By the tweet's id, which is unique too: the key that was made for a post without a decision is the product's own.
function comparePosts(tables: PlacedTables): Sql {
  return sql`${buildExpectedPosts(tables)},
compared as (
  select coalesce(e.tweet_id, n.tweet_id) as key,
         k.kind,
         case when k.kind = 'differing' then ${differingColumns(sql`n`)} end as columns
  from (select * from known_post where keeps) e
  full join ${tables.posted} n on n.tweet_id = e.tweet_id
  cross join lateral (
    select case when n.tweet_id is null then 'missing'
           when e.tweet_id is null then 'extra'
           when (coalesce(e.decision_id, n.decision_id), e.tweet_url, e.content, e.decision_type,
                 e.thread_parts::text, e.generator_name, e.raw_topic, e.visual_format, e.posted_at, e.created_at)
                is distinct from
                (n.decision_id, n.tweet_url, n.content, n.decision_type, n.thread_parts::text, n.generator_name,
                 n.raw_topic, n.visual_format, n.posted_at, n.created_at)
           then 'differing' end as kind
  ) k
)`
}

function compareMetrics(tables: PlacedTables): Sql {
  return sql`${buildExpectedPosts(tables)},
${buildExpectedMetrics(tables)},
compared as (
  select coalesce(e.tweet_id, n.tweet_id) || ' at ' || coalesce(e.collected_at, n.collected_at) as key,
         k.kind,
         case when k.kind = 'differing' then ${differingColumns(sql`n`)} end as columns
  from (select * from known_metric where fits) e
  full join ${tables.metrics} n on n.tweet_id = e.tweet_id and n.collected_at = e.collected_at
  cross join lateral (
    select case when n.id is null then 'missing'
           when e.id is null then 'extra'
           when (e.decision_id, e.likes, e.retweets, e.replies, e.bookmarks, e.quotes, e.impressions, e.views,
                 e.profile_clicks, e.engagement_rate, e.followers_before, e.followers_after, e.followers_gained,
                 e.collected_pass, e.data_source, e.created_at)
                is distinct from
                (n.decision_id, n.likes, n.retweets, n.replies, n.bookmarks, n.quotes, n.impressions, n.views,
                 n.profile_clicks, n.engagement_rate, n.followers_before, n.followers_after, n.followers_gained,
                 n.collected_pass, n.data_source, n.created_at)
           then 'differing' end as kind
  ) k
)`
}

/** For messages. */
function differingColumns(row: Sql): Sql {
  return sql`array(select x.key from jsonb_each(to_jsonb(e)) x where to_jsonb(${row}) -> x.key <> x.value order by 1)`
}
