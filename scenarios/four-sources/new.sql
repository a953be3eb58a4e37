create table members (
  member_id uuid primary key,
  name text,
  email text,
  bio text,
  avatar_url text,
  stripe_id text unique,
  plan text not null default 'free',
  subscribed boolean,
  created_at timestamptz
);
