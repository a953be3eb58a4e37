import { type Sql, sql } from '../../lib/sql.ts'
import type { PlacedTables } from './places.ts'

/**
 * What engagement_metrics should hold. Common table expressions, after those of `buildExpectedPosts`: `measured` (every
 * old row, with what is wrong with it), `known_metric` (those with `fits`). A measurement is known by its tweet and
 * its instant, which no two have in common, whatever ids the two sides give it.
 */
export function buildExpectedMetrics(tables: PlacedTables): Sql {
  return sql`
measured as (
  select 'outcomes' as source, o.id, k.key as decision_id, o.tweet_id, o.likes, o.retweets, o.replies, o.bookmarks,
         o.quotes, o.impressions, o.views, o.profile_clicks, round(o.engagement_rate, 4) as engagement_rate,
         o.followers_before, o.followers_after, o.followers_gained, o.collected_at, o.pass as collected_pass,
         o.source as data_source, o.created_at, false as left_out
  from ${tables.outcomes} o
  cross join lateral (
    select case when lower(replace(o.decision_id, '-', '')) ~ '^[0-9a-f]{32}$'
             then lower(replace(o.decision_id, '-', ''))::uuid end as key) k
  union all
  select 'real_tweet_metrics', r.id, l.key, r.tweet_id, r.likes, r.retweets, r.replies, r.bookmarks,
         0, r.impressions, 0, 0, round(r.engagement, 4),
         null, null, null, r.captured_at, 0,
         'real_tweet_metrics', r.created_at, false
  from ${tables.realMetrics} r left join linked l using (tweet_id)
  union all
  select 'tweet_analytics', a.id, l.key, a.tweet_id, a.favorites, a.shares, a.comments, a.saves,
         0, 0, a.views, a.profile_visits, round(a.engagement_percent / 100, 4),
         null, null, null, a.measured_at, 0,
         'tweet_analytics', a.inserted_at, a.estimated
  from ${tables.analytics} a left join linked l using (tweet_id)
),
known_metric as (
  select m.*, not m.left_out and p.decision_id is not null and m.tweet_id is not null
                and abs(coalesce(m.engagement_rate, 0)) < 10 as fits
  from measured m
  left join (select decision_id from known_post where keeps and decision_id is not null) p
    on p.decision_id = m.decision_id
)`
}
