create type mood as enum ('a', 'b');
create table customers (
  id bigserial primary key, email text unique not null, name varchar(40), tenant int not null default 1,
  status text not null default 'new' check (status in ('new', 'old')), score smallint, "Weird Col" text, "order" int,
  "select" text, born date, seen timestamp, data json, state mood
);
create table customers_v2 (
  id uuid primary key default gen_random_uuid(), email varchar(200) unique, "fullName" text,
  tenant int not null default 1, status varchar(10), score integer, "Weird Col" varchar(5), "order" bigint,
  born timestamp, seen timestamptz, data jsonb, state text, plain text generated always as (lower(email)) stored
);
alter table customers enable row level security;
alter table customers_v2 enable row level security;
create policy own on customers using (tenant = 1);
create policy own on customers_v2 using (tenant = 1);
insert into customers (email, name, status, score, "Weird Col", "order", "select", born, seen, data, state)
select 'User' || g || '@x.org', 'Name ' || g, case when g % 2 = 0 then 'new' else 'old' end, g % 50, 'w' || g % 9, g,
       's' || g, '2020-01-01'::date + g, '2020-01-01'::timestamp + g * interval '1 h', '{"a":1}', 'a'
from generate_series(1, 300) g;
insert into customers_v2 (email, "fullName", status, score, "Weird Col", "order", born, seen, data, state)
select lower('User' || g || '@x.org'), 'Name ' || g, case when g % 2 = 0 then 'new' else 'old' end, g % 50, 'w' || g % 9, g,
       '2020-01-01'::date + g, ('2020-01-01'::timestamp + g * interval '1 h') at time zone 'UTC', '{"a":1}', 'a'
from generate_series(100, 400) g;
create table orders (id bigserial primary key, code uuid unique not null, amount numeric(10,2) not null, state text);
create table orders_old (id bigserial primary key, code text unique not null, amount numeric(10,2) not null, state text);
create table order_items (id bigserial primary key, code uuid not null, label text not null, n int not null);
create table order_items_old (id bigserial primary key, code text not null, label text not null, n int not null);
insert into orders (code, amount, state)
select md5('o' || g)::uuid, g * 1.5, case g % 3 when 0 then 'open' else 'it''s' end from generate_series(1, 300) g;
insert into orders_old (code, amount, state)
select upper(md5('o' || g)::uuid::text), g * 1.5, case g % 3 when 0 then 'open' else 'it''s' end from generate_series(200, 400) g;
insert into order_items (code, label, n)
select md5('o' || (g % 300 + 1))::uuid, 'item ' || g, g from generate_series(1, 900) g;
insert into order_items_old (code, label, n)
select md5('o' || (g % 300 + 1)), 'item ' || g, g from generate_series(500, 1200) g;
create table loose_a (ref text, note text);
create table loose_b (ref text, note text);
insert into loose_a select 'r' || g, 'v' || g from generate_series(1, 100) g;
insert into loose_b select 'r' || g, 'v' || g from generate_series(1, 100) g;
analyze;
