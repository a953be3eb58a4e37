create table posted_content (
  decision_id uuid primary key,
  tweet_id text unique not null,
  content text,
  posted_at timestamptz
);
create table pages (
  id integer primary key,
  address text unique,
  title text not null,
  claimed_at timestamptz
);
