import type { ClientBase } from 'pg'
import { type Sql, sql } from '../../lib/sql.ts'
import type { Planted } from '../legacy-rows.ts'
import { buildExpectedMetrics } from './expected-metrics.ts'
import { buildExpectedPosts } from './expected-posts.ts'
import { buildPlacedTables, type PlacedTables, type Places } from './places.ts'

export type Fate = 'merged' | 'own' | 'left out' | 'journaled'

/** Old rows with one thing wrong, and what became of them. */
export interface Mess {
  readonly table: string
  readonly what: string
  readonly planted: number
  /** What should become of each. */
  readonly fate: Fate
  /** How many of them that is. */
  readonly found: number
}

/** Rows of one old table with one thing wrong (null: nothing), and one fate. */
export interface FateCount {
  readonly table: string
  readonly mess: string | null
  readonly fate: Fate
  readonly rows: number
}

/** Of every row of the tables that feed posted_content. In one snapshot, over both sides as they are. */
export function readFatesOfPosts(client: ClientBase, places: Places): Promise<FateCount[]> {
  return readFates(client, judgePosts(buildPlacedTables(places)))
}

/** Of every row of the tables that feed engagement_metrics. */
export function readFatesOfMetrics(client: ClientBase, places: Places): Promise<FateCount[]> {
  return readFates(client, judgeMetrics(buildPlacedTables(places)))
}

async function readFates(client: ClientBase, judgement: Sql): Promise<FateCount[]> {
  const query = sql`
with ${judgement}
select "table", mess, fate, count(*)::int as rows
from (select "table", mess,
             case when left_out then 'left out' when not arrived then 'journaled' when merged then 'merged'
                  else 'own' end as fate
      from judgement) as judged
group by 1, 2, 3 order by 1, 2, 3`.text
  return (await client.query<FateCount>(query)).rows
}

function judgePosts(tables: PlacedTables): Sql {
  return sql`${buildExpectedPosts(tables)},
shared as (
  select tweet_id, l.key from decided d join linked l using (tweet_id) group by 1, 2 having count(d.key) > 1
),
unknown_word as (
  select mark from decided where word is null and decision_type is not null and mark is not null
),
old_row as (
  select 'posted_decisions' as "table", mark, left_out,
         case when left_out then 'dry run' when d.key is null then 'key is no uuid'
              when tweet_id is null then 'no tweet id'
              when word is null then 'word that nobody knows'
              when d.key <> s.key then 'tweet id that a newer post has' end as mess
  from decided d left join shared s using (tweet_id)
  union all
  select 'tweets', mark, left_out,
         case when left_out then 'dry run' when tweet_id is null then 'no tweet id'
              when key is null and tweet_id !~ '^[0-9]+$' then 'made-up tweet id'
              when key is null then 'no decision knows it'
              when mark in (select mark from unknown_word) then 'its decision does not fit' end
  from tweet
  union all
  select 'posts', mark, left_out,
         case when left_out then 'no tweet id'
              when key is null then 'from before there were decisions'
              when mark in (select mark from unknown_word) then 'its decision does not fit' end
  from post
),
judgement as (
  select o."table", o.mess, o.left_out,
         not o.left_out and n.tweet_id is not null as arrived,
         count(*) filter (where not o.left_out) over (partition by o.mark) > 1 as merged
  from old_row o
  left join known_post k on k.mark = o.mark and k.keeps
  left join ${tables.posted} n on n.tweet_id = k.tweet_id
)`
}

function judgeMetrics(tables: PlacedTables): Sql {
  return sql`${buildExpectedPosts(tables)},
${buildExpectedMetrics(tables)},
judgement as (
  select m.source as "table", m.left_out,
         case when m.left_out then 'guess'
              when m.decision_id is null and m.source = 'outcomes' then 'key is no uuid'
              when m.decision_id is null then 'no decision knows its tweet'
              when not p.keeps then 'its post is in the journal'
              when p.decision_id is null then 'dead decision'
              when m.engagement_rate >= 10 then 'rate out of range' end as mess,
         n.id is not null as arrived, false as merged
  from known_metric m
  left join (select decision_id, keeps from known_post where decision_id is not null) p
    on p.decision_id = m.decision_id
  left join ${tables.metrics} n on n.tweet_id = m.tweet_id and n.collected_at = m.collected_at and m.fits
)`
}

/** Each mess with the number of its rows that came to the end that the mapping has for them. */
export function buildMesses(planted: Planted, posts: readonly FateCount[], metrics: readonly FateCount[]): Mess[] {
  const { posts: p, metrics: m } = planted
  const plan: [table: string, what: string, planted: number, fate: Fate][] = [
    ['posted_decisions', 'no tweet id', p.withoutTweetId, 'journaled'],
    ['posted_decisions', 'key is no uuid', p.noUuid, 'journaled'],
    ['posted_decisions', 'word that nobody knows', p.unknownType, 'journaled'],
    ['posted_decisions', 'tweet id that a newer post has', p.sharedTweetId, 'journaled'],
    ['posted_decisions', 'dry run', p.dryRuns, 'left out'],
    ['tweets', 'no tweet id', p.tweetsWithoutId, 'journaled'],
    ['tweets', 'no decision knows it', p.orphanTweets, 'journaled'],
    ['tweets', 'made-up tweet id', p.madeUpTweetIds, 'journaled'],
    ['tweets', 'its decision does not fit', p.tweetsOfUnknownType, 'journaled'],
    ['tweets', 'dry run', p.dryRuns, 'left out'],
    ['posts', 'no tweet id', p.postsWithoutId, 'left out'],
    ['posts', 'its decision does not fit', p.postsOfUnknownType, 'journaled'],
    ['posts', 'from before there were decisions', p.orphanPosts - 2 * p.duplicatePosts, 'own'],
    ['posts', 'from before there were decisions', 2 * p.duplicatePosts, 'merged'],
    ['outcomes', 'dead decision', m.deadDecisions, 'journaled'],
    ['outcomes', 'key is no uuid', m.noUuid, 'journaled'],
    ['outcomes', 'its post is in the journal', m.ofJournaledPosts, 'journaled'],
    ['outcomes', 'rate out of range', m.outOfRange, 'journaled'],
    ['real_tweet_metrics', 'no decision knows its tweet', m.unknownTweetsOfReal, 'journaled'],
    ['tweet_analytics', 'no decision knows its tweet', m.unknownTweetsOfAnalytics, 'journaled'],
    ['tweet_analytics', 'guess', m.estimates, 'left out'],
  ]
  const all = [...posts, ...metrics]
  return plan.map(([table, what, rows, fate]) => ({
    ...{ table, what, planted: rows, fate },
    found: all.find((count) => count.table === table && count.mess === what && count.fate === fate)?.rows ?? 0,
  }))
}
