import { comment, explode, grants, isOwn, role } from './fragments.ts'

/** $1 text[]: schemas. Tables, views, foreign tables. Needs search_path = pg_catalog, as all of these queries do. */
export const relationObjectsQuery = /* sql */ `
select case c.relkind
         when 'r' then 'table' when 'p' then 'partitioned table' when 'v' then 'view'
         when 'm' then 'materialized view' else 'foreign table'
       end as kind,
       n.nspname::text as schema,
       pg_catalog.format('%I.%I', n.nspname, c.relname) as name,
       null::text as "of",
       pg_catalog.jsonb_build_object(
         'owner', ${role('c.relowner')},
         'persistence', case c.relpersistence when 'u' then 'unlogged' end,
         'options', pg_catalog.to_jsonb(c.reloptions),
         'toastOptions', (select pg_catalog.to_jsonb(t.reloptions) from pg_catalog.pg_class t where t.oid = c.reltoastrelid),
         'tablespace', (select s.spcname from pg_catalog.pg_tablespace s where s.oid = c.reltablespace),
         'accessMethod', (select m.amname from pg_catalog.pg_am m where m.oid = c.relam and m.amname <> 'heap'),
         'replicaIdentity', case c.relreplident when 'n' then 'nothing' when 'f' then 'full' when 'i' then 'index' end,
         'rowSecurity', case when c.relrowsecurity then true end,
         'forceRowSecurity', case when c.relforcerowsecurity then true end,
         'partitionKey', case when c.relkind = 'p' then pg_catalog.pg_get_partkeydef(c.oid) end,
         'partitionBound', case when c.relispartition then pg_catalog.pg_get_expr(c.relpartbound, c.oid) end,
         'inherits', (
           select pg_catalog.jsonb_agg(i.inhparent::pg_catalog.regclass::text order by i.inhseqno)
           from pg_catalog.pg_inherits i where i.inhrelid = c.oid
         ),
         'ofType', case when c.reloftype <> 0 then pg_catalog.format_type(c.reloftype, null) end,
         'query', case when c.relkind in ('v', 'm') then pg_catalog.pg_get_viewdef(c.oid) end,
         'server', (select s.srvname from pg_catalog.pg_foreign_table f join pg_catalog.pg_foreign_server s on s.oid = f.ftserver where f.ftrelid = c.oid),
         'foreignOptions', (select pg_catalog.to_jsonb(f.ftoptions) from pg_catalog.pg_foreign_table f where f.ftrelid = c.oid),
         'grants', ${grants('c.relacl', 'r', 'c.relowner')},
         'comment', ${comment('c.oid', 'pg_class')}
       ) as facts
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = any ($1::text[]) and c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relpersistence <> 't'
  and ${isOwn('c.oid', 'pg_class')}`

/** $1 text[]: schemas. Columns of tables, views and composite types. */
export const columnObjectsQuery = /* sql */ `
select 'column' as kind,
       n.nspname::text as schema,
       pg_catalog.format('%I.%I.%I', n.nspname, c.relname, a.attname) as name,
       pg_catalog.format('%I.%I', n.nspname, c.relname) as "of",
       pg_catalog.jsonb_build_object(
         'position', pg_catalog.row_number() over (partition by a.attrelid order by a.attnum),
         'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
         'notNull', case when a.attnotnull then true end,
         -- A default names no column; with the table it takes much longer.
         'default', case when a.attgenerated = '' then pg_catalog.pg_get_expr(d.adbin, 0) end,
         'generated', case a.attgenerated when 's' then 'stored' when 'v' then 'virtual' end,
         'expression', case when a.attgenerated <> '' then pg_catalog.pg_get_expr(d.adbin, d.adrelid) end,
         'identity', case a.attidentity when 'a' then 'always' when 'd' then 'by default' end,
         'collation', case when a.attcollation <> t.typcollation then a.attcollation::pg_catalog.regcollation::text end,
         'storage', case when a.attstorage <> t.typstorage then a.attstorage::text end,
         'compression', nullif(a.attcompression::text, ''),
         -- -1 before version 17, null since
         'statisticsTarget', nullif(a.attstattarget, -1),
         'options', pg_catalog.to_jsonb(a.attoptions),
         'foreignOptions', pg_catalog.to_jsonb(a.attfdwoptions),
         'inherited', case when a.attinhcount > 0 then a.attinhcount end,
         'alsoLocal', case when a.attinhcount > 0 and a.attislocal then true end,
         'grants', ${explode('a.attacl', 'c.relowner')},
         'comment', ${comment('a.attrelid', 'pg_class', 'a.attnum')}
       ) as facts
from pg_catalog.pg_attribute a
join pg_catalog.pg_class c on c.oid = a.attrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_type t on t.oid = a.atttypid
left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where n.nspname = any ($1::text[]) and c.relkind in ('r', 'p', 'v', 'm', 'f', 'c') and c.relpersistence <> 't'
  and a.attnum > 0 and not a.attisdropped
  and ${isOwn('c.oid', 'pg_class')}
  -- of a composite type that belongs to an extension
  and ${isOwn('c.reltype', 'pg_type')}`

/** $1 text[]: schemas. */
export const sequenceObjectsQuery = /* sql */ `
select 'sequence' as kind,
       n.nspname::text as schema,
       pg_catalog.format('%I.%I', n.nspname, c.relname) as name,
       null::text as "of",
       pg_catalog.jsonb_build_object(
         'type', pg_catalog.format_type(s.seqtypid, null), 'start', s.seqstart::text, 'increment', s.seqincrement::text,
         'minimum', s.seqmin::text, 'maximum', s.seqmax::text, 'cache', s.seqcache::text,
         'cycle', case when s.seqcycle then true end,
         'persistence', case c.relpersistence when 'u' then 'unlogged' end,
         'ownedBy', (
           select pg_catalog.format('%s.%I', d.refobjid::pg_catalog.regclass, a.attname)
           from pg_catalog.pg_depend d
           join pg_catalog.pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
           where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid
             and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.deptype in ('a', 'i')
         ),
         'owner', ${role('c.relowner')},
         'grants', ${grants('c.relacl', 's', 'c.relowner')},
         'comment', ${comment('c.oid', 'pg_class')}
       ) as facts
from pg_catalog.pg_sequence s
join pg_catalog.pg_class c on c.oid = s.seqrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = any ($1::text[]) and c.relpersistence <> 't' and ${isOwn('c.oid', 'pg_class')}`
