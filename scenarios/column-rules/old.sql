create table crm_people (
  id integer primary key,
  name text,
  phone text,
  city text,
  email text,
  score integer,
  visits integer,
  status text not null default 'active',
  tier text,
  channel text not null default 'web',
  updated_at timestamptz not null default clock_timestamp()
);
create table shop_people (
  id integer primary key,
  name text,
  phone text,
  city text,
  email text,
  score integer,
  visits integer,
  state text not null default 'A',
  updated_at timestamptz not null default clock_timestamp()
);
create table letter_people (
  id integer primary key,
  city text,
  email text,
  updated_at timestamptz not null default clock_timestamp()
);
-- 7, 14 … were changed at one and the same time in all three.
create function changed(n integer, way integer) returns timestamptz language sql immutable as $$
  select timestamptz '2025-01-01' + case when n % 7 = 0 then 0 else n * way % 11 end * interval '1 day'
$$;
insert into crm_people
select n, case when n % 3 > 0 then 'Crm ' || n end, case when n % 4 > 0 then '1-' || n end, case when n % 5 > 0 then 'Rome ' || n end,
       case when n % 2 = 0 then 'c' || n || '@x.org' end, n, n % 9,
       (array['active', 'live', 'closed', 'gone'])[1 + n % 4], (array['gold', 'silver', 'basic', null])[1 + n % 4],
       (array['web', 'www', 'phone', 'fax'])[1 + n % 4], changed(n, 3)
  from generate_series(1, 120) as n;
insert into shop_people
select n, 'Shop ' || n, '2-' || n, 'Oslo ' || n, case when n % 3 = 0 then 's' || n || '@x.org' end,
       case when n % 2 = 0 then 200 - n end, 1, (array['A', 'C', '?'])[1 + n % 3], changed(n, 5)
  from generate_series(60, 180) as n;
insert into letter_people
select n, case when n % 4 > 0 then 'Lima ' || n end, 'l' || n || '@x.org', changed(n, 7) from generate_series(100, 200) as n;
-- Words that nobody knows.
update crm_people set status = 'zombie' where id in (10, 70, 110);
