create table articles (
  article_id bigint primary key,
  title text not null,
  revisions integer not null default 0,
  likes integer,
  published_at timestamptz not null default now()
);
