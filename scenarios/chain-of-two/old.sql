create table shop_orders (
  order_id uuid primary key,
  order_ref text,
  customer integer,
  total numeric(10, 2),
  placed_at timestamptz not null default clock_timestamp()
);
create table parcels (tracking text primary key, order_ref text);
create table customers (no integer primary key, name text not null);
create table scans (
  id serial primary key,
  tracking text,
  depot text not null,
  scanned_at timestamptz not null default clock_timestamp()
);
create function key_of(n integer) returns uuid language sql immutable as $$ select md5(n::text)::uuid $$;

insert into customers select n, 'Customer ' || n from generate_series(1, 30) as n;
-- 30 and 31, 60 and 61 … have one reference; customers from 31 on are unknown.
insert into shop_orders (order_id, order_ref, customer, total)
select key_of(n), 'R' || case when n % 30 = 1 then n - 1 else n end, 1 + n % 40, n from generate_series(1, 120) as n;
insert into parcels select 'P' || n, 'R' || n from generate_series(1, 140) as n where n % 9 > 0;
insert into scans (tracking, depot)
select case when n % 50 > 0 then 'P' || n % 160 end, (array['North', 'South', 'East'])[1 + n % 3] from generate_series(1, 300) as n;
