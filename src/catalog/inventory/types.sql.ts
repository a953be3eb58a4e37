import { comment, grants, isOwn, role } from './fragments.ts'

/** $1 text[]: schemas. Without those that come with a table, an array or a range. Columns of composite types are listed as columns. */
export const typeObjectsQuery = /* sql */ `
select case t.typtype
         when 'e' then 'enum' when 'd' then 'domain' when 'c' then 'composite type' when 'r' then 'range type'
         else 'base type'
       end as kind,
       n.nspname::text as schema,
       pg_catalog.format('%I.%I', n.nspname, t.typname) as name,
       null::text as "of",
       pg_catalog.jsonb_build_object(
         'labels', (select pg_catalog.jsonb_agg(e.enumlabel::text order by e.enumsortorder) from pg_catalog.pg_enum e where e.enumtypid = t.oid),
         'attributes', (
           select pg_catalog.jsonb_agg(pg_catalog.format('%I %s', a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod)) order by a.attnum)
           from pg_catalog.pg_attribute a where t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
         ),
         'type', case when t.typtype = 'd' then pg_catalog.format_type(t.typbasetype, t.typtypmod) end,
         'notNull', case when t.typnotnull then true end,
         'default', t.typdefault,
         'collation', case when t.typtype = 'd' and t.typcollation <> b.typcollation then t.typcollation::pg_catalog.regcollation::text end,
         'subtype', pg_catalog.format_type(r.rngsubtype, null),
         'multirange', pg_catalog.format_type(r.rngmultitypid, null),
         'rangeCollation', case when r.rngcollation <> 0 then r.rngcollation::pg_catalog.regcollation::text end,
         'operatorClass', (
           select pg_catalog.format('%I.%I', m.nspname, o.opcname) from pg_catalog.pg_opclass o
           join pg_catalog.pg_namespace m on m.oid = o.opcnamespace where o.oid = r.rngsubopc
         ),
         'canonical', nullif(r.rngcanonical::text, '-'),
         'difference', nullif(r.rngsubdiff::text, '-'),
         'input', case when t.typtype = 'b' then t.typinput::text end,
         'output', case when t.typtype = 'b' then t.typoutput::text end,
         'defined', case when not t.typisdefined then false end,
         'owner', ${role('t.typowner')},
         'grants', ${grants('t.typacl', 'T', 't.typowner')},
         'comment', ${comment('t.oid', 'pg_type')}
       ) as facts
from pg_catalog.pg_type t
join pg_catalog.pg_namespace n on n.oid = t.typnamespace
left join pg_catalog.pg_type b on b.oid = t.typbasetype
left join pg_catalog.pg_range r on r.rngtypid = t.oid
where n.nspname = any ($1::text[]) and ${isOwn('t.oid', 'pg_type')}
  and t.typtype in ('e', 'd', 'r', 'b', 'c', 'p')
  and not exists (select from pg_catalog.pg_type x where x.typarray = t.oid)
  and (t.typtype <> 'c' or exists (select from pg_catalog.pg_class c where c.oid = t.typrelid and c.relkind = 'c'))`

/** $1 text[]: schemas. Functions, procedures, window functions and aggregates. */
export const routineObjectsQuery = /* sql */ `
select case p.prokind when 'f' then 'function' when 'p' then 'procedure' when 'w' then 'window function' else 'aggregate' end as kind,
       n.nspname::text as schema,
       pg_catalog.format('%I.%I(%s)', n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)) as name,
       null::text as "of",
       pg_catalog.jsonb_build_object(
         'arguments', pg_catalog.pg_get_function_arguments(p.oid),
         'returns', pg_catalog.pg_get_function_result(p.oid),
         'language', l.lanname,
         'volatility', case p.provolatile when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end,
         'securityDefiner', case when p.prosecdef then true end,
         'settings', pg_catalog.to_jsonb(p.proconfig),
         'definition', case when p.prokind <> 'a' then pg_catalog.pg_get_functiondef(p.oid) end,
         'aggregate', case when p.prokind = 'a' then (
           select pg_catalog.jsonb_strip_nulls(
             pg_catalog.to_jsonb(a) - 'aggfnoid' - 'aggtranstype' - 'aggmtranstype' - 'aggsortop'
             || pg_catalog.jsonb_build_object(
               'state', pg_catalog.format_type(a.aggtranstype, null),
               'movingState', case when a.aggmtranstype <> 0 then pg_catalog.format_type(a.aggmtranstype, null) end,
               'sortOperator', case when a.aggsortop <> 0 then a.aggsortop::pg_catalog.regoperator::text end
             ))::text
           from pg_catalog.pg_aggregate a where a.aggfnoid = p.oid
         ) end,
         'owner', ${role('p.proowner')},
         'grants', ${grants('p.proacl', 'f', 'p.proowner')},
         'comment', ${comment('p.oid', 'pg_proc')}
       ) as facts
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
join pg_catalog.pg_language l on l.oid = p.prolang
where n.nspname = any ($1::text[]) and ${isOwn('p.oid', 'pg_proc')}
  -- the constructors of a range come with it
  and not exists (
    select from pg_catalog.pg_depend d
    where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objid = p.oid and d.deptype = 'i'
  )`
