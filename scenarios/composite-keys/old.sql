create table stock_counts (
  warehouse text not null,
  article integer not null,
  quantity integer not null default 0,
  counted_at timestamptz not null default now(),
  primary key (warehouse, article)
);
create table stock_places (
  id serial primary key,
  article_no bigint not null,
  site varchar(20) not null,
  shelf text,
  reserved integer,
  unique (article_no, site)
);
insert into stock_counts (warehouse, article, quantity)
select w, a, a * 2 from unnest(array['Berlin', 'İzmir', 'a|b,{c}"d']) as w, generate_series(1, 60) as a;
insert into stock_places (article_no, site, shelf, reserved)
select a, w, 'shelf ' || a, a % 4 from unnest(array['Berlin', 'Oslo', 'a|b,{c}"d']) as w, generate_series(30, 90) as a;
