-- name: the queue has the keys of both tables that fit
with kept as (
  select decision_id as key, content, decision_type, quality / 100 as score from content_metadata
  union all
  select replace(btrim(decision_id), '-', '')::uuid, content, decision_type, quality_score
    from content_generation_metadata_comprehensive
   where decision_id !~ '^made-up' and generator_name is distinct from 'smoke_test'
), journaled as (
  select key[1]::uuid as key from crossfade.journal where key is not null and target = 'content_queue'
)
(select key from kept except select key from journaled except select decision_id from content_queue)
union all
(select decision_id from content_queue except select key from kept
 except (select decision_id from posted_content where tweet_id in (select tweet_id from posted_decisions union all select external_id from posts)))
union all
(select decision_id from content_queue intersect select key from journaled);

-- name: content_metadata comes first
select q.decision_id from content_queue q join content_metadata m using (decision_id)
 where q.content <> m.content or q.status <> m.status or q.raw_topic is distinct from coalesce(m.topic, q.raw_topic)
    or q.created_at <> m.created_at or q.quality_score is distinct from coalesce(round(m.quality / 100, 4), q.quality_score);

-- name: the second table gives the rest
select q.decision_id
  from content_queue q
  join content_generation_metadata_comprehensive c
    on c.decision_id !~ '^made-up' and replace(c.decision_id, '-', '')::uuid = q.decision_id
   and c.generator_name is distinct from 'smoke_test'
 where q.format_strategy is distinct from c.format_strategy or q.visual_format is distinct from c.visual_format
    or (q.content <> c.content and not exists (select from content_metadata m where m.decision_id = q.decision_id));

-- name: what was made up is in the journal
select c.id from content_generation_metadata_comprehensive c
 where c.decision_id ~ '^made-up'
   and not exists (select from crossfade.journal j where j.source = 'content_generation_metadata_comprehensive' and j.old_key = array[c.id::text]);

-- name: the application reads nothing in the compat view that is not there
-- when: reads
-- as: posting_app
select id, decision_id, content, status from crossfade_compat.content_metadata
except select id, decision_id, content, status from public.content_metadata;

-- name: the compat view has every row that is in the queue
-- when: reads
select m.id, m.decision_id, m.content, m.status from content_metadata m join content_queue q using (decision_id)
except select id, decision_id, content, status from crossfade_compat.content_metadata;

-- name: a post that the queue has lost has a row there that nobody posts again
select p.decision_id from posted_content p left join content_queue q using (decision_id)
 where q.decision_id is null
    or (q.status in ('queued', 'ready', 'posting')
        and not exists (select from content_metadata m where m.decision_id = q.decision_id)
        and not exists (select from content_generation_metadata_comprehensive c
                         where c.decision_id !~ '^made-up' and replace(c.decision_id, '-', '')::uuid = q.decision_id));

-- name: each decision that went out has one post, but for those in the journal
with told as (
  select id, replace(decision_id, '-', '')::uuid as key, tweet_id from posted_decisions
   where decision_id !~ '^manual-' and (tweet_id like 'dry-run-%') is not true
)
select id from told t
 where not exists (select from posted_content p where p.decision_id = t.key and p.tweet_id = t.tweet_id)
   and not exists (select from crossfade.journal j where j.target = 'posted_content' and j.key = array[t.key::text]);

-- name: of two decisions with one tweet the newer one has it
select p.decision_id from posted_content p join posted_decisions d on d.tweet_id = p.tweet_id
 where d.decision_id !~ '^manual-' and d.posted_at > p.posted_at;

-- name: tweets and posts give their links to the post of their tweet
select p.decision_id from posted_content p
 where p.tweet_url is distinct from coalesce(
         (select t.url from tweets t where t.tweet_id = p.tweet_id order by t.posted_at desc limit 1),
         (select o.permalink from posts o where o.external_id = p.tweet_id order by o.published_at desc limit 1));

-- name: posts from before there were decisions have a row each, under a key of their own
select o.id from posts o left join posted_content p on p.tweet_id = o.external_id
 where o.external_id is not null and p.id is null
   and not exists (select from posted_decisions d where d.tweet_id = o.external_id);

-- name: what never went out is nowhere
select tweet_id from posted_content where tweet_id like 'dry-run-%' or tweet_id like 'mock\_%';

-- name: tweets that no decision knows are in the journal
select t.id from tweets t
 where (t.tweet_id is null or t.tweet_id like 'mock\_%')
   and not exists (select from crossfade.journal j where j.target = 'posted_content' and j.source = 'tweets' and j.old_key = array[t.id::text]);

-- name: each measurement of a post has a row of its own
with measured as (
  select tweet_id, collected_at as at, likes, round(engagement_rate, 4) as rate from outcomes
   where decision_id !~ '^manual' and coalesce(engagement_rate, 0) < 10
     and replace(decision_id, '-', '')::uuid in (select decision_id from posted_content)
  union all
  select tweet_id, captured_at, likes, round(engagement, 4) from real_tweet_metrics
   where tweet_id in (select d.tweet_id from posted_decisions d join posted_content p using (tweet_id))
  union all
  select tweet_id, measured_at, favorites, round(engagement_percent / 100, 4) from tweet_analytics
   where not estimated and tweet_id in (select d.tweet_id from posted_decisions d join posted_content p using (tweet_id))
)
(select tweet_id, at, likes, rate from measured except all select tweet_id, collected_at, likes, engagement_rate from engagement_metrics)
union all
(select tweet_id, collected_at, likes, engagement_rate from engagement_metrics except all select tweet_id, at, likes, rate from measured);

-- name: each measurement belongs to the post of its tweet
select m.id from engagement_metrics m left join posted_content p using (decision_id)
 where p.tweet_id is distinct from m.tweet_id;

-- name: the trigger of posted_decisions acted once for each row
select d.decision_id from posted_decisions d left join activity_log l on l.decision_id = d.decision_id
 group by d.id, d.decision_id having count(l.id) <> 1;

-- name: what the view on the old tables shows is what it shows by the new names
-- when: finish
select decision_id, tweet_id from post_performance where decision_id !~ '^manual-'
except select decision_id::text, tweet_id from posted_content;
