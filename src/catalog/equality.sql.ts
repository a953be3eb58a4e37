export interface EqualityRow {
  readonly type: number
  readonly schema: string | null
}

/**
 * $1 oid[]: types. The schema of the equality operator of each type's default btree operator class, found as the
 * server finds it: of the type itself, of one that it is binary-coercible to (varchar by text), or of its kind
 * (anyenum, anyrange, record). Domains stand for their base type. An array has one where its elements have one.
 */
export const equalityQuery = /* sql */ `
with recursive
asked (type) as (select distinct t from pg_catalog.unnest($1::oid[]) t),
step (type, part, is_array) as (
  select type, type, false from asked
  union
  select s.type,
         case when t.typtype = 'd' then t.typbasetype else t.typelem end,
         s.is_array or t.typtype <> 'd'
  from step s
  join pg_catalog.pg_type t on t.oid = s.part
  where t.typtype = 'd' or t.typcategory = 'A' and t.typelem <> 0
),
leaf as (
  select s.type, s.is_array, t.oid, t.typtype
  from step s
  join pg_catalog.pg_type t on t.oid = s.part
  where t.typtype <> 'd' and not (t.typcategory = 'A' and t.typelem <> 0)
),
class as (
  select c.opcintype, c.opcfamily
  from pg_catalog.pg_opclass c
  join pg_catalog.pg_am m on m.oid = c.opcmethod and m.amname = 'btree'
  where c.opcdefault
),
candidate as (
  select l.type, l.is_array, c.opcintype, c.opcfamily,
         case
           when c.opcintype = l.oid then 1
           when exists (
             select from pg_catalog.pg_cast k
             where k.castsource = l.oid and k.casttarget = c.opcintype and k.castmethod = 'b' and k.castcontext = 'i'
           ) then case when (select t.typispreferred from pg_catalog.pg_type t where t.oid = c.opcintype) then 2 else 3 end
           when c.opcintype = case l.typtype
             when 'e' then 'pg_catalog.anyenum'::pg_catalog.regtype::oid
             when 'r' then 'pg_catalog.anyrange'::pg_catalog.regtype::oid
             when 'm' then 'pg_catalog.anymultirange'::pg_catalog.regtype::oid
             when 'c' then 'pg_catalog.record'::pg_catalog.regtype::oid
           end then 4
         end as rank
  from leaf l cross join class c
),
chosen as (
  select distinct on (type) * from candidate where rank is not null order by type, rank, opcintype
)
select h.type, case when h.is_array then 'pg_catalog' else n.nspname::text end as schema
from chosen h
join pg_catalog.pg_amop x on x.amopfamily = h.opcfamily and x.amopstrategy = 3
  and x.amoplefttype = h.opcintype and x.amoprighttype = h.opcintype
join pg_catalog.pg_operator o on o.oid = x.amopopr
join pg_catalog.pg_namespace n on n.oid = o.oprnamespace`
