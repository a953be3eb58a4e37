-- name: what hangs on something is there, from the top down
with recursive expected as (
  select id, above, title from old_categories where above is null
  union
  select c.id, c.above, c.title from old_categories c join expected e on c.above = e.id
), actual as (select category_id, above, title from categories)
(select 'missing' as what, * from (table expected except all table actual) as m)
union all
(select 'extra' as what, * from (table actual except all table expected) as e);

-- name: the rest waits in the journal
with recursive there as (
  select id from old_categories where above is null
  union
  select c.id from old_categories c join there t on c.above = t.id
), waiting as (
  select id::text, '23503' as sqlstate from old_categories where id not in (table there)
), journaled as (select key[1], sqlstate from crossfade.journal)
(select 'missing' as what, * from (table waiting except all table journaled) as m)
union all
(select 'extra' as what, * from (table journaled except all table waiting) as e);
