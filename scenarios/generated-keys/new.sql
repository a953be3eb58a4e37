create table posted_content (
  decision_id uuid primary key default gen_random_uuid(),
  tweet_id text,
  content text,
  likes integer,
  boosted boolean,
  posted_at timestamptz
);
