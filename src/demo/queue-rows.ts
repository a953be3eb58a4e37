/** What was put into the two tables of the queue, counted in keys unless it says rows. */
export interface PlantedQueue {
  readonly keys: number
  /** Rows of content_metadata. */
  readonly contentMetadata: number
  /** Rows of content_generation_metadata_comprehensive. */
  readonly comprehensive: number
  readonly shared: number
  readonly onlyFirst: number
  readonly onlySecond: number
  /** Shared keys whose two rows hold different content or angle. */
  readonly disagreeing: number
  readonly upperCase: number
  readonly unhyphenated: number
  /** Keys that are no uuid. */
  readonly madeUpKeys: number
  /** A score that doesn't fit the new column, and no better one in the other table. */
  readonly outOfRange: number
  readonly unknownType: number
  readonly withoutContent: number
  /** Rows that the mapping leaves out by rule. */
  readonly leftOutRows: number
  /** Rows that belong into the journal: all rows of the keys that don't fit. */
  readonly journaledRows: number
  /** Keys among those that have a row in both tables. */
  readonly journaledShared: number
}

// One row per key: where it lives, what is wrong with it, and the chances that its values are drawn from.
export const PLAN_QUEUE = /* sql */ `
create temporary table planted as
with drawn as (
  select g, md5($2::text || ':' || g) as hash from generate_series(1, $1::int) as g
),
placed as (
  select g, hash, hash::uuid as decision_id,
         case when mod(g, 20) < 14 then 'shared' when mod(g, 20) < 17 then 'first' else 'second' end as lives
  from drawn
),
numbered as (
  select *, row_number() over (partition by lives order by g) as n from placed
),
flawed as (
  select *, case
    when lives = 'second' and mod(n, 30) = 1 then 'made-up key'
    when lives = 'second' and mod(n, 50) = 2 then 'smoke test'
    when lives = 'second' and mod(n, 100) = 3 then 'out of range'
    when lives = 'second' and mod(n, 75) = 4 then 'no content'
    when lives = 'shared' and mod(n, 467) = 5 then 'out of range'
    when lives = 'shared' and mod(n, 700) = 6 then 'unknown type'
    when lives = 'first' and mod(n, 150) = 7 then 'unknown type'
  end as flaw
  from numbered
),
chances as (
  select *, ('x' || substr(hash, 1, 6))::bit(24)::int / 16777216.0 as a,
            ('x' || substr(hash, 8, 6))::bit(24)::int / 16777216.0 as b,
            ('x' || substr(hash, 16, 6))::bit(24)::int / 16777216.0 as c
  from flawed
)
select *, lives = 'shared' and flaw is null and mod(n, 33) = 9 as disagrees,
       case when flaw = 'unknown type' then 'poll'
            when a < 0.6 then 'single' when a < 0.8 then 'thread' else 'reply' end as decision_type,
       case when flaw is not null then 'failed'
            when b < 0.40 then 'queued' when b < 0.43 then 'ready'
            when b < 0.90 then 'posted' when b < 0.96 then 'cancelled' else 'failed' end as status,
       case when flaw = 'made-up key' then 'made-up-' || g
            when c < 0.08 then upper(decision_id::text)
            when c < 0.13 then hash
            else decision_id::text end as written_key,
       (array['growth', 'hooks', 'sleep', 'café culture', 'O''Brien''s law', '睡眠', 'habits'])[1 + floor(c * 7)::int]
         as topic,
       (array['calm', 'bold', 'wry', null])[1 + floor(a * 4)::int] as tone,
       (array['contrarian', 'data first', 'story', null])[1 + floor(c * 4)::int] as angle,
       (array['hook-writer', 'teacher', 'explorer'])[1 + floor(b * 3)::int] as generator_name,
       'Post ' || g || ': '
         || (array['what "everybody" knows is wrong 🚀', 'it''s simpler than you think 👩🏽‍🔬',
                   E'two lines\nare better\\than one', 'naïve façade — ½ price 💡'])[1 + floor(a * 4)::int] as content,
       now() - make_interval(secs => 600 + 10000000 * c::float8) as created_at
from chances
`

export const FILL_QUEUE = /* sql */ `
insert into content_metadata
  (decision_id, content, generation_source, decision_type, status, scheduled_at, posted_at, quality, predicted_er,
   thread_parts, topic, tone, angle, generator_name, target_tweet_id, target_username, created_at, updated_at)
select decision_id, content, case when mod(g, 3) = 0 then 'llm' end, decision_type, status,
       case when status in ('queued', 'ready')
         then now() + make_interval(secs => case when mod(g, 6) = 0 then 86400 else -3600 end * (0.01 + c)::float8) end,
       case when status = 'posted' then created_at + interval '5 minutes' end,
       case when flaw = 'out of range' then null when mod(g, 9) = 0 then null
            when mod(g, 50) = 7 then round(100 * a, 5) else round(100 * a, 1) end,
       case when mod(g, 4) > 0 then round(0.2 * b, 6) end,
       case when decision_type = 'thread' then jsonb_build_array(content, 'part 2 🧵', repeat('long ', mod(g, 400))) end,
       topic, tone, angle, generator_name,
       case when decision_type = 'reply' then (17000000000000000 + g)::text end,
       case when decision_type = 'reply' then 'account_' || mod(g, 100) end,
       created_at, created_at + interval '1 minute'
from planted where lives in ('shared', 'first')
order by g;
insert into content_generation_metadata_comprehensive
  (decision_id, content, decision_type, status, scheduled_at, posted_at, raw_topic, angle, tone, format_strategy,
   visual_format, generator_name, quality_score, experiment_arm, raw_response, created_at, updated_at)
select written_key,
       case when flaw = 'no content' then null when disagrees and mod(n, 2) = 1 then content || ' (draft)' else content end,
       decision_type, status,
       case when status in ('queued', 'ready')
         then now() + make_interval(secs => case when mod(g, 6) = 0 then 86400 else -3600 end * (0.01 + c)::float8) end,
       case when status = 'posted' then created_at + interval '5 minutes' end,
       topic, case when disagrees and mod(n, 2) = 0 then coalesce(angle, '') || ' (second thought)' else angle end, tone,
       (array['list', 'thread-story', null])[1 + floor(b * 3)::int],
       (array['plain', 'image', 'carousel', null])[1 + floor(c * 4)::int],
       case when flaw = 'smoke test' then 'smoke_test' else generator_name end,
       case when flaw = 'out of range' then 87.5 when mod(g, 9) = 4 then null else round(a, 4) end,
       (array['A', 'B', null])[1 + mod(g, 3)],
       case when mod(g, 50) = 0
         then jsonb_build_object('model', 'writer-3', 'choices', (select jsonb_agg(md5(g || ':' || i)) from generate_series(1, 400) as i))
         else jsonb_build_object('model', 'writer-3', 'tokens', g) end,
       created_at, created_at + interval '2 minutes'
from planted where lives in ('shared', 'second')
order by hash
`

export const COUNT_QUEUE = /* sql */ `
select count(*)::int as "keys",
       (select count(*)::int from content_metadata) as "contentMetadata",
       (select count(*)::int from content_generation_metadata_comprehensive) as "comprehensive",
       count(*) filter (where lives = 'shared')::int as "shared",
       count(*) filter (where lives = 'first')::int as "onlyFirst",
       count(*) filter (where lives = 'second')::int as "onlySecond",
       count(*) filter (where disagrees)::int as "disagreeing",
       count(*) filter (where lives <> 'first' and written_key ~ '[A-F]')::int as "upperCase",
       count(*) filter (where lives <> 'first' and written_key = hash)::int as "unhyphenated",
       count(*) filter (where flaw = 'made-up key')::int as "madeUpKeys",
       count(*) filter (where flaw = 'out of range')::int as "outOfRange",
       count(*) filter (where flaw = 'unknown type')::int as "unknownType",
       count(*) filter (where flaw = 'no content')::int as "withoutContent",
       count(*) filter (where flaw = 'smoke test')::int as "leftOutRows",
       coalesce(sum(case when lives = 'shared' then 2 else 1 end)
         filter (where flaw <> 'smoke test'), 0)::int as "journaledRows",
       count(*) filter (where flaw is not null and lives = 'shared')::int as "journaledShared"
from planted
`
