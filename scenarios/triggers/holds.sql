-- name: tasks and notes are work items
with expected as (
  select coalesce(t.id, n.task_id) as id, t.parent_id, t.title, t.state, t.open_children, t.comments, n.note, n.noted_by,
         t.changes, t.updated_at
    from tasks t full join task_notes n on n.task_id = t.id
)
(select * from expected
 except all select id, parent_id, title, state, open_children, comments, note, noted_by, changes, updated_at from work_items)
union all
(select id, parent_id, title, state, open_children, comments, note, noted_by, changes, updated_at from work_items
 except all select * from expected);

-- name: every change was audited exactly once
select t.id, t.changes, count(a.id) from tasks t left join task_audit a on a.task_id = t.id
 where t.id <= 200 group by t.id having count(a.id) <> t.changes;

-- name: the children of every parent are counted, on both sides
select p.id, p.open_children, w.open_children as native from tasks p join work_items w on w.id = p.id
 where p.id <= 20
   and (p.open_children <> (select count(*) from tasks c where c.parent_id = p.id and c.state = 'open')
        or w.open_children <> (select count(*) from work_items c where c.parent_id = p.id and c.state = 'open'));

-- name: the trigger of the new table sleeps
select id from work_items where note = 'stamped by the new trigger';

-- name: it is awake
-- when: finish
select 'asleep' where exists (select from pg_trigger where tgname = 'new_rules' and tgenabled <> 'O');

-- name: nothing is in the journal
select * from crossfade.journal;
