create table authors (id integer primary key, name text not null);
insert into authors select n, 'Author ' || n from generate_series(1, 5) as n;
create table posts (
  id bigserial primary key,
  author_id integer,
  title text not null,
  body text,
  state text,
  score numeric,
  created_at timestamptz not null default now()
);
comment on table posts is 'What we publish';
comment on column posts.score is 'Any number of digits';
create index posts_state_idx on posts (state);
insert into posts (author_id, title, body, state, score)
select 1 + n % 5, 'Title ' || n, case when n % 7 > 0 then 'Body ✏️ ' || n end,
       (array['draft', 'live', null])[1 + n % 3], case when n % 5 > 0 then n / 4.0 end
  from generate_series(1, 300) as n;
-- More digits than the new table keeps.
update posts set score = 1.23456 where id in (50, 150);
