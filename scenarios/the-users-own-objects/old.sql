create table posts_a (
  id bigint primary key,
  title text not null,
  revisions integer not null default 0,
  published_at timestamptz not null default clock_timestamp()
);
create table posts_b (post_id bigint primary key references posts_a (id) on delete cascade, likes integer not null default 0);
create table comments (
  id bigserial primary key,
  post_id bigint not null references posts_a (id) on delete cascade,
  title_then text,
  body text not null
);
create index on comments (post_id);
create table pins (post_id bigint primary key references posts_a (id), pinned_at timestamptz not null default clock_timestamp());
create table title_log (
  id bigserial primary key,
  post_id bigint not null references posts_a (id) on delete cascade,
  title text not null
);
create index on title_log (post_id);

create view feed as
  select a.id, a.title, coalesce(b.likes, 0) as likes from posts_a a left join posts_b b on b.post_id = a.id;
comment on view feed is 'what the analyst reads';
grant select on feed to public;
create view top_posts as select id, title, likes from feed where likes >= 50;

-- The first knows the table by its name, the second hangs on it.
create function title_of(bigint) returns text language sql stable as $$ select title from posts_a where id = $1 $$;
create function post_count() returns bigint language sql stable begin atomic select count(*) from posts_a; end;

-- Of a table that stays, with a look at one that goes.
create function note_title() returns trigger language plpgsql as $$
begin
  new.title_then := (select title from posts_a where id = new.post_id);
  return new;
end $$;
create trigger notes_title before insert on comments for each row execute function note_title();

-- Of a table that goes, with a write to one that stays.
create function revise() returns trigger language plpgsql as $$
begin
  new.revisions := old.revisions + 1;
  insert into title_log (post_id, title) values (new.id, new.title);
  return new;
end $$;
create trigger revises before update on posts_a for each row when (old.title <> new.title) execute function revise();

insert into posts_a (id, title) select n, 'Post ' || n from generate_series(1, 150) as n;
insert into posts_b select n, n from generate_series(1, 100) as n;
insert into comments (post_id, body) select 1 + n % 40, 'Comment ' || n from generate_series(1, 120) as n;
insert into pins (post_id) select generate_series(1, 10);
