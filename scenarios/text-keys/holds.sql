-- name: an order is known by every spelling of its key
with notes as (
  select id, note, shipping, noted_at,
         case when lower(replace(btrim(order_key, ' {}'), '-', '')) ~ '^[0-9a-f]{32}$' and order_key !~ 'x$'
              then replace(btrim(order_key, ' {}'), '-', '')::uuid end as order_id
    from order_notes
), latest as (
  select distinct on (order_id) * from notes where order_id is not null order by order_id, noted_at desc, id
), expected as (
  select coalesce(o.order_id, l.order_id) as order_id, o.customer, o.state, l.note, l.shipping, o.placed_at
    from orders o full join latest l on l.order_id = o.order_id
)
(select * from expected except select order_id, customer, state, note, shipping, placed_at from purchases)
union all
(select order_id, customer, state, note, shipping, placed_at from purchases except select * from expected);

-- name: the journal has the notes without a key, and no others
with keyless as (
  select id::text from order_notes
   where order_key is null or order_key = '' or order_key like 'made-up%' or order_key like '%x'
)
(select id from keyless except select old_key[1] from crossfade.journal)
union all
(select coalesce(old_key[1], key::text) from crossfade.journal except select id from keyless);

-- name: the compat view has the notes that count, their keys as they are spelled
-- when: reads
(select id, order_key, note from crossfade_compat.order_notes except select id, order_key, note from order_notes);
