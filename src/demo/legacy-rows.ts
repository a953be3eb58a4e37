import type { ClientBase } from 'pg'
import { LEGACY_GRANTS, LEGACY_SCHEMA } from './legacy-schema.ts'
import { COUNT_METRICS, FILL_METRICS, PLAN_METRICS, type PlantedMetrics } from './metric-rows.ts'
import { COUNT_POSTS, FILL_POSTS, PLAN_POSTS, type PlantedPosts } from './post-rows.ts'
import { COUNT_QUEUE, FILL_QUEUE, PLAN_QUEUE, type PlantedQueue } from './queue-rows.ts'

/** What was put into the old tables. */
export interface Planted {
  readonly queue: PlantedQueue
  readonly posts: PlantedPosts
  readonly metrics: PlantedMetrics
}

export interface FillOptions {
  readonly keys: number
  readonly seed?: number
}

/**
 * Creates the legacy tables in `public` of an empty database and fills them. The same seed gives the
 * same rows, but for timestamps, which are relative to now. The application never touches what doesn't fit the new
 * schema (such rows of the queue have status `failed`, all others are older than what it looks at), so their counts
 * hold through the run.
 */
export async function fillLegacy(client: ClientBase, options: FillOptions): Promise<Planted> {
  await client.query(LEGACY_SCHEMA)
  await client.query('begin')
  const seed = options.seed ?? 1
  await client.query(PLAN_QUEUE, [options.keys, seed])
  await client.query(PLAN_POSTS, [options.keys, seed])
  await client.query(PLAN_METRICS, [options.keys, seed])
  await client.query(FILL_QUEUE)
  await client.query(FILL_POSTS)
  await client.query(FILL_METRICS)
  await client.query(FILL_UNUSED)
  await client.query(FILL_STAYING)
  const planted = {
    queue: await readCounts<PlantedQueue>(client, COUNT_QUEUE),
    posts: await readCounts<PlantedPosts>(client, COUNT_POSTS),
    metrics: await readCounts<PlantedMetrics>(client, COUNT_METRICS),
  }
  await client.query('drop table pg_temp.planted, pg_temp.planted_posts, pg_temp.planted_metrics')
  await client.query('commit')
  await client.query(LEGACY_GRANTS)
  await client.query('analyze')
  return planted
}

async function readCounts<Counts extends object>(client: ClientBase, query: string): Promise<Counts> {
  const { rows } = await client.query<Counts>(query)
  const counts = rows[0]
  if (counts === undefined) throw new Error('counting what was planted returned no row')
  return counts
}

const FILL_UNUSED = /* sql */ `
insert into unified_posts (decision_id, tweet_id, content, metrics, created_at)
select decision_id::text, (1500000000000000000 + g)::text, content, jsonb_build_object('likes', g), created_at
from planted where mod(g, 4) = 0
`

const FILL_STAYING = /* sql */ `
insert into bot_config (key, value)
select 'setting_' || n, jsonb_build_object('enabled', mod(n, 2) = 0, 'limit', n) from generate_series(1, 20) as n;
insert into learning_posts (content, lesson, score, decision_id)
select 'Learned ' || n || ' 📚', 'shorter is better', n / 7.0, m.decision_id
from generate_series(1, 200) as n
left join (select decision_id, row_number() over (order by g) as nth from planted
           where lives <> 'second' and flaw is null) m on m.nth = 2 * n;
insert into discovered_accounts (username, followers)
select 'account_' || n, 100 * n from generate_series(0, 99) as n;
insert into reply_opportunities (target_tweet_id, target_username)
select (17000000000000000 + n)::text, 'account_' || mod(n, 100) from generate_series(1, 300) as n;
`
