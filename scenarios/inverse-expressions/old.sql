create table sensors (
  id integer primary key,
  name text not null,
  temperature_f numeric,
  price_cents bigint,
  status char(1) not null default 'A',
  settings jsonb not null default '{}',
  tags text[],
  seen_at timestamptz
);
insert into sensors (id, name, temperature_f, price_cents, status, settings, tags, seen_at)
select n, 'Sensor ' || n, case when n % 6 > 0 then 32 + n * 0.9 end, case when n % 4 > 0 then n * 12345678901 end,
       (array['A', 'I', 'R'])[1 + n % 3],
       case when n % 5 = 0 then '{}' else jsonb_build_object('color', (array['red', 'grün', 'a "b"'])[1 + n % 3], 'n', 1.0 * n,
         'big', 12345678901234567890) end,
       case when n % 2 = 0 then array['x', null, 'y,"z'] end,
       timestamptz '2024-03-31 01:59:59.999999+01' + n * interval '1 hour'
  from generate_series(1, 200) as n;
-- No word for it, and no room for it.
update sensors set status = '?' where id in (10, 20);
update sensors set temperature_f = 1000000 where id = 30;
