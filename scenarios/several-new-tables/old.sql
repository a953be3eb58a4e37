create table users_a (id uuid primary key, email text not null, created_at timestamptz not null default clock_timestamp());
create table users_b (user_id text primary key, nickname text, points integer not null default 0);
create table old_orders (
  no serial primary key,
  buyer uuid not null,
  amount_cents integer not null,
  state text not null default 'open'
);
create table old_audit (id bigserial primary key, line text not null, at timestamptz not null default clock_timestamp());
create function key_of(n integer) returns uuid language sql immutable as $$ select md5(n::text)::uuid $$;
insert into users_a (id, email) select key_of(n), n || '@x.org' from generate_series(1, 100) as n;
insert into users_b select case when n % 2 = 0 then upper(key_of(n)::text) else key_of(n)::text end, 'Nick ' || n, n
  from generate_series(50, 130) as n;
insert into old_orders (buyer, amount_cents) select key_of(n % 150), n * 99 from generate_series(1, 200) as n;
insert into old_audit (line) select 'line ' || n from generate_series(1, 100) as n;
