create table posts (
  post_id uuid primary key,
  published boolean not null default false,
  title text,
  body text,
  publish_at timestamptz
);
alter table posts enable row level security;
create policy published on posts for select to anon, authenticated using (published);
