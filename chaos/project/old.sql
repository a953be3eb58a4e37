-- A shop that grew wild: an order is known to the web, to the phone and to the bank. 3,000 orders, 2,000 of them by phone.
create function key_of(text, integer) returns uuid language sql immutable as $$ select md5($1 || $2)::uuid $$;

create table accounts (id uuid primary key, name text not null);
create table orders_web (
  order_id uuid primary key,
  account_id uuid not null references accounts (id),
  title text not null,
  receipt text unique,
  hits bigint not null default 0
);
-- Writes the key in its own way.
create table orders_phone (
  id bigserial primary key,
  order_ref text not null unique,
  note text,
  calls bigint not null default 0
);
-- Knows no order, only the receipt.
create table payments (id bigserial primary key, receipt text not null unique, paid text);
create table clicks (id bigserial primary key, order_ref text not null, tag text not null unique, at timestamptz not null default now());
create table visits (id bigserial primary key, order_id uuid not null, tag text not null unique, page text);

-- Stay.
create table invoices (order_id uuid primary key references orders_web (order_id), total numeric not null);
create table hits_log (id bigserial primary key, order_id uuid not null, hits bigint not null);
create index on hits_log (order_id);
create view open_orders as select order_id, title, hits from orders_web;

create function log_hits() returns trigger language plpgsql as $$
begin
  insert into hits_log (order_id, hits) values (new.order_id, new.hits);
  return null;
end $$;
create trigger logs_hits after update on orders_web for each row when (old.hits <> new.hits) execute function log_hits();

insert into accounts select key_of('account', n), 'start' from generate_series(0, 299) as n;
insert into orders_web (order_id, account_id, title, receipt)
select key_of('order', n), key_of('account', n % 300), 'start', 'r' || n from generate_series(0, 2999) as n;
insert into orders_phone (order_ref, note)
select case when n % 3 = 0 then upper(key_of('order', n)::text) else key_of('order', n)::text end, 'start'
  from generate_series(0, 1999) as n;
insert into payments (receipt, paid) select 'r' || n, 'start' from generate_series(0, 2999, 2) as n;
insert into clicks (order_ref, tag) select key_of('order', n), 'click ' || n from generate_series(0, 999) as n;
insert into visits (order_id, tag, page) select key_of('order', n), 'visit ' || n, '/' from generate_series(0, 999) as n;
insert into invoices select key_of('order', n), n from generate_series(0, 2999, 10) as n;

grant select, insert, update, delete on accounts, orders_web, orders_phone, payments, clicks, visits to shop;
grant select, insert on invoices to shop;
grant select on open_orders, hits_log to shop;
grant insert on hits_log to shop;
grant usage on all sequences in schema public to shop;
