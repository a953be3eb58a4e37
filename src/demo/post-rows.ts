/** What was put into posted_decisions, tweets and posts, counted in rows. */
export interface PlantedPosts {
  readonly postedDecisions: number
  readonly tweets: number
  readonly posts: number
  /** New posts whose old rows all fit. */
  readonly newPosts: number
  /** Old rows that share their new row with another one. */
  readonly mergedRows: number
  /** Old rows with a new row of their own. */
  readonly ownRows: number
  readonly leftOutRows: number
  readonly journaledRows: number
  /** Decisions in upper case or without hyphens. */
  readonly otherSpellings: number
  /** Posts of which the queue knows nothing any more. */
  readonly queueRowGone: number
  /** Second rows of one tweet in tweets. */
  readonly duplicateTweets: number
  readonly duplicatePosts: number
  /** Posts of the first table from before there were decisions: they get a key that is made for them. */
  readonly orphanPosts: number
  readonly withoutTweetId: number
  readonly unknownType: number
  /** Decisions whose tweet's id a newer one has, too. */
  readonly sharedTweetId: number
  readonly dryRuns: number
  readonly noUuid: number
  /** Of tweets: */
  readonly tweetsWithoutId: number
  readonly orphanTweets: number
  readonly tweetsOfUnknownType: number
  readonly madeUpTweetIds: number
  /** Of posts: */
  readonly postsWithoutId: number
  readonly postsOfUnknownType: number
}

/**
 * One row per thing that went out, with what is wrong with it and the tables that tell of it. What doesn't fit the
 * new schema belongs to queue rows that failed, or to none, and is older than everything that the application touches.
 */
export const PLAN_POSTS = /* sql */ `
create temporary table planted_posts as
with numbered as (
  select *, row_number() over (partition by status order by g) - 1 as m
  from planted where flaw is null and (status = 'failed' or status = 'posted' and mod(g, 7) < 6)
),
thing as (
  select case when status = 'posted' then 'plain'
              else (array['no tweet id', 'unknown type', 'shared', 'shared', 'dry run', 'no tweet id'])[1 + mod(m, 12)]
         end as kind,
         decision_id, g as nth, m / 12 as pair, mod(m, 12) = 3 as newer, content, decision_type, generator_name, topic,
         created_at
  from numbered where status = 'posted' or mod(m, 12) < 6
  union all
  select kind, case when kind in ('gone', 'no uuid') then md5($2::text || kind || nth)::uuid end, nth, null, false,
         'Older post ' || nth || ': "still true" 🕰️', (array['single', 'single', 'thread', 'reply'])[1 + mod(nth, 4)],
         'importer', 'habits', now() - make_interval(secs => 86400 + mod(nth * 7919, 9000000))
  from (values ('gone', 0.15), ('no uuid', 0.005), ('orphan tweet', 0.0075), ('made-up tweet', 0.0025),
               ('tweet without id', 0.005), ('orphan post', 0.025), ('post without id', 0.005)) as extra (kind, share),
       generate_series(1, ceil($1::int * share)::int) as nth
),
told as (
  select *, row_number() over (order by kind, nth) as n,
         max(created_at) over (partition by case when kind = 'shared' then 's' || pair else kind || nth end) as at,
         kind = 'shared' and not newer and count(*) over (partition by kind, pair) = 2 as loses
  from thing
)
select n, kind, loses, decision_id, content, decision_type, generator_name, topic,
       case when kind in ('plain', 'gone') then at else at - interval '300 days' end
         + case when newer then interval '1 hour' else interval '0' end + n * interval '1 microsecond' as created_at,
       case when kind = 'no uuid' then 'manual-' || n
            when mod(n, 11) = 0 then upper(decision_id::text)
            when mod(n, 17) = 0 then replace(decision_id::text, '-', '')
            else decision_id::text end as written_key,
       case when kind in ('no tweet id', 'tweet without id', 'post without id') then null
            when kind = 'dry run' then 'dry-run-' || n
            when kind = 'made-up tweet' then 'mock_' || n
            when kind = 'shared' then (1600000000000000000 + 977 * pair)::text
            else (1700000000000000000 + 1000003 * n)::text end as tweet_id,
       case when decision_type = 'single' then (array['content', 'short', 'single'])[1 + mod(n, 3)]
            else decision_type end as word,
       kind in ('plain', 'gone', 'no tweet id', 'unknown type', 'shared', 'dry run', 'no uuid') as decided,
       case when kind in ('no tweet id', 'orphan post', 'post without id') or loses then 0
            when kind = 'plain' and mod(n, 40) = 3 or kind = 'orphan tweet' and mod(n, 10) = 3 then 2
            when kind in ('plain', 'gone') then case when mod(n, 10) < 7 then 1 else 0 end
            else 1 end as in_tweets,
       case when kind = 'orphan post' and mod(n, 10) = 3 then 2
            when kind in ('plain', 'gone', 'unknown type') then case when mod(n, 20) < 9 then 1 else 0 end
            when kind in ('orphan post', 'post without id') then 1
            else 0 end as in_posts
from told
`

export const FILL_POSTS = /* sql */ `
insert into posted_decisions
  (decision_id, tweet_id, content, decision_type, generator_name, topic, visual_format, posted_at, created_at)
select written_key, tweet_id, content, case when kind = 'unknown type' then 'poll' else word end, generator_name, topic,
       (array['plain', 'image', null])[1 + mod(n, 3)], created_at + interval '5 minutes', created_at + interval '5 minutes'
from planted_posts where decided
order by n;
insert into tweets (tweet_id, text, url, kind, thread, posted_at, created_at)
select tweet_id, content || case when copy = 2 then ' (edited)' else '' end,
       case when mod(n, 3) > 0 then 'https://x.example/i/' || tweet_id || case when copy = 2 then '?edited' else '' end end,
       case when mod(n, 4) > 0 then word end,
       case when decision_type = 'thread' then jsonb_build_array(content, 'part 2 🧵', copy) end,
       created_at + interval '5 minutes 2 seconds' + copy * interval '1 minute', created_at + interval '6 minutes'
from planted_posts, generate_series(1, in_tweets) as copy
order by md5(n::text), copy;
insert into posts (external_id, body, permalink, format, published_at, inserted_at)
select tweet_id, content || case when copy = 2 then ' (again)' else '' end, 'https://t.example/' || tweet_id,
       word, created_at + interval '5 minutes 3 seconds' + copy * interval '1 minute', created_at + interval '7 minutes'
from planted_posts, generate_series(1, in_posts) as copy
order by md5('p' || n), copy
`

export const COUNT_POSTS = /* sql */ `
select sum(decided::int)::int as "postedDecisions",
       sum(in_tweets)::int as "tweets",
       sum(in_posts)::int as "posts",
       count(*) filter (where fits)::int as "newPosts",
       coalesce(sum(rows) filter (where fits and rows > 1), 0)::int as "mergedRows",
       count(*) filter (where fits and rows = 1)::int as "ownRows",
       coalesce(sum(rows) filter (where kind in ('dry run', 'post without id')), 0)::int as "leftOutRows",
       coalesce(sum(rows) filter (where not fits and kind not in ('dry run', 'post without id')), 0)::int
         as "journaledRows",
       count(*) filter (where decided and written_key ~ '[A-F]' or written_key !~ '-')::int as "otherSpellings",
       count(*) filter (where kind = 'gone')::int as "queueRowGone",
       count(*) filter (where in_tweets = 2)::int as "duplicateTweets",
       count(*) filter (where in_posts = 2)::int as "duplicatePosts",
       coalesce(sum(in_posts) filter (where kind = 'orphan post'), 0)::int as "orphanPosts",
       count(*) filter (where kind = 'no tweet id')::int as "withoutTweetId",
       count(*) filter (where kind = 'unknown type')::int as "unknownType",
       count(*) filter (where loses)::int as "sharedTweetId",
       count(*) filter (where kind = 'dry run')::int as "dryRuns",
       count(*) filter (where kind = 'no uuid')::int as "noUuid",
       count(*) filter (where kind = 'tweet without id')::int as "tweetsWithoutId",
       coalesce(sum(in_tweets) filter (where kind in ('orphan tweet', 'no uuid')), 0)::int as "orphanTweets",
       coalesce(sum(in_tweets) filter (where kind = 'unknown type'), 0)::int as "tweetsOfUnknownType",
       count(*) filter (where kind = 'made-up tweet')::int as "madeUpTweetIds",
       count(*) filter (where kind = 'post without id')::int as "postsWithoutId",
       coalesce(sum(in_posts) filter (where kind = 'unknown type'), 0)::int as "postsOfUnknownType"
from (select *, decided::int + in_tweets + in_posts as rows,
             (kind in ('plain', 'gone', 'orphan post') or kind = 'shared' and not loses) as fits
      from planted_posts) as counted
`
