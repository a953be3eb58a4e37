-- name: the projects are the old ones, and those that only tasks know
with expected as (
  select id, coalesce(title, 'untitled') as title, owner from old_projects
  union all
  select distinct project, '(unknown)', null from old_tasks
   where project is not null and project not in (select id from old_projects)
), actual as (select project_id, title, owner from projects)
(select 'missing' as what, * from (table expected except all table actual) as m)
union all
(select 'extra' as what, * from (table actual except all table expected) as e);

-- name: every task is there
(select 'missing' as what, * from (select id, project, title, done from old_tasks except all select task_id, project_id, title, done from tasks) as m)
union all
(select 'extra' as what, * from (select task_id, project_id, title, done from tasks except all select id, project, title, done from old_tasks) as e);

-- name: the hours of the tasks that are there
with expected as (
  select task, minutes, noted_at from time_entries where task in (select id from old_tasks)
), actual as (select task_id, minutes, noted_at from hours)
(select 'missing' as what, * from (table expected except all table actual) as m)
union all
(select 'extra' as what, * from (table actual except all table expected) as e);

-- name: the others wait for their task in the journal, and nothing else is there
with waiting as (
  select id::text, '23503' as sqlstate from time_entries where task not in (select id from old_tasks)
), journaled as (select (coalesce(key, old_key))[1], sqlstate from crossfade.journal)
(select 'missing' as what, * from (table waiting except all table journaled) as m)
union all
(select 'extra' as what, * from (table journaled except all table waiting) as e);

-- name: the compat view has the real projects, not the stubs
-- when: reads
(select id, coalesce(title, 'untitled'), owner from old_projects except all select id, coalesce(title, 'untitled'), owner from crossfade_compat.old_projects)
union all
(select id, coalesce(title, 'untitled'), owner from crossfade_compat.old_projects except all select id, coalesce(title, 'untitled'), owner from old_projects);

-- name: the foreign keys hold, as the new schema says
-- when: finish
with expected (name, action) as (values ('tasks_project_id_fkey', 'a'), ('hours_task_id_fkey', 'c'))
select name from expected
 where not exists (select from pg_constraint where conname = name and convalidated and confdeltype::text = action
                      and connamespace = 'public'::regnamespace);
