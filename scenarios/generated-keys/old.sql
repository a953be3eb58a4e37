create table posted_decisions (
  decision_id uuid primary key,
  tweet_id text,
  content text,
  posted_at timestamptz not null default clock_timestamp()
);
create index posted_decisions_tweet_idx on posted_decisions (tweet_id);
create table tweets (id serial primary key, tweet_id text unique, content text, likes integer not null default 0);
create table posts (id serial primary key, tweet_id text, content text, boosted boolean not null default false);
create index posts_tweet_idx on posts (tweet_id);
create function key_of(n integer) returns uuid language sql immutable as $$ select md5(n::text)::uuid $$;

insert into posted_decisions (decision_id, tweet_id, content)
select key_of(n), 't' || n, case when n % 2 = 0 then 'Decision ' || n end from generate_series(1, 60) as n;
-- 61 to 120 have no decision; those from 91 on are known as a tweet and as a post.
insert into tweets (tweet_id, content, likes) select 't' || n, 'Tweet ' || n, n from generate_series(31, 120) as n;
insert into posts (tweet_id, content, boosted) select 't' || n, 'Post ' || n, n % 3 = 0 from generate_series(91, 140) as n;
insert into tweets (content) select 'no id ' || n from generate_series(1, 10) as n;
insert into posts (content) select 'no id ' || n from generate_series(1, 10) as n;
