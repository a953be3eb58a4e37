-- name: what a decision has posted is in its row
with partner as (
  select distinct on (tweet_id) tweet_id, decision_id from posted_decisions
   where tweet_id is not null order by tweet_id, decision_id
), post as (
  select distinct on (tweet_id) * from posts where tweet_id is not null order by tweet_id, id
), expected as (
  select d.decision_id, d.tweet_id, coalesce(d.content, t.content, b.content) as content, t.likes, b.boosted, d.posted_at
    from posted_decisions d left join partner p using (decision_id)
    left join tweets t on t.tweet_id = p.tweet_id left join post b on b.tweet_id = p.tweet_id
), actual as (
  select decision_id, tweet_id, content, likes, boosted, posted_at from posted_content
   where decision_id in (select decision_id from posted_decisions)
)
(select 'missing' as what, * from (table expected except all table actual) as m)
union all
(select 'extra' as what, * from (table actual except all table expected) as e);

-- name: each tweet id that no decision has is one row, of its tweet and its post
with post as (
  select distinct on (tweet_id) * from posts where tweet_id is not null order by tweet_id, id
), expected as (
  select coalesce(t.tweet_id, b.tweet_id) as tweet_id, coalesce(t.content, b.content) as content, t.likes, b.boosted
    from (select * from tweets where tweet_id is not null) t full join post b on b.tweet_id = t.tweet_id
   where coalesce(t.tweet_id, b.tweet_id) not in (select tweet_id from posted_decisions where tweet_id is not null)
), actual as (
  select tweet_id, content, likes, boosted from posted_content
   where tweet_id is not null and decision_id not in (select decision_id from posted_decisions)
)
(select 'missing' as what, * from (table expected except all table actual) as m)
union all
(select 'extra' as what, * from (table actual except all table expected) as e);

-- name: what has no tweet id is a row of its own
with expected as (
  select content, likes, null::boolean as boosted from tweets where tweet_id is null
  union all
  select content, null, boosted from posts where tweet_id is null
), actual as (
  select content, likes, boosted from posted_content
   where tweet_id is null and decision_id not in (select decision_id from posted_decisions)
)
(select 'missing' as what, * from (table expected except all table actual) as m)
union all
(select 'extra' as what, * from (table actual except all table expected) as e);

-- name: the compat view has every tweet, under its own id
-- when: reads
(select id, tweet_id, likes from tweets except all select id, tweet_id, likes from crossfade_compat.tweets)
union all
(select id, tweet_id, likes from crossfade_compat.tweets except all select id, tweet_id, likes from tweets);

-- name: nothing is in the journal
select * from crossfade.journal;
