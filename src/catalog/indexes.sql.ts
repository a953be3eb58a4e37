import type { CatalogIndex } from './types.ts'

export interface IndexRow extends CatalogIndex {
  readonly relation: number
}

/** $1 oid[]: relations. */
export const indexesQuery = /* sql */ `
select i.indrelid as relation,
       c.relname::text as name,
       i.indisunique as "unique",
       i.indisprimary as "primary",
       array(
         select a.attname::text
         from pg_catalog.unnest(i.indkey::int2[]) with ordinality as p(number, place)
         left join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = p.number and p.number <> 0
         where p.place <= i.indnkeyatts
         order by p.place
       ) as columns,
       array(
         select pg_catalog.pg_get_indexdef(i.indexrelid, place, false)
         from pg_catalog.generate_series(1, i.indnkeyatts::int) place
         order by place
       ) as parts,
       pg_catalog.pg_get_expr(i.indpred, i.indrelid) as predicate,
       i.indnullsnotdistinct as "nullsNotDistinct",
       i.indimmediate as immediate,
       i.indisvalid and i.indisready as valid,
       m.amname::text as method,
       pg_catalog.pg_get_indexdef(i.indexrelid) as definition
from pg_catalog.pg_index i
join pg_catalog.pg_class c on c.oid = i.indexrelid
join pg_catalog.pg_am m on m.oid = c.relam
where i.indrelid = any ($1::oid[]) and i.indislive
order by i.indrelid, c.relname`
