-- The same posts, twice: who wrote which table depended on the month.
create table drafts (
  id bigserial primary key,
  post_id uuid not null unique,
  title text not null,
  body text,
  updated_at timestamptz not null default now()
);
create table scheduled_posts (
  post_id text primary key,
  title text,
  publish_at timestamptz,
  score integer
);
insert into drafts (post_id, title, body) values
  ('00000000-0000-4000-8000-000000000001', 'Both tables know it', 'a body'),
  ('00000000-0000-4000-8000-000000000002', 'Only a draft', null);
insert into scheduled_posts (post_id, title, publish_at, score) values
  ('00000000-0000-4000-8000-000000000001', 'An older title', '2026-01-01 09:00+00', 80),
  ('00000000-0000-4000-8000-000000000003', 'Only scheduled', '2026-01-02 09:00+00', 35),
  ('test', 'No uuid, so no key', null, null);
