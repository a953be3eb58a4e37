-- name: the queue has the keys of both tables that fit
with kept as (
  select decision_id as key, content, decision_type, quality / 100 as score from content_metadata
  union all
  select replace(btrim(decision_id), '-', '')::uuid, content, decision_type, quality_score
    from content_generation_metadata_comprehensive
   where decision_id !~ '^made-up' and generator_name is distinct from 'smoke_test'
), journaled as (
  select key[1]::uuid as key from crossfade.journal where key is not null
)
(select key from kept except select key from journaled except select decision_id from content_queue)
union all
(select decision_id from content_queue except select key from kept)
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
