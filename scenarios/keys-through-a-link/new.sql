create table posted_content (
  decision_id uuid primary key,
  tweet_id text,
  content text not null,
  tweet_text text,
  likes integer,
  caption text,
  boosted boolean,
  posted_at timestamptz
);
