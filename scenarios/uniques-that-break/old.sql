create table decisions_v1 (
  decision_id uuid primary key,
  tweet_id text,
  content text not null,
  posted_at timestamptz not null default clock_timestamp()
);
-- Gives a decision its tweet where the other table doesn't know it.
create table tweet_links (decision_id uuid primary key, tweet_id text not null);
create table pages_v1 (id integer primary key, address text, title text not null, claimed_at timestamptz);
create function key_of(n integer) returns uuid language sql immutable as $$ select md5(n::text)::uuid $$;

-- Each tweet up to four times; at one and the same time, too.
insert into decisions_v1
select key_of(n), case when n % 5 > 0 then 't' || n % 40 end, 'Decision ' || n, timestamptz '2025-01-01' + (n % 60) * interval '1 hour'
  from generate_series(1, 150) as n;
insert into tweet_links select key_of(n), 't' || n % 30 from generate_series(5, 150, 5) as n where n % 3 > 0;
insert into pages_v1
select n, case when n % 10 > 0 then '/' || n % 45 end, 'Page ' || n,
       case when n % 4 > 0 then timestamptz '2025-01-01' + (n % 25) * interval '1 day' end
  from generate_series(1, 150) as n;
