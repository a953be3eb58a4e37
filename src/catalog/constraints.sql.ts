import type { CatalogConstraint } from './types.ts'

export interface ConstraintRow extends CatalogConstraint {
  readonly relation: number
}

/** $1 oid[]: relations. Constraint triggers are listed with the triggers. */
export const constraintsQuery = /* sql */ `
select k.conrelid as relation,
       k.conname::text as name,
       case k.contype
         when 'p' then 'primary key' when 'u' then 'unique' when 'c' then 'check'
         when 'f' then 'foreign key' when 'x' then 'exclusion' else 'not null'
       end as kind,
       array(
         select a.attname::text
         from pg_catalog.unnest(k.conkey) with ordinality as p(number, place)
         join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = p.number
         order by p.place
       ) as columns,
       pg_catalog.pg_get_constraintdef(k.oid) as definition,
       k.condeferrable as "deferrable",
       k.convalidated as validated,
       case when k.contype = 'f' then pg_catalog.json_build_object(
         'schema', n.nspname,
         'table', f.relname,
         'columns', array(
           select a.attname::text
           from pg_catalog.unnest(k.confkey) with ordinality as p(number, place)
           join pg_catalog.pg_attribute a on a.attrelid = k.confrelid and a.attnum = p.number
           order by p.place
         )
       ) end as "references"
from pg_catalog.pg_constraint k
left join pg_catalog.pg_class f on f.oid = k.confrelid
left join pg_catalog.pg_namespace n on n.oid = f.relnamespace
where k.conrelid = any ($1::oid[]) and k.contype in ('p', 'u', 'c', 'f', 'x', 'n')
  -- a foreign key to a partitioned table has one more row for each partition that it may point to
  and not exists (
    select from pg_catalog.pg_constraint p
    where p.oid = k.conparentid and p.conrelid = k.conrelid
  )
order by k.conrelid, k.conname`
