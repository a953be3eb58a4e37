-- name: each decision has the tweet and the post that its tweet id leads to
with partner as (
  select distinct on (tweet_id) tweet_id, decision_id from posted_decisions
   where tweet_id is not null order by tweet_id, posted_at desc nulls last, id
), tweet as (
  select distinct on (p.decision_id) p.decision_id, t.tweet_text, t.likes from tweets t join partner p using (tweet_id)
   order by p.decision_id, t.fetched_at desc, t.id
), post as (
  select distinct on (p.decision_id) p.decision_id, b.caption, b.boosted from posts b join partner p using (tweet_id)
   order by p.decision_id, b.id
), expected as (
  select d.decision_id, d.tweet_id, d.content, t.tweet_text, t.likes, b.caption, b.boosted, d.posted_at
    from posted_decisions d left join tweet t using (decision_id) left join post b using (decision_id)
), actual as (
  select decision_id, tweet_id, content, tweet_text, likes, caption, boosted, posted_at from posted_content
)
(select 'missing' as what, * from (table expected except all table actual) as m)
union all
(select 'extra' as what, * from (table actual except all table expected) as e);

-- name: the journal has the tweets that no decision has posted, and nothing else
with orphans as (
  select id::text from tweets t where not exists (select from posted_decisions d where d.tweet_id = t.tweet_id)
)
(select 'missing', id from (table orphans except select old_key[1] from crossfade.journal where source = 'tweets') as m)
union all
(select 'extra', coalesce(old_key[1], key::text) from crossfade.journal
  where source is distinct from 'tweets' or old_key[1] not in (table orphans));

-- name: the compat views show tweets and posts that are there, with their own ids
-- when: reads
(select 'tweets', id, tweet_id from crossfade_compat.tweets except select 'tweets', id, tweet_id from tweets)
union all
(select 'posts', id, tweet_id from crossfade_compat.posts except select 'posts', id, tweet_id from posts);

-- name: after finish nothing is left but the new table
-- when: finish
select relname from pg_class where relnamespace = 'public'::regnamespace and relname in ('posted_decisions', 'tweets', 'posts');
