create table posts (
  post_id uuid primary key,
  title text not null,
  body text,
  publish_at timestamptz,
  score numeric(3,2),
  updated_at timestamptz not null default now()
);
create index posts_publish_at_idx on posts (publish_at);
