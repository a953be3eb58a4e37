/** What was put into outcomes, real_tweet_metrics and tweet_analytics, counted in rows. */
export interface PlantedMetrics {
  readonly outcomes: number
  readonly realTweetMetrics: number
  readonly tweetAnalytics: number
  readonly newMetrics: number
  readonly leftOutRows: number
  readonly journaledRows: number
  /** Outcomes of decisions that were measured more than once. */
  readonly severalPasses: number
  /** Engagement as a fraction, and as percent, in rows that fit. */
  readonly fractions: number
  readonly percents: number
  readonly deadDecisions: number
  readonly noUuid: number
  readonly outOfRange: number
  /** Of posts that are in the journal themselves. */
  readonly ofJournaledPosts: number
  readonly unknownTweetsOfReal: number
  readonly unknownTweetsOfAnalytics: number
  readonly estimates: number
}

/** One row per measurement. The application looks only at newer ones than those that don't fit. */
export const PLAN_METRICS = /* sql */ `
create temporary table planted_metrics as
with measured as (
  select 'outcomes' as source, null as mess, pass, written_key, tweet_id, created_at
  from planted_posts, generate_series(1, case when mod(n, 4) = 0 then 1 else 2 end) as pass
  where kind in ('plain', 'gone')
  union all
  select 'outcomes', 'post in the journal', 1, written_key, coalesce(tweet_id, '1'), created_at
  from planted_posts where loses or kind = 'no tweet id'
  union all
  select 'outcomes', 'out of range', 3, written_key, tweet_id, created_at - interval '300 days'
  from planted_posts where kind = 'plain' and mod(n, 90) = 7
  union all
  select 'outcomes', mess, 1, case mess when 'dead decision' then md5($2::text || mess || nth)::uuid::text
         else 'manual_' || nth end, (1500000000000000000 + nth)::text, now() - make_interval(secs => 31000000 + nth)
  from (values ('dead decision', 0.01), ('no uuid', 0.005)) as extra (mess, share),
       generate_series(1, ceil($1::int * share)::int) as nth
  union all
  select 'real_tweet_metrics', null, 1, null, tweet_id, created_at
  from planted_posts where kind in ('plain', 'gone') or kind = 'shared' and not loses
  union all
  select 'tweet_analytics', case when mod(n, 29) = 5 then 'estimate' end, 1, null, tweet_id,
         case when mod(n, 29) = 5 then created_at - interval '300 days' else created_at end
  from planted_posts where kind in ('plain', 'gone') and mod(n, 10) < 6
  union all
  select source, 'unknown tweet', 1, null, (1400000000000000000 + nth)::text,
         now() - make_interval(secs => 31000000 + nth)
  from (values ('real_tweet_metrics'), ('tweet_analytics')) as extra (source),
       generate_series(1, ceil($1::int * 0.02)::int) as nth
)
select *, row_number() over (order by source, mess, tweet_id, written_key, pass) as n,
       created_at + case source when 'outcomes' then pass * interval '1 minute'
         when 'real_tweet_metrics' then interval '90 seconds' else interval '150 seconds' end as collected_at
from measured
`

export const FILL_METRICS = /* sql */ `
insert into outcomes
  (decision_id, tweet_id, likes, retweets, replies, bookmarks, quotes, impressions, views, profile_clicks,
   engagement_rate, followers_before, followers_after, followers_gained, pass, source, collected_at, created_at)
select written_key, tweet_id, mod(n * 37, 5000), mod(n, 400), mod(n, 90), mod(n, 60), mod(n, 20), mod(n * 91, 100000),
       mod(n * 53, 90000), mod(n, 70),
       case when mess = 'out of range' then 12.5 + mod(n, 900) when mod(n, 8) = 0 then null
            else mod(n, 1000000) / 1000003.0 end,
       1000 + mod(n, 50), 1000 + mod(n, 50) + mod(n, 7), mod(n, 7), pass,
       (array['scraper', 'api', null])[1 + mod(n, 3)], collected_at, collected_at + interval '1 second'
from planted_metrics where source = 'outcomes'
order by md5(n::text);
insert into real_tweet_metrics
  (tweet_id, likes, retweets, replies, bookmarks, impressions, engagement, captured_at, created_at)
select tweet_id, mod(n * 41, 5000), mod(n, 300), mod(n, 80), mod(n, 50), mod(n * 97, 100000),
       case when mod(n, 8) > 0 then mod(n, 10000) / 10000.0 end, collected_at, collected_at + interval '1 second'
from planted_metrics where source = 'real_tweet_metrics'
order by md5(n::text);
insert into tweet_analytics
  (tweet_id, favorites, shares, comments, saves, views, profile_visits, engagement_percent, estimated, measured_at,
   inserted_at)
select tweet_id, mod(n * 43, 5000), mod(n, 200), mod(n, 70), mod(n, 40), mod(n * 89, 100000), mod(n, 30),
       case when mod(n, 8) > 0 then mod(n, 1000000) / 10000.0 end, coalesce(mess = 'estimate', false), collected_at,
       collected_at + interval '1 second'
from planted_metrics where source = 'tweet_analytics'
order by md5(n::text)
`

export const COUNT_METRICS = /* sql */ `
select count(*) filter (where source = 'outcomes')::int as "outcomes",
       count(*) filter (where source = 'real_tweet_metrics')::int as "realTweetMetrics",
       count(*) filter (where source = 'tweet_analytics')::int as "tweetAnalytics",
       count(*) filter (where mess is null)::int as "newMetrics",
       count(*) filter (where mess = 'estimate')::int as "leftOutRows",
       count(*) filter (where mess <> 'estimate')::int as "journaledRows",
       count(*) filter (where source = 'outcomes' and passes > 1 and mess is null)::int as "severalPasses",
       count(*) filter (where source = 'real_tweet_metrics' and mess is null)::int as "fractions",
       count(*) filter (where source = 'tweet_analytics' and mess is null)::int as "percents",
       count(*) filter (where mess = 'dead decision')::int as "deadDecisions",
       count(*) filter (where mess = 'no uuid')::int as "noUuid",
       count(*) filter (where mess = 'out of range')::int as "outOfRange",
       count(*) filter (where mess = 'post in the journal')::int as "ofJournaledPosts",
       count(*) filter (where mess = 'unknown tweet' and source = 'real_tweet_metrics')::int as "unknownTweetsOfReal",
       count(*) filter (where mess = 'unknown tweet' and source = 'tweet_analytics')::int as "unknownTweetsOfAnalytics",
       count(*) filter (where mess = 'estimate')::int as "estimates"
from (select *, count(*) filter (where mess is null) over (partition by source, written_key) as passes
      from planted_metrics) as counted
`
