/**
 * The database of an automated posting product as it has grown: the queue lives twice, in two tables
 * that overlap, disagree in places and spell their keys differently. Nothing here is tidy on purpose.
 */
export const APPLICATION_ROLE = 'posting_app'

export const LEGACY_SCHEMA = /* sql */ `
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
