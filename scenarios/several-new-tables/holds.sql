-- name: the members
with expected as (
  select coalesce(a.id, b.user_id::uuid) as id, a.email, b.nickname, coalesce(b.points, 0) as points, a.created_at
    from users_a a full join users_b b on b.user_id::uuid = a.id
), actual as (select member_id, email, nickname, points, created_at from members)
(select 'missing' as what, * from (table expected except all table actual) as m)
union all
(select 'extra' as what, * from (table actual except all table expected) as e);

-- name: their purchases
with expected as (
  select no, buyer, round(amount_cents / 100.0, 2), state from old_orders
   where buyer in (select id from users_a union select user_id::uuid from users_b)
), actual as (select purchase_no, member_id, amount, state from purchases)
(select 'missing' as what, * from (table expected except all table actual) as m)
union all
(select 'extra' as what, * from (table actual except all table expected) as e);

-- name: the audit trail
(select 'missing' as what, * from (select line, at from old_audit except all select line, at from audit_trail) as m)
union all
(select 'extra' as what, * from (select line, at from audit_trail except all select line, at from old_audit) as e);

-- name: the journal has the purchases of nobody
with waiting as (
  select no::text from old_orders where buyer not in (select id from users_a union select user_id::uuid from users_b)
), journaled as (select key[1] from crossfade.journal)
(select 'missing' as what, * from (table waiting except all table journaled) as m)
union all
(select 'extra' as what, * from (table journaled except all table waiting) as e);

-- name: all old tables left, all new ones are there
-- when: finish
select coalesce(new, relname) from (values ('members'), ('purchases'), ('audit_trail')) as n (new)
  full join (select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r') as c on relname = new
 where new is null or relname is null;
