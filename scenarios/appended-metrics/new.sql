create table engagement_metrics (
  id bigserial primary key,
  decision_id uuid,
  tweet_id text,
  likes integer not null default 0,
  engagement_rate numeric(5, 4),
  collected_pass integer,
  data_source text,
  collected_at timestamptz not null default now()
);
create index on engagement_metrics (decision_id);
create index on engagement_metrics (collected_at desc);
