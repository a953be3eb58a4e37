export interface SchemaRow {
  readonly name: string
  readonly usable: boolean
  /** The extension that it came with. */
  readonly extension: string | null
  /** Extensions live in it. */
  readonly holdsExtensions: boolean
  readonly supabase: boolean
}

/** All that are not the server's own. */
export const schemasQuery = /* sql */ `
select n.nspname::text as name,
       pg_catalog.has_schema_privilege(n.oid, 'USAGE') as usable,
       (
         select e.extname::text
         from pg_catalog.pg_depend d join pg_catalog.pg_extension e on e.oid = d.refobjid
         where d.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass and d.objid = n.oid and d.deptype = 'e'
       ) as extension,
       exists (select from pg_catalog.pg_extension e where e.extnamespace = n.oid) as "holdsExtensions",
       exists (select from pg_catalog.pg_roles r where r.rolname = 'supabase_admin') as supabase
from pg_catalog.pg_namespace n
where not pg_catalog.starts_with(n.nspname::text, 'pg_') and n.nspname <> 'information_schema'
order by n.nspname::text collate "C"`

export interface TableRow {
  readonly schema: string
  readonly name: string
  /** false for a sequence that one of its columns owns. */
  readonly isTable: boolean
}

/**
 * $1 text[]: schemas. Tables that the role can't lock, not even in ACCESS SHARE mode, with the sequences that they own.
 * Which rights are enough for that: https://www.postgresql.org/docs/current/sql-lock.html
 */
export const unreadableTablesQuery = /* sql */ `
with closed as (
  select c.oid, n.nspname, c.relname
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname = any ($1::text[]) and c.relkind in ('r', 'p') and c.relpersistence <> 't'
    and not pg_catalog.has_table_privilege(c.oid,
      case when pg_catalog.current_setting('server_version_num')::int >= 160000
        then 'SELECT, UPDATE, DELETE, TRUNCATE' else 'SELECT' end)
    and not exists (
      select from pg_catalog.pg_depend e
      where e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and e.objid = c.oid and e.deptype = 'e'
    )
)
select nspname::text as schema, relname::text as name, true as "isTable" from closed
union all
select n.nspname::text, s.relname::text, false
from closed c
join pg_catalog.pg_depend d on d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid = c.oid
  and d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.deptype in ('a', 'i')
join pg_catalog.pg_class s on s.oid = d.objid and s.relkind = 'S'
join pg_catalog.pg_namespace n on n.oid = s.relnamespace
order by 1, 2`

export interface NeedRow {
  /** e.g. `table auth.users` */
  readonly object: string
  /** e.g. `table constraint profiles_id_fkey on public.profiles` */
  readonly neededBy: string
}

/**
 * $1 text[]: schemas that are looked at, $2 text[]: schemas that are not in the SQL, $3 oid[]: tables that are not. What
 * the former need of the latter. What an extension brings comes with it.
 */
export const needsQuery = /* sql */ `
with outside as (
  select 'pg_catalog.pg_class'::pg_catalog.regclass::oid as class, c.oid
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where (n.nspname = any ($2::text[]) or c.oid = any ($3::oid[])) and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
  union all
  select 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid
  from pg_catalog.pg_type t join pg_catalog.pg_namespace n on n.oid = t.typnamespace
  where n.nspname = any ($2::text[]) or t.typrelid = any ($3::oid[])
  union all
  select 'pg_catalog.pg_proc'::pg_catalog.regclass, p.oid
  from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  where n.nspname = any ($2::text[])
),
uses as (
  select distinct
    case when r.oid is null then d.classid else 'pg_catalog.pg_class'::pg_catalog.regclass end as classid,
    coalesce(r.ev_class, f.adrelid, d.objid) as objid,
    o.class, o.oid
  from outside o
  join pg_catalog.pg_depend d on d.refclassid = o.class and d.refobjid = o.oid and d.deptype in ('n', 'a')
  left join pg_catalog.pg_rewrite r on d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and r.oid = d.objid
  left join pg_catalog.pg_attrdef f on d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass and f.oid = d.objid
  where not exists (
    select from pg_catalog.pg_depend e
    where e.classid = o.class and e.objid = o.oid and e.deptype = 'e'
  )
)
select distinct r.type || ' ' || r.identity as object, u.type || ' ' || u.identity as "neededBy"
from uses
cross join lateral pg_catalog.pg_identify_object(
  case when classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass then 'pg_catalog.pg_class'::pg_catalog.regclass else classid end, objid, 0) u
cross join lateral pg_catalog.pg_identify_object_as_address(
  case when classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass then 'pg_catalog.pg_class'::pg_catalog.regclass else classid end, objid, 0) a
cross join lateral pg_catalog.pg_identify_object(class, oid, 0) r
where coalesce(u.schema, a.object_names[1]) in (
    select pg_catalog.quote_ident(name) from unnest($1::text[]) name union all select unnest($1::text[])
  )
  and not (classid = 'pg_catalog.pg_class'::pg_catalog.regclass and objid = any ($3::oid[]))
order by 1, 2`

export interface StrayTriggerRow {
  readonly name: string
  readonly definition: string
}

/** $1 text[]: schemas in the SQL, $2 text[]: schemas that are not. Triggers of tables there that call functions of ours. */
export const strayTriggersQuery = /* sql */ `
select pg_catalog.format('%I on %I.%I', t.tgname, n.nspname, c.relname) as name,
       pg_catalog.pg_get_triggerdef(t.oid) as definition
from pg_catalog.pg_trigger t
join pg_catalog.pg_class c on c.oid = t.tgrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_proc p on p.oid = t.tgfoid
join pg_catalog.pg_namespace m on m.oid = p.pronamespace
where not t.tgisinternal and n.nspname = any ($2::text[]) and m.nspname = any ($1::text[])
order by 1`

/** Names of subscriptions, whose connection strings nobody else may see. */
export const subscriptionsQuery = /* sql */ `
select pg_catalog.quote_ident(s.subname) as name,
       pg_catalog.array_to_string(s.subpublications, ', ') as publications
from pg_catalog.pg_subscription s
join pg_catalog.pg_database d on d.oid = s.subdbid and d.datname = pg_catalog.current_database()
order by 1`
