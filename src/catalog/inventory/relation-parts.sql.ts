import { comment, isOwn, role } from './fragments.ts'

/** $1 text[]: schemas. Of tables and of domains; foreign keys to a partitioned table once. */
export const constraintObjectsQuery = /* sql */ `
select 'constraint' as kind,
       n.nspname::text as schema,
       pg_catalog.format('%I on %s', k.conname, p.name) as name,
       p.name as "of",
       pg_catalog.jsonb_build_object(
         'definition', pg_catalog.pg_get_constraintdef(k.oid),
         'validated', case when not k.convalidated then false end,
         'noInherit', case when k.connoinherit and k.contype in ('c', 'n') then true end,
         'inherited', case when k.coninhcount > 0 then k.coninhcount end,
         'alsoLocal', case when k.coninhcount > 0 and k.conislocal then true end,
         'comment', ${comment('k.oid', 'pg_constraint')}
       ) as facts
from pg_catalog.pg_constraint k
cross join lateral (
  select c.relnamespace as namespace, pg_catalog.format('%I.%I', m.nspname, c.relname) as name
  from pg_catalog.pg_class c join pg_catalog.pg_namespace m on m.oid = c.relnamespace
  where c.oid = k.conrelid and c.relpersistence <> 't' and ${isOwn('c.oid', 'pg_class')}
  union all
  select t.typnamespace, pg_catalog.format('%I.%I', m.nspname, t.typname)
  from pg_catalog.pg_type t join pg_catalog.pg_namespace m on m.oid = t.typnamespace
  where t.oid = k.contypid and ${isOwn('t.oid', 'pg_type')}
) p
join pg_catalog.pg_namespace n on n.oid = p.namespace
where n.nspname = any ($1::text[]) and k.contype in ('p', 'u', 'c', 'f', 'x', 'n')
  and not exists (select from pg_catalog.pg_constraint q where q.oid = k.conparentid and q.conrelid = k.conrelid)`

/** $1 text[]: schemas. */
export const indexObjectsQuery = /* sql */ `
select 'index' as kind,
       n.nspname::text as schema,
       pg_catalog.format('%I.%I', n.nspname, c.relname) as name,
       pg_catalog.format('%I.%I', n.nspname, t.relname) as "of",
       pg_catalog.jsonb_build_object(
         'definition', pg_catalog.pg_get_indexdef(i.indexrelid),
         'valid', case when not i.indisvalid then false end,
         'clustered', case when i.indisclustered then true end,
         'replicaIdentity', case when i.indisreplident then true end,
         'partOf', (select h.inhparent::pg_catalog.regclass::text from pg_catalog.pg_inherits h where h.inhrelid = c.oid),
         'tablespace', (select s.spcname from pg_catalog.pg_tablespace s where s.oid = c.reltablespace),
         'statisticsTargets', (
           select pg_catalog.jsonb_agg(pg_catalog.format('%s: %s', a.attnum, a.attstattarget) order by a.attnum)
           from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attstattarget >= 0
         ),
         'comment', ${comment('c.oid', 'pg_class')}
       ) as facts
from pg_catalog.pg_index i
join pg_catalog.pg_class c on c.oid = i.indexrelid
join pg_catalog.pg_class t on t.oid = i.indrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = any ($1::text[]) and i.indislive and t.relkind in ('r', 'p', 'm') and c.relpersistence <> 't'
  and ${isOwn('t.oid', 'pg_class')}`

/** $1 text[]: schemas. Without the server's own, which come with the foreign keys. */
export const triggerObjectsQuery = /* sql */ `
select 'trigger' as kind,
       n.nspname::text as schema,
       pg_catalog.format('%I on %I.%I', t.tgname, n.nspname, c.relname) as name,
       pg_catalog.format('%I.%I', n.nspname, c.relname) as "of",
       pg_catalog.jsonb_build_object(
         'definition', pg_catalog.pg_get_triggerdef(t.oid),
         'enabled', case t.tgenabled when 'D' then 'disabled' when 'R' then 'for replicas' when 'A' then 'always' end,
         'comment', ${comment('t.oid', 'pg_trigger')}
       ) as facts
from pg_catalog.pg_trigger t
join pg_catalog.pg_class c on c.oid = t.tgrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_proc p on p.oid = t.tgfoid
join pg_catalog.pg_namespace m on m.oid = p.pronamespace
where n.nspname = any ($1::text[]) and not t.tgisinternal and c.relpersistence <> 't'
  and m.nspname <> 'crossfade'
  and ${isOwn('t.oid', 'pg_trigger')} and ${isOwn('c.oid', 'pg_class')}`

/** $1 text[]: schemas. Without the rules that views are made of. */
export const ruleObjectsQuery = /* sql */ `
select 'rule' as kind,
       n.nspname::text as schema,
       pg_catalog.format('%I on %I.%I', r.rulename, n.nspname, c.relname) as name,
       pg_catalog.format('%I.%I', n.nspname, c.relname) as "of",
       pg_catalog.jsonb_build_object(
         'definition', pg_catalog.pg_get_ruledef(r.oid),
         'enabled', case r.ev_enabled when 'D' then 'disabled' when 'R' then 'for replicas' when 'A' then 'always' end,
         'comment', ${comment('r.oid', 'pg_rewrite')}
       ) as facts
from pg_catalog.pg_rewrite r
join pg_catalog.pg_class c on c.oid = r.ev_class
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = any ($1::text[]) and r.rulename <> '_RETURN' and c.relpersistence <> 't'
  and ${isOwn('r.oid', 'pg_rewrite')} and ${isOwn('c.oid', 'pg_class')}`

/** $1 text[]: schemas. */
export const policyObjectsQuery = /* sql */ `
select 'policy' as kind,
       n.nspname::text as schema,
       pg_catalog.format('%I on %I.%I', p.polname, n.nspname, c.relname) as name,
       pg_catalog.format('%I.%I', n.nspname, c.relname) as "of",
       pg_catalog.jsonb_build_object(
         'permissive', p.polpermissive,
         'command', case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
         'roles', (
           select pg_catalog.jsonb_agg(case when r = 0 then 'PUBLIC' else pg_catalog.quote_ident(${role('r')}) end order by ${role('r')})
           from pg_catalog.unnest(p.polroles) r
         ),
         'using', pg_catalog.pg_get_expr(p.polqual, p.polrelid),
         'withCheck', pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid),
         'comment', ${comment('p.oid', 'pg_policy')}
       ) as facts
from pg_catalog.pg_policy p
join pg_catalog.pg_class c on c.oid = p.polrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = any ($1::text[]) and ${isOwn('c.oid', 'pg_class')}`

/** $1 text[]: schemas. CREATE STATISTICS. */
export const statisticsObjectsQuery = /* sql */ `
select 'statistics' as kind,
       n.nspname::text as schema,
       pg_catalog.format('%I.%I', n.nspname, s.stxname) as name,
       s.stxrelid::pg_catalog.regclass::text as "of",
       pg_catalog.jsonb_build_object(
         'definition', pg_catalog.pg_get_statisticsobjdef(s.oid),
         'target', nullif(s.stxstattarget, -1),
         'owner', ${role('s.stxowner')},
         'comment', ${comment('s.oid', 'pg_statistic_ext')}
       ) as facts
from pg_catalog.pg_statistic_ext s
join pg_catalog.pg_namespace n on n.oid = s.stxnamespace
where n.nspname = any ($1::text[]) and ${isOwn('s.oid', 'pg_statistic_ext')}`
