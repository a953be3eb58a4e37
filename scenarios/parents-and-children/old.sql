create table old_projects (id uuid primary key, title text, owner text not null default 'nobody');
create table old_tasks (id uuid primary key, project uuid, title text not null, done boolean not null default false);
create table time_entries (
  id serial primary key,
  task uuid not null,
  minutes integer not null,
  noted_at timestamptz not null default clock_timestamp()
);
create function key_of(n integer) returns uuid language sql immutable as $$ select md5(n::text)::uuid $$;

insert into old_projects (id, title) select key_of(n), 'Project ' || n from generate_series(1, 30) as n where n % 5 > 0;
-- Projects 5, 10 … and 31 to 35 are known from their tasks alone; some tasks have none.
insert into old_tasks (id, project, title)
select key_of(1000 + n), case when n % 20 > 0 then key_of(1 + n % 35) end, 'Task ' || n from generate_series(1, 100) as n;
insert into time_entries (task, minutes) select key_of(1000 + n % 130), n from generate_series(1, 260) as n;
