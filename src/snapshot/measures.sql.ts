/** Bytes of a table, with its TOAST, or of an index. */
export interface SizeRow {
  readonly relation: number
  /** Null for a table. */
  readonly index: string | null
  readonly bytes: number
}

/** $1 oid[]: tables. */
export const sizesQuery = /* sql */ `
select c.oid as relation, null::text as index, pg_catalog.pg_table_size(c.oid)::float8 as bytes
from pg_catalog.pg_class c
where c.oid = any ($1::oid[]) and c.relkind in ('r', 'm')
union all
select i.indrelid, x.relname::text, pg_catalog.pg_relation_size(i.indexrelid)::float8
from pg_catalog.pg_index i
join pg_catalog.pg_class x on x.oid = i.indexrelid and x.relkind = 'i'
where i.indrelid = any ($1::oid[])`

export interface IndexUseRow {
  readonly relation: number
  readonly index: string
  readonly scans: number
  readonly lastScan: string | null
}

/** $1 oid[]: tables. `last_idx_scan` is there from PostgreSQL 16 on, so it is asked by name. */
export const indexUseQuery = /* sql */ `
select s.relid as relation, s.indexrelname::text as index, coalesce(s.idx_scan, 0)::float8 as scans,
       pg_catalog.to_char((pg_catalog.to_jsonb(s) ->> 'last_idx_scan')::timestamptz at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "lastScan"
from pg_catalog.pg_stat_all_indexes s
where s.relid = any ($1::oid[])`

export interface ColumnCommentRow {
  readonly relation: number
  readonly column: string
  readonly comment: string
}

/** $1 oid[]: tables. */
export const columnCommentsQuery = /* sql */ `
select d.objoid as relation, a.attname::text as column, d.description as comment
from pg_catalog.pg_description d
join pg_catalog.pg_attribute a on a.attrelid = d.objoid and a.attnum = d.objsubid
where d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objsubid > 0 and d.objoid = any ($1::oid[])`

export interface MemberRow {
  readonly oid: number
}

/** Tables and views that extensions brought. */
export const extensionMembersQuery = /* sql */ `
select d.objid as oid
from pg_catalog.pg_depend d
where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.deptype = 'e'`

export interface ServerRow {
  readonly version: string
  readonly database: string
  readonly role: string
  readonly standby: boolean
  readonly encoding: string
  readonly collation: string
  readonly countsSince: string | null
  readonly countsUse: boolean
  readonly takenAt: string
  readonly tablespaces: string[]
}

export const serverQuery = /* sql */ `
select pg_catalog.current_setting('server_version') as version,
       d.datname::text as database,
       current_user::text as role,
       pg_catalog.pg_is_in_recovery() as standby,
       pg_catalog.pg_encoding_to_char(d.encoding)::text as encoding,
       -- of another provider than libc the locale has a column of its own, under two names
       case when d.datlocprovider = 'c' then d.datcollate
         else coalesce(pg_catalog.to_jsonb(d) ->> 'datlocale', pg_catalog.to_jsonb(d) ->> 'daticulocale') || ' ('
           || case d.datlocprovider when 'i' then 'icu' when 'b' then 'builtin' end || ')'
       end as collation,
       pg_catalog.to_char(s.stats_reset at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "countsSince",
       pg_catalog.current_setting('track_counts') = 'on' as "countsUse",
       pg_catalog.to_char(pg_catalog.now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "takenAt",
       array(
         select distinct t.spcname::text
         from pg_catalog.pg_class c join pg_catalog.pg_tablespace t on t.oid = c.reltablespace
         where t.spcname <> 'pg_global' order by 1
       ) as tablespaces
from pg_catalog.pg_database d
left join pg_catalog.pg_stat_database s on s.datid = d.oid
where d.datname = pg_catalog.current_database()`
