-- name: every old row is a new row of its own
with partner as (
  select distinct on (tweet_id) tweet_id, decision_id from posted_decisions order by tweet_id, decision_id
), expected as (
  select decision_id::uuid as decision_id, null as tweet_id, coalesce(likes, 0) as likes, engagement_rate, pass,
         'outcomes' as data_source, collected_at
    from outcomes where decision_id !~ 'made-up' and coalesce(engagement_rate, 0) < 10
  union all
  select p.decision_id, m.tweet_id, coalesce(m.likes, 0), m.engagement_percent / 100, null, 'real_tweet_metrics', m.collected_at
    from real_tweet_metrics m join partner p using (tweet_id)
  union all
  select p.decision_id, a.tweet_id, coalesce(a.favorites, 0), a.rate_percent / 100, null, 'tweet_analytics', a.collected_at
    from tweet_analytics a join partner p using (tweet_id)
  union all
  select p.decision_id, f.tweet_id, coalesce(f.likes, 0), null, null, 'follower_counts', f.collected_at
    from follower_counts f left join partner p using (tweet_id)
), actual as (
  select decision_id, tweet_id, likes, engagement_rate, collected_pass, data_source, collected_at from engagement_metrics
)
(select 'missing' as what, * from (table expected except all table actual) as m)
union all
(select 'extra' as what, * from (table actual except all table expected) as e);

-- name: the journal has what is no uuid, what has no room, and measurements that wait for their decision
with waiting as (
  select 'outcomes' as source, id::text from outcomes where decision_id ~ 'made-up' or engagement_rate >= 10
  union all
  select 'real_tweet_metrics', id::text from real_tweet_metrics m
   where not exists (select from posted_decisions d where d.tweet_id = m.tweet_id)
), journaled as (
  select coalesce(source, replace(target, 'engagement_metrics from ', '')) as source, (coalesce(key, old_key))[1] as id
    from crossfade.journal
)
(select 'missing' as what, * from (table waiting except all table journaled) as m)
union all
(select 'extra' as what, * from (table journaled except all table waiting) as e);

-- name: the compat views have the old rows under their own ids
-- when: reads
with known as (select tweet_id from posted_decisions), expected as (
  select 'outcomes' as source, id, coalesce(likes, 0) from outcomes
   where decision_id !~ 'made-up' and coalesce(engagement_rate, 0) < 10
  union all select 'real_tweet_metrics', id, coalesce(likes, 0) from real_tweet_metrics where tweet_id in (table known)
  union all select 'tweet_analytics', id, coalesce(favorites, 0) from tweet_analytics where tweet_id in (table known)
  union all select 'follower_counts', id, coalesce(likes, 0) from follower_counts
), shown as (
  select 'outcomes', id, coalesce(likes, 0) from crossfade_compat.outcomes
  union all select 'real_tweet_metrics', id, coalesce(likes, 0) from crossfade_compat.real_tweet_metrics
  union all select 'tweet_analytics', id, coalesce(favorites, 0) from crossfade_compat.tweet_analytics
  union all select 'follower_counts', id, coalesce(likes, 0) from crossfade_compat.follower_counts
)
(select 'missing' as what, m.* from (table expected except all table shown) as m)
union all
(select 'extra' as what, e.* from (table shown except all table expected) as e);
