create table tasks (
  id integer primary key,
  parent_id integer,
  title text not null,
  state text not null default 'open',
  open_children integer not null default 0,
  comments integer not null default 0,
  changes integer not null default 0,
  updated_at timestamptz not null default now()
);
create index tasks_parent_idx on tasks (parent_id);
create table task_notes (task_id integer primary key, note text, noted_by text not null default 'nobody');
create table task_audit (id bigserial primary key, task_id integer not null, what text not null);

insert into tasks (id, title) select n, 'Parent ' || n from generate_series(1, 20) as n;
insert into tasks (id, parent_id, title) select n, 1 + n % 20, 'Task ' || n from generate_series(21, 200) as n;
update tasks p set open_children = (select count(*) from tasks c where c.parent_id = p.id and c.state = 'open');
insert into task_notes select n, 'note ' || n from generate_series(1, 60) as n;

create function stamp() returns trigger language plpgsql as $$
begin
  new.updated_at = clock_timestamp();
  new.changes = old.changes + 1;
  return new;
end $$;
create trigger a_stamp before update on tasks for each row execute function stamp();

create function audit() returns trigger language plpgsql as $$
begin
  insert into task_audit (task_id, what) values (new.id, new.state);
  return null;
end $$;
create trigger b_audit after update on tasks for each row execute function audit();

create function recount() returns trigger language plpgsql as $$
begin
  update tasks set open_children = (select count(*) from tasks c where c.parent_id = new.parent_id and c.state = 'open')
   where id = new.parent_id;
  return null;
end $$;
create trigger c_recount after update of state on tasks for each row
  when (new.parent_id is not null and old.state is distinct from new.state) execute function recount();

create function count_notes() returns trigger language plpgsql as $$
begin
  update tasks set comments = comments + 1 where id = new.task_id;
  return null;
end $$;
create trigger note_counts after insert or update on task_notes for each row execute function count_notes();

create function never() returns trigger language plpgsql as $$ begin raise exception 'this is switched off'; end $$;
create trigger d_never after update on tasks for each row execute function never();
alter table tasks disable trigger d_never;
