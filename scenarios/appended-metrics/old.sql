create table posted_decisions (decision_id uuid primary key, tweet_id text);
create index posted_decisions_tweet_idx on posted_decisions (tweet_id);
create table outcomes (
  id serial primary key,
  decision_id text,
  likes integer,
  engagement_rate numeric(7, 4),
  pass integer not null default 1,
  collected_at timestamptz not null default clock_timestamp()
);
create table real_tweet_metrics (
  id serial primary key,
  tweet_id text not null,
  likes integer,
  engagement_percent numeric(5, 2),
  collected_at timestamptz not null default clock_timestamp()
);
create table tweet_analytics (
  id serial primary key,
  tweet_id text not null,
  favorites integer,
  rate_percent numeric(5, 2),
  collected_at timestamptz not null default clock_timestamp()
);
create table follower_counts (
  id serial primary key,
  tweet_id text,
  likes integer,
  collected_at timestamptz not null default clock_timestamp()
);
create function key_of(n integer) returns uuid language sql immutable as $$ select md5(n::text)::uuid $$;

insert into posted_decisions select key_of(n), 't' || n from generate_series(1, 80) as n;
-- Several passes for one decision; a decision that is no uuid; a rate that has no room.
insert into outcomes (decision_id, likes, engagement_rate, pass)
select case when n % 30 = 0 then 'made-up-' || n else upper(key_of(n % 100)::text) end, case when n % 8 > 0 then n end,
       case when n % 40 = 1 then 100 + n else n / 1000.0 end, 1 + n / 50
  from generate_series(1, 120) as n;
insert into real_tweet_metrics (tweet_id, likes, engagement_percent)
select 't' || 40 + n % 50, n, n / 10.0 from generate_series(1, 90) as n;
insert into tweet_analytics (tweet_id, favorites, rate_percent)
select 't' || 40 + n % 50, n, n / 4.0 from generate_series(1, 90) as n;
insert into follower_counts (tweet_id, likes)
select case when n % 10 > 0 then 't' || n end, n from generate_series(1, 60) as n;
