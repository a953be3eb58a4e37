create table articles (
  id bigserial primary key,
  -- Made at finish: until then it would stand in the way of whoever writes to authors.
  author_id integer references authors on delete set null,
  headline text not null,
  body text,
  state text not null default 'draft' check (state in ('draft', 'live', 'gone')),
  score numeric(8,2),
  reviewed boolean not null default false,
  created_at timestamptz not null default now()
);
create index articles_live_idx on articles (created_at desc) where state = 'live';
