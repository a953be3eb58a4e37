-- name: an order has its customer's name, and the last scan of its parcels
with order_of as (
  select distinct on (order_ref) order_ref, order_id from shop_orders
   where order_ref is not null order by order_ref, placed_at desc, order_id
), scan as (
  select distinct on (o.order_id) o.order_id, s.depot, s.scanned_at
    from scans s join parcels p using (tracking) join order_of o on o.order_ref = p.order_ref
   order by o.order_id, s.scanned_at desc, s.id
), expected as (
  select o.order_id, o.order_ref, c.name, o.total, s.depot, s.scanned_at, o.placed_at
    from shop_orders o left join customers c on c.no = o.customer left join scan s using (order_id)
), actual as (
  select order_id, order_ref, customer_name, total, depot, scanned_at, placed_at from deliveries
)
(select 'missing' as what, * from (table expected except all table actual) as m)
union all
(select 'extra' as what, * from (table actual except all table expected) as e);

-- name: nothing is in the journal
select * from crossfade.journal;

-- name: the tables in between stayed
-- when: finish
select 'gone' where to_regclass('public.parcels') is null or to_regclass('public.customers') is null
    or exists (select from pg_trigger t join pg_class c on c.oid = t.tgrelid
                where c.relname in ('parcels', 'customers') and not t.tgisinternal);
