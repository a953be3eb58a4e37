-- name: every sensor that fits is a device with its values in the new units and words
with fitting as (
  select * from sensors where status in ('A', 'I', 'R') and coalesce((temperature_f - 32) / 1.8 < 999.99995, true)
)
select coalesce(f.id, d.id) as id from fitting f full join devices d using (id)
 where f.id is null or d.id is null or f.name <> d.name
    or d.temperature is distinct from round((f.temperature_f - 32) / 1.8, 4)
    or d.price * 100 is distinct from f.price_cents
    or d.state::text <> (case f.status when 'A' then 'active' when 'I' then 'idle' when 'R' then 'retired' end)
    or d.color is distinct from f.settings ->> 'color'
    or d.settings::text <> (f.settings - 'color')::text
    or d.tags is distinct from f.tags or d.seen_at is distinct from f.seen_at;

-- name: the journal has the others
(select id::text from sensors where status = '?' or (temperature_f - 32) / 1.8 >= 999.99995
 except select key[1] from crossfade.journal)
union all
(select key[1] from crossfade.journal
 except select id::text from sensors where status = '?' or (temperature_f - 32) / 1.8 >= 999.99995);

-- name: the compat view has the old units and words
-- when: reads
select s.id from sensors s join crossfade_compat.sensors c using (id)
 where (s.status, s.settings, s.price_cents, s.temperature_f) is distinct from (c.status, c.settings, c.price_cents, c.temperature_f);

-- name: states are states still
-- when: finish
select id from devices where state not in ('active', 'idle', 'retired');
