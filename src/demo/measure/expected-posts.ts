import { ident, type Sql, sql } from '../../lib/sql.ts'
import type { PlacedTables } from './places.ts'

/**
 * What posted_content should hold, by a second hand like `buildExpectedRows`. Common table expressions, to be followed
 * by others: `decided`, `tweet` and `post` (the old rows with their keys found; `mark` is what ties those of one new row
 * together), `known_post` (one row per mark, with `fits` and `keeps`), and `remembered` (what the queue should
 * know of them). A key that was made for a post without a decision is taken from the new side: only there is it known.
 */
export function buildExpectedPosts(tables: PlacedTables): Sql {
  return sql`
decided as (
  select d.*, k.key, k.key::text as mark,
         coalesce(d.tweet_id like 'dry-run-%', false) as left_out,
         ${word(ident('d', 'decision_type'))} as word
  from ${tables.decisions} d
  cross join lateral (
    select case when lower(replace(d.decision_id, '-', '')) ~ '^[0-9a-f]{32}$'
             then lower(replace(d.decision_id, '-', ''))::uuid end as key) k
),
linked as (
  select distinct on (tweet_id) tweet_id, key from decided
  where tweet_id is not null and key is not null order by tweet_id, posted_at desc, id
),
tweet as (
  select t.*, l.key, l.key::text as mark,
         coalesce(t.tweet_id like 'dry-run-%', false) as left_out,
         ${word(ident('t', 'kind'))} as word,
         row_number() over (partition by t.tweet_id order by t.posted_at desc, t.id) = 1 as newest
  from ${tables.tweets} t left join linked l using (tweet_id)
),
post as (
  select p.*, l.key, coalesce(l.key::text, 'post ' || p.external_id) as mark,
         coalesce(p.external_id like 'dry-run-%', true) as left_out,
         ${word(ident('p', 'format'))} as word,
         row_number() over (partition by p.external_id order by p.published_at desc, p.id) = 1 as newest
  from ${tables.posts} p left join linked l on l.tweet_id = p.external_id
),
told as (
  select coalesce(d.mark, t.mark, p.mark) as mark,
         coalesce(d.key, t.key, p.key) as decision_id,
         coalesce(d.tweet_id, t.tweet_id, p.external_id) as tweet_id,
         coalesce(t.url, p.permalink) as tweet_url,
         coalesce(d.content, t.text, p.body) as content,
         coalesce(d.word, t.word, p.word) as decision_type,
         t.thread as thread_parts,
         d.generator_name, d.topic as raw_topic, d.visual_format,
         coalesce(d.posted_at, t.posted_at, p.published_at) as posted_at,
         coalesce(d.created_at, t.created_at, p.inserted_at) as created_at,
         (d.decision_type is null or d.word is not null) and (t.kind is null or t.word is not null)
           and (p.format is null or p.word is not null) as words_known,
         d.content as decided_content, d.word as decided_word, d.posted_at as decided_at, d.created_at as decided_created,
         p.body, p.word as format_word, p.published_at, p.inserted_at
  from (select * from decided where key is not null and not left_out) d
  full join (select * from tweet where key is not null and not left_out and newest) t on t.mark = d.mark
  full join (select * from post where not left_out and newest) p on p.mark = coalesce(d.mark, t.mark)
),
fitting as (
  select *, coalesce(words_known and tweet_id is not null and content is not null and decision_type is not null, false)
              as fits
  from told
),
known_post as (
  select *, fits and row_number() over (partition by tweet_id, fits order by posted_at desc, decision_id) = 1 as keeps
  from fitting
),
remembered as (
  select coalesce(k.decision_id, n.decision_id) as decision_id,
         coalesce(k.decided_content, k.body) as content,
         coalesce(k.decided_word, k.format_word) as decision_type,
         k.raw_topic, k.generator_name, k.visual_format,
         coalesce(k.decided_at, k.published_at) as posted_at,
         coalesce(k.decided_created, k.inserted_at) as created_at
  from known_post k
  left join ${tables.posted} n on n.tweet_id = k.tweet_id and k.decision_id is null
  where k.decided_at is not null or k.published_at is not null
)`
}

/** One word of each program's into the new one; null for words that nobody knows. */
function word(column: Sql): Sql {
  return sql`case when ${column} in ('single', 'content', 'short') then 'single'
              when ${column} in ('thread', 'reply') then ${column} end`
}
