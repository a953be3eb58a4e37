create table orders (
  order_id uuid primary key default gen_random_uuid(),
  customer text not null,
  state text not null default 'open',
  placed_at timestamptz not null default now()
);
create table order_notes (
  id serial primary key,
  order_key text,
  note text,
  shipping text,
  noted_at timestamptz not null default clock_timestamp()
);
create function key_of(n integer) returns uuid language sql immutable as $$ select md5(n::text)::uuid $$;
create function spelled(n integer, way integer) returns text language sql immutable as $$
  select (array[key_of(n)::text, upper(key_of(n)::text), md5(n::text), '  ' || key_of(n) || ' ', '{' || key_of(n) || '}',
                'made-up-' || n, '', null, key_of(n) || 'x'])[way]
$$;
insert into orders (order_id, customer) select key_of(n), 'Customer ' || n from generate_series(1, 150) as n;
insert into order_notes (order_key, note, shipping)
select spelled(n, 1 + n % 9), 'note ' || n, case when n % 2 = 0 then 'express' end from generate_series(50, 250) as n;
-- Several notes of one order, each in a spelling of its own.
insert into order_notes (order_key, note) select spelled(n, 1 + way), 'again ' || way
  from generate_series(100, 120) as n, generate_series(0, 4) as way;
