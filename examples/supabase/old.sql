-- What Supabase has by itself; elsewhere the roles are made here.
do $$ declare r text; begin
  foreach r in array '{anon,authenticated,service_role}'::text[] loop
    begin execute format('create role %I', r); exception when duplicate_object or unique_violation then null; end;
  end loop;
end $$;
grant usage on schema public to anon, authenticated, service_role;

-- The same posts, twice. Everybody reads what is published; only the service role writes.
create table drafts (
  post_id uuid primary key,
  published boolean not null default false,
  title text not null,
  body text
);
create table scheduled_posts (
  post_id text primary key,
  published boolean not null default false,
  publish_at timestamptz
);
create table comments (
  id bigserial primary key,
  post_id uuid not null references drafts,
  words text not null
);
alter table drafts enable row level security;
alter table scheduled_posts enable row level security;
create policy published on drafts for select to anon, authenticated using (published);
create policy published on scheduled_posts for select to anon, authenticated using (published);
grant select on drafts, scheduled_posts, comments to anon, authenticated;
grant select, insert, update, delete on drafts, scheduled_posts, comments to service_role;

insert into drafts (post_id, published, title, body) values
  ('00000000-0000-4000-8000-000000000001', true, 'Both tables know it', 'a body'),
  ('00000000-0000-4000-8000-000000000002', false, 'Nobody may read it yet', null),
  ('00000000-0000-4000-8000-000000000003', true, 'Only a draft', null);
insert into scheduled_posts (post_id, published, publish_at) values
  ('00000000-0000-4000-8000-000000000001', true, '2026-01-01 09:00+00'),
  ('00000000-0000-4000-8000-000000000002', false, '2026-01-02 09:00+00');
insert into comments (post_id, words) values ('00000000-0000-4000-8000-000000000001', 'Well said');
