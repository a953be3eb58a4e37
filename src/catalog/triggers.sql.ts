import type { CatalogTrigger } from './types.ts'

export interface TriggerRow extends CatalogTrigger {
  readonly relation: number
}

/** $1 oid[]: relations. Without the server's own (foreign keys) and without Crossfade's. By name: that is how they fire. */
export const triggersQuery = /* sql */ `
select t.tgrelid as relation,
       t.tgname::text as name,
       pg_catalog.pg_get_triggerdef(t.oid) as definition,
       case when t.tgtype & 64 <> 0 then 'instead of' when t.tgtype & 2 <> 0 then 'before' else 'after' end as timing,
       case when t.tgtype & 1 <> 0 then 'row' else 'statement' end as level,
       pg_catalog.array_remove(array[
         case when t.tgtype & 4 <> 0 then 'insert' end,
         case when t.tgtype & 16 <> 0 then 'update' end,
         case when t.tgtype & 8 <> 0 then 'delete' end,
         case when t.tgtype & 32 <> 0 then 'truncate' end
       ], null) as events,
       array(
         select a.attname::text
         from pg_catalog.unnest(t.tgattr::int2[]) with ordinality as p(number, place)
         join pg_catalog.pg_attribute a on a.attrelid = t.tgrelid and a.attnum = p.number
         order by p.place
       ) as "updateOf",
       t.tgenabled::text as enabled,
       n.nspname::text as "functionSchema",
       p.proname::text as "functionName"
from pg_catalog.pg_trigger t
join pg_catalog.pg_proc p on p.oid = t.tgfoid
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
where t.tgrelid = any ($1::oid[]) and not t.tgisinternal
  and not pg_catalog.starts_with(t.tgname::text, 'crossfade_') and n.nspname <> 'crossfade'
order by t.tgrelid, t.tgname`
