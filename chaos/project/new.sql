create table customers (id uuid primary key, name text not null);
create table orders (
  order_id uuid primary key,
  account_id uuid references customers (id),
  title text,
  receipt text unique,
  hits bigint default 0,
  note text,
  calls bigint default 0,
  paid text
);
create table activities (
  id bigserial primary key,
  order_id uuid not null references orders (order_id),
  tag text not null,
  kind text not null,
  page text
);
create index on activities (order_id);
create index on activities (tag);
-- As the old orders_web has it.
create trigger logs_hits after update on orders for each row when (old.hits <> new.hits) execute function log_hits();
