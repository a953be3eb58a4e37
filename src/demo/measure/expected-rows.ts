import { type Sql, sql } from '../../lib/sql.ts'
import { buildExpectedPosts } from './expected-posts.ts'
import type { PlacedTables } from './places.ts'

/**
 * What content_queue should hold, written by hand from the demo's requirements and from nothing of
 * Crossfade's: a second opinion. Common table expressions, to be followed by a query: those of the posts, then
 * `copy` (the second table with its keys read), `known` (one row per key of the two tables), `expected` (the same, and
 * one per post of whose key they have no row), with `fits` in `judged`.
 */
export function buildExpectedRows(tables: PlacedTables): Sql {
  return sql`
${buildExpectedPosts(tables)},
copy as (
  select c.*,
         case when lower(replace(c.decision_id, '-', '')) ~ '^[0-9a-f]{32}$'
           then lower(replace(c.decision_id, '-', ''))::uuid end as key,
         coalesce(c.generator_name = 'smoke_test', false) as left_out
  from ${tables.comprehensive} c
),
known as (
  select coalesce(m.decision_id, c.key) as decision_id,
         m.id is not null and c.id is not null as merged,
         coalesce(m.content, c.content) as content,
         coalesce(m.decision_type, c.decision_type) as decision_type,
         m.thread_parts,
         coalesce(m.topic, c.raw_topic) as raw_topic,
         coalesce(m.angle, c.angle) as angle,
         coalesce(m.tone, c.tone) as tone,
         coalesce(m.generator_name, c.generator_name) as generator_name,
         c.format_strategy,
         c.visual_format,
         coalesce(m.status, c.status) as status,
         coalesce(m.scheduled_at, c.scheduled_at) as scheduled_at,
         coalesce(m.posted_at, c.posted_at) as posted_at,
         coalesce(round(m.quality / 100, 4), c.quality_score) as quality_score,
         round(m.predicted_er, 4) as predicted_er,
         m.target_tweet_id,
         m.target_username,
         coalesce(m.created_at, c.created_at) as created_at,
         coalesce(m.updated_at, c.updated_at) as updated_at
  from ${tables.metadata} m
  full join (select * from copy where key is not null and not left_out) c on c.key = m.decision_id
),
expected as (
  select * from known
  union all
  select s.decision_id, false, s.content, s.decision_type, null, s.raw_topic, null, null, s.generator_name, null,
         s.visual_format, 'posted', null, s.posted_at, null, null, null, null, s.created_at, s.created_at
  from remembered s
  where not exists (select from known k where k.decision_id = s.decision_id)
),
judged as (
  select *, coalesce(content is not null
                     and decision_type in ('single', 'thread', 'reply')
                     and status in ('queued', 'ready', 'posting', 'posted', 'failed', 'cancelled')
                     and abs(coalesce(quality_score, 0)) < 10 and abs(coalesce(predicted_er, 0)) < 10, false) as fits
  from expected
)`
}
