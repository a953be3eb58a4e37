-- name: of the posts of one tweet the latest is there
with posts as (
  select decision_id, coalesce(d.tweet_id, l.tweet_id) as tweet_id, d.content, d.posted_at
    from decisions_v1 d full join tweet_links l using (decision_id)
), expected as (
  select distinct on (tweet_id) * from posts where tweet_id is not null
   order by tweet_id, posted_at desc nulls last, decision_id
), actual as (select decision_id, tweet_id, content, posted_at from posted_content)
(select 'missing' as what, * from (table expected except all table actual) as m)
union all
(select 'extra' as what, * from (table actual except all table expected) as e);

-- name: the others are in the journal, and so is what has no tweet
with posts as (
  select decision_id, coalesce(d.tweet_id, l.tweet_id) as tweet_id, d.posted_at
    from decisions_v1 d full join tweet_links l using (decision_id)
), winners as (
  select distinct on (tweet_id) decision_id from posts where tweet_id is not null
   order by tweet_id, posted_at desc nulls last, decision_id
), expected as (
  select decision_id::text, case when tweet_id is null then '23502' else '23505' end as sqlstate from posts
   where decision_id not in (table winners)
), journaled as (select key[1], sqlstate from crossfade.journal)
(select 'missing' as what, * from (table expected except all table journaled) as m)
union all
(select 'extra' as what, * from (table journaled except all table expected) as e);

-- name: of the pages of one address the earliest is there
with expected as (
  select distinct on (coalesce(address, id::text)) id, address, title, claimed_at from pages_v1
   order by coalesce(address, id::text), claimed_at nulls last, id
), actual as (select id, address, title, claimed_at from pages)
(select 'missing' as what, * from (table expected except all table actual) as m)
union all
(select 'extra' as what, * from (table actual except all table expected) as e);
