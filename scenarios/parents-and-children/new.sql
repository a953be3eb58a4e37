create table projects (
  project_id uuid primary key default gen_random_uuid(),
  title text not null default 'untitled',
  owner text
);
create table tasks (
  task_id uuid primary key default gen_random_uuid(),
  project_id uuid references projects (project_id),
  title text not null,
  done boolean not null default false
);
create index on tasks (project_id);
create table hours (
  id bigserial primary key,
  task_id uuid not null references tasks (task_id) on delete cascade,
  minutes integer not null,
  noted_at timestamptz
);
create index on hours (task_id);
