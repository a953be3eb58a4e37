export const APPLICATION_ROLE = 'posting_app'

const QUEUE_TABLES = /* sql */ `
create table content_metadata (
  id bigserial primary key,
  decision_id uuid not null unique,
  content text not null,
  generation_source text,
  decision_type text,
  status text not null default 'queued',
  scheduled_at timestamptz,
  posted_at timestamptz,
  quality numeric,
  predicted_er numeric,
  thread_parts jsonb,
  topic text,
  tone text,
  angle text,
  generator_name text,
  target_tweet_id text,
  target_username text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on column content_metadata.quality is '0 to 100';
create index content_metadata_decision_id_idx on content_metadata (decision_id);
create index content_metadata_status_scheduled_idx on content_metadata (status, scheduled_at);

create table content_generation_metadata_comprehensive (
  id bigserial primary key,
  decision_id text not null unique,
  content text,
  decision_type text,
  status text,
  scheduled_at timestamptz,
  posted_at timestamptz,
  raw_topic text,
  angle text,
  tone text,
  format_strategy text,
  visual_format text,
  generator_name text,
  quality_score numeric,
  experiment_arm text,
  raw_response jsonb,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on column content_generation_metadata_comprehensive.quality_score is '0 to 1, most of the time';
create index content_generation_status_idx on content_generation_metadata_comprehensive (status);
create index content_generation_plain_key_idx
  on content_generation_metadata_comprehensive (lower(replace(decision_id, '-', '')));

create function set_updated_at() returns trigger language plpgsql as $$
begin
  new.updated_at = now();
  return new;
end $$;
create trigger set_updated_at before update on content_metadata
  for each row execute function set_updated_at();
`

// What went out is told three times: by the program that decides, by the one that sends, and by the first of all, which
// is older than decisions. Only the tweet's id, which each writes down as well as it can, ties them together.
const POST_TABLES = /* sql */ `
create table posted_decisions (
  id bigserial primary key,
  decision_id text not null,
  tweet_id text,
  content text,
  decision_type text,
  generator_name text,
  topic text,
  visual_format text,
  posted_at timestamptz not null default now(),
  created_at timestamptz not null default now()
);
create index posted_decisions_decision_id_idx on posted_decisions (decision_id);
create index posted_decisions_tweet_id_idx on posted_decisions (tweet_id);

create table tweets (
  id bigserial primary key,
  tweet_id text,
  text text not null,
  url text,
  kind text,
  thread jsonb,
  posted_at timestamptz not null default now(),
  created_at timestamptz not null default now()
);
create index tweets_tweet_id_idx on tweets (tweet_id);
create index tweets_posted_at_idx on tweets (posted_at);

create table posts (
  id bigserial primary key,
  external_id text,
  body text not null,
  permalink text,
  format text,
  published_at timestamptz not null default now(),
  inserted_at timestamptz not null default now()
);
comment on table posts is 'tweets, from before there was a table of that name; still written';

create table activity_log (
  id bigserial primary key,
  event text not null,
  decision_id text,
  at timestamptz not null default now()
);
create function log_post() returns trigger language plpgsql as $$
begin
  insert into public.activity_log (event, decision_id) values ('posted', new.decision_id);
  return null;
end $$;
create trigger log_post after insert on posted_decisions for each row execute function log_post();

create table unified_posts (
  id bigserial primary key,
  decision_id text,
  tweet_id text,
  content text,
  metrics jsonb,
  created_at timestamptz not null default now()
);
comment on table unified_posts is 'the last attempt to tidy up; nothing reads or writes it';
`

const METRIC_TABLES = /* sql */ `
create table outcomes (
  id bigserial primary key,
  decision_id text not null,
  tweet_id text,
  likes integer not null default 0,
  retweets integer not null default 0,
  replies integer not null default 0,
  bookmarks integer not null default 0,
  quotes integer not null default 0,
  impressions integer not null default 0,
  views integer not null default 0,
  profile_clicks integer not null default 0,
  engagement_rate numeric,
  followers_before integer,
  followers_after integer,
  followers_gained integer,
  pass integer not null default 0,
  source text,
  collected_at timestamptz not null default now(),
  created_at timestamptz not null default now()
);
create index outcomes_decision_id_idx on outcomes (decision_id);

create table real_tweet_metrics (
  id bigserial primary key,
  tweet_id text,
  likes integer not null default 0,
  retweets integer not null default 0,
  replies integer not null default 0,
  bookmarks integer not null default 0,
  impressions integer not null default 0,
  engagement numeric,
  captured_at timestamptz not null default now(),
  created_at timestamptz not null default now()
);
comment on column real_tweet_metrics.engagement is 'a fraction';
create index real_tweet_metrics_tweet_id_idx on real_tweet_metrics (tweet_id);

create table tweet_analytics (
  id bigserial primary key,
  tweet_id text,
  favorites integer not null default 0,
  shares integer not null default 0,
  comments integer not null default 0,
  saves integer not null default 0,
  views integer not null default 0,
  profile_visits integer not null default 0,
  engagement_percent numeric,
  estimated boolean not null default false,
  measured_at timestamptz not null default now(),
  inserted_at timestamptz not null default now()
);

create view post_performance as
select d.decision_id, d.tweet_id, d.content, d.generator_name, d.posted_at, o.likes, o.retweets, o.engagement_rate,
       o.pass, o.collected_at
from posted_decisions d
join outcomes o on o.decision_id = d.decision_id;
`

const STAYING_TABLES = /* sql */ `
create table bot_config (
  key text primary key,
  value jsonb not null,
  updated_at timestamptz not null default now()
);
create table learning_posts (
  id bigserial primary key,
  content text not null,
  lesson text,
  score numeric,
  decision_id uuid references content_metadata (decision_id) on delete set null,
  created_at timestamptz not null default now()
);
create table discovered_accounts (
  id bigserial primary key,
  username text not null unique,
  followers integer,
  discovered_at timestamptz not null default now()
);
create table reply_opportunities (
  id bigserial primary key,
  target_tweet_id text not null,
  target_username text references discovered_accounts (username),
  status text not null default 'open',
  found_at timestamptz not null default now()
);
`

/**
 * The database of an automated posting product as it has grown: each fact lives two or three times, in tables
 * that overlap, disagree in places and spell their keys differently. Nothing here is tidy on purpose.
 */
export const LEGACY_SCHEMA = [QUEUE_TABLES, POST_TABLES, METRIC_TABLES, STAYING_TABLES].join('')

/** The application is no owner: what it may do on the new tables is for Crossfade to carry over. */
export const LEGACY_GRANTS = /* sql */ `
do $$
begin
  create role ${APPLICATION_ROLE} login password '${APPLICATION_ROLE}';
exception
  -- Roles belong to the whole server: another database there may have made it, or be making it now.
  when duplicate_object or unique_violation then null;
end $$;
grant usage on schema public to ${APPLICATION_ROLE};
grant select, insert, update, delete on all tables in schema public to ${APPLICATION_ROLE};
grant usage, select on all sequences in schema public to ${APPLICATION_ROLE};
`
