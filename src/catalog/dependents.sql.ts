import type { DependentKind } from './read-dependents.ts'

export interface DependentRow {
  readonly on: number
  readonly kind: DependentKind
  readonly schema: string
  readonly name: string
  readonly table: string | null
  readonly arguments: string | null
  readonly definition: string
}

/** $1 text[], $2 text[]: schemas and names. */
export const relationOidsQuery = /* sql */ `
select c.oid, t.schema, t.name
from rows from (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) as t(schema, name)
join pg_catalog.pg_namespace n on n.nspname = t.schema
join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = t.name`

/**
 * $1 oid[]: relations. What the server itself records as depending on them or on their row types. Needs
 * search_path = pg_catalog. What lies on the relation itself is part of it, except rules.
 */
export const dependentsQuery = /* sql */ `
with target as (
  select c.oid, c.oid as object, 'pg_catalog.pg_class'::pg_catalog.regclass::oid as class
  from pg_catalog.pg_class c where c.oid = any ($1::oid[])
  union all
  select c.oid, row_type.oid, 'pg_catalog.pg_type'::pg_catalog.regclass::oid
  from pg_catalog.pg_class c
  join pg_catalog.pg_type t on t.oid = c.reltype
  cross join lateral (values (t.oid), (t.typarray)) row_type (oid)
  where c.oid = any ($1::oid[])
),
dependency as (
  select distinct t.oid as "on", d.classid, d.objid, d.objsubid
  from target t
  join pg_catalog.pg_depend d on d.refclassid = t.class and d.refobjid = t.object
)
select d."on", case when r.rulename <> '_RETURN' then 'rule' when c.relkind = 'm' then 'materialized view' else 'view' end as kind,
       n.nspname::text as schema,
       case when r.rulename <> '_RETURN' then r.rulename else c.relname end::text as name,
       case when r.rulename <> '_RETURN' then c.relname::text end as "table", null::text as arguments,
       case when r.rulename <> '_RETURN' then pg_catalog.pg_get_ruledef(r.oid) else pg_catalog.pg_get_viewdef(c.oid) end as definition
from dependency d
join pg_catalog.pg_rewrite r on d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and r.oid = d.objid
join pg_catalog.pg_class c on c.oid = r.ev_class
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where (c.oid <> d."on" or r.rulename <> '_RETURN') and n.nspname not in ('crossfade', 'crossfade_compat')
union
select d."on", 'function', n.nspname::text, p.proname::text, null,
       pg_catalog.pg_get_function_identity_arguments(p.oid),
       case when p.prokind in ('f', 'p', 'w') then pg_catalog.pg_get_functiondef(p.oid) else '' end
from dependency d
join pg_catalog.pg_proc p on d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and p.oid = d.objid
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
where n.nspname not in ('crossfade', 'crossfade_compat')
union
select k.confrelid, 'foreign key', n.nspname::text, k.conname::text, c.relname::text, null,
       pg_catalog.pg_get_constraintdef(k.oid)
from pg_catalog.pg_constraint k
join pg_catalog.pg_class c on c.oid = k.conrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where k.contype = 'f' and k.confrelid = any ($1::oid[]) and k.conrelid <> k.confrelid
union
select d."on", 'policy', n.nspname::text, p.polname::text, c.relname::text, null,
       pg_catalog.concat_ws(' ',
         'using (' || pg_catalog.pg_get_expr(p.polqual, p.polrelid) || ')',
         'with check (' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) || ')')
from dependency d
join pg_catalog.pg_policy p on d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass and p.oid = d.objid
join pg_catalog.pg_class c on c.oid = p.polrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where p.polrelid <> d."on"
union
select d."on", 'column type', n.nspname::text, a.attname::text, c.relname::text, null,
       pg_catalog.format_type(a.atttypid, a.atttypmod)
from dependency d
join pg_catalog.pg_class c on d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and c.oid = d.objid
join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = d.objsubid and d.objsubid > 0
join pg_catalog.pg_type t on t.oid = a.atttypid
join pg_catalog.pg_class s on s.oid = d."on" and s.reltype in (t.oid, t.typelem)
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.oid <> d."on"
union
select c.oid, 'publication', n.nspname::text, p.pubname::text, c.relname::text, null,
       pg_catalog.concat_ws(' ', 'columns (' || pg_catalog.array_to_string(p.attnames, ', ') || ')', 'where ' || p.rowfilter)
from pg_catalog.pg_publication_tables p
join pg_catalog.pg_namespace n on n.nspname = p.schemaname
join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = p.tablename
where c.oid = any ($1::oid[])
order by 1, 2, 3, 4, 5, 6`

export interface FunctionTextRow {
  readonly schema: string
  readonly name: string
  readonly arguments: string
  readonly source: string
  readonly definition: string
}

/** $1 text[]: names in lower case. Functions with a string body that holds one of them; whose word it is, is for the reader. */
export const functionTextsQuery = /* sql */ `
select n.nspname::text as schema, p.proname::text as name,
       pg_catalog.pg_get_function_identity_arguments(p.oid) as arguments,
       p.prosrc as source, pg_catalog.pg_get_functiondef(p.oid) as definition
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
join pg_catalog.pg_language l on l.oid = p.prolang
where p.prokind in ('f', 'p') and p.prosqlbody is null and l.lanname not in ('c', 'internal')
  and n.nspname not in ('pg_catalog', 'information_schema', 'crossfade', 'crossfade_compat')
  and exists (
    select from pg_catalog.unnest($1::text[]) as t(name) where pg_catalog.strpos(pg_catalog.lower(p.prosrc), t.name) > 0
  )
  -- an extension's functions are replaced with the extension, and know nothing of the application
  and not exists (
    select from pg_catalog.pg_depend d
    where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objid = p.oid and d.deptype = 'e'
  )
order by 1, 2, 3`
