create table posted_decisions (
  id bigserial primary key,
  decision_id uuid not null unique,
  tweet_id text,
  content text not null,
  posted_at timestamptz
);
-- Without an index on what links them, on purpose.
create table tweets (
  id serial primary key,
  tweet_id text,
  tweet_text text,
  likes integer not null default 0,
  fetched_at timestamptz not null default clock_timestamp()
);
create table posts (id serial primary key, tweet_id text, caption text, boosted boolean not null default false);
create function key_of(n integer) returns uuid language sql immutable as $$ select md5(n::text)::uuid $$;

-- 1 to 80 have a tweet of their own, 81 to 100 share those of 61 to 80, 101 to 120 have none yet.
insert into posted_decisions (decision_id, tweet_id, content, posted_at)
select key_of(n), case when n <= 80 then 't' || n when n <= 100 then 't' || n - 20 end, 'Decision ' || n,
       case when n % 7 > 0 then timestamptz '2025-01-01' + n * interval '1 hour' end
  from generate_series(1, 120) as n;
insert into tweets (tweet_id, tweet_text, likes)
select case when n % 25 = 0 then null when n % 26 = 0 then 'made-up-' || n else 't' || n end, 'Tweet ' || n, n
  from generate_series(40, 160) as n;
-- Fetched twice.
insert into tweets (tweet_id, tweet_text, likes) select 't' || n, 'Again ' || n, 1000 + n from generate_series(50, 60) as n;
insert into posts (tweet_id, caption, boosted) select 't' || n, 'Post ' || n, n % 3 = 0 from generate_series(1, 150, 2) as n;
insert into posts (tweet_id, caption) values (null, 'no tweet'), ('t1', 'a second post of one tweet');
