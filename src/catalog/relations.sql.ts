import type { CatalogTable, RelationKind } from './types.ts'

export interface RelationRow {
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly kind: RelationKind
  readonly owner: string
  readonly persistence: CatalogTable['persistence']
  readonly comment: string | null
  readonly rowSecurity: boolean
  readonly forceRowSecurity: boolean
  readonly children: number[]
  readonly isPartition: boolean
  readonly updatable: boolean
  readonly readsFrom: number[]
  readonly publications: string[]
  readonly estimatedRows: number | null
}

/** $1 text[]: schemas. Tables, views and foreign tables, by schema and name. */
export const relationsQuery = /* sql */ `
with recursive family (ancestor, child) as (
  select i.inhparent, i.inhrelid from pg_catalog.pg_inherits i
  union
  select f.ancestor, i.inhrelid from family f join pg_catalog.pg_inherits i on i.inhparent = f.child
),
-- Once for all relations: asked for each, it took 16 s at 3,000 tables.
published as materialized (
  select p.schemaname, p.tablename, pg_catalog.array_agg(p.pubname::text order by p.pubname::text) as publications
  from pg_catalog.pg_publication_tables p
  group by p.schemaname, p.tablename
),
offspring as materialized (
  select f.ancestor, pg_catalog.array_agg(f.child order by f.child) as children
  from family f join pg_catalog.pg_class k on k.oid = f.child and k.relkind in ('r', 'p', 'f')
  group by f.ancestor
)
select c.oid,
       n.nspname::text as schema,
       c.relname::text as name,
       case c.relkind
         when 'r' then 'table' when 'p' then 'partitioned table' when 'v' then 'view'
         when 'm' then 'materialized view' else 'foreign table'
       end as kind,
       pg_catalog.pg_get_userbyid(c.relowner)::text as owner,
       case c.relpersistence when 'p' then 'permanent' when 'u' then 'unlogged' else 'temporary' end as persistence,
       pg_catalog.obj_description(c.oid, 'pg_class') as comment,
       c.relrowsecurity as "rowSecurity",
       c.relforcerowsecurity as "forceRowSecurity",
       coalesce(o.children, '{}') as children,
       c.relispartition as "isPartition",
       -- bits 4, 8 and 16: update, insert and delete without triggers; a rule of the user's would answer instead
       c.relkind = 'v'
         and pg_catalog.pg_relation_is_updatable(c.oid, false) & 28 = 28
         and not exists (
           select from pg_catalog.pg_rewrite r where r.ev_class = c.oid and r.rulename <> '_RETURN'
         ) as updatable,
       array(
         select distinct d.refobjid
         from pg_catalog.pg_rewrite r
         join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and d.objid = r.oid
         join pg_catalog.pg_class s on s.oid = d.refobjid and s.relkind in ('r', 'p', 'v', 'm', 'f')
         where r.ev_class = c.oid and r.rulename = '_RETURN' and c.relkind in ('v', 'm')
           and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid <> c.oid
         order by 1
       ) as "readsFrom",
       coalesce(p.publications, '{}') as publications,
       -- -1 says never analyzed
       case when c.reltuples >= 0 then c.reltuples::float8 end as "estimatedRows"
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join offspring o on o.ancestor = c.oid
left join published p on p.schemaname = n.nspname and p.tablename = c.relname
where n.nspname = any ($1::text[]) and c.relkind in ('r', 'p', 'v', 'm', 'f')
order by n.nspname, c.relname`

/** $1 text: a schema, $2 oid[]: relations. The queries of its views, as seen from the search path of the moment. */
export const viewQueriesQuery = /* sql */ `
select c.oid, pg_catalog.rtrim(pg_catalog.pg_get_viewdef(c.oid), ';') as query
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = $1 and c.oid = any ($2::oid[]) and c.relkind in ('v', 'm')`

export interface ViewQueryRow {
  readonly oid: number
  readonly query: string
}
