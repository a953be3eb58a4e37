import { comment, explode, FIRST_OWN_OID, grants, isOwn, role } from './fragments.ts'

/** $1 text[]: schemas. */
export const schemaObjectsQuery = /* sql */ `
select 'schema' as kind, n.nspname::text as schema, pg_catalog.quote_ident(n.nspname) as name, null::text as "of",
       pg_catalog.jsonb_build_object(
         'owner', ${role('n.nspowner')},
         'grants', ${grants('n.nspacl', 'n', 'n.nspowner')},
         'comment', ${comment('n.oid', 'pg_namespace')}
       ) as facts
from pg_catalog.pg_namespace n
where n.nspname = any ($1::text[]) and ${isOwn('n.oid', 'pg_namespace')}`

/** Of the whole database. plpgsql is there in every database. */
export const extensionObjectsQuery = /* sql */ `
select 'extension' as kind, null::text as schema, pg_catalog.quote_ident(e.extname) as name, null::text as "of",
       pg_catalog.jsonb_build_object(
         'schema', n.nspname, 'version', e.extversion, 'comment', ${comment('e.oid', 'pg_extension')}
       ) as facts
from pg_catalog.pg_extension e
join pg_catalog.pg_namespace n on n.oid = e.extnamespace
where $1::text[] is not null and e.oid >= ${FIRST_OWN_OID}`

/** $1 text[]: schemas whose default privileges are listed, with those of the whole database. */
export const defaultPrivilegesQuery = /* sql */ `
select 'default privileges' as kind, n.nspname::text as schema,
       pg_catalog.format('%s of %I in %s',
         case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions' when 'T' then 'types'
           when 'n' then 'schemas' else 'large objects' end,
         ${role('d.defaclrole')}, coalesce(pg_catalog.quote_ident(n.nspname), 'all schemas')) as name,
       null::text as "of",
       pg_catalog.jsonb_build_object('grants', coalesce(${explode('d.defaclacl', 'd.defaclrole')}, '[]')) as facts
from pg_catalog.pg_default_acl d
left join pg_catalog.pg_namespace n on n.oid = d.defaclnamespace
where (d.defaclnamespace = 0 or n.nspname = any ($1::text[]))`

/** $1 text[]: schemas of which members are listed. The columns that only newer servers have are asked by name. */
export const publicationObjectsQuery = /* sql */ `
select 'publication' as kind, null::text as schema, pg_catalog.quote_ident(p.pubname) as name, null::text as "of",
       pg_catalog.jsonb_build_object(
         'allTables', case when p.puballtables then true end,
         'publishes', pg_catalog.to_jsonb(pg_catalog.array_remove(array[
           case when p.pubinsert then 'insert' end, case when p.pubupdate then 'update' end,
           case when p.pubdelete then 'delete' end, case when p.pubtruncate then 'truncate' end
         ], null)),
         'viaRoot', case when p.pubviaroot then true end,
         'generatedColumns', nullif(pg_catalog.to_jsonb(p) ->> 'pubgencols', 'n'),
         'schemas', (
           select pg_catalog.jsonb_agg(pg_catalog.quote_ident(n.nspname) order by n.nspname)
           from pg_catalog.pg_publication_namespace s join pg_catalog.pg_namespace n on n.oid = s.pnnspid
           where s.pnpubid = p.oid and n.nspname = any ($1::text[])
         ),
         'tables', (
           select pg_catalog.jsonb_agg(member.text order by member.text collate "C")
           from (
             select pg_catalog.concat(
                 pg_catalog.format('%I.%I', n.nspname, c.relname),
                 ' (' || (
                   select pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' order by a.attnum)
                   from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum = any (m.prattrs::int2[])
                 ) || ')',
                 ' where ' || pg_catalog.pg_get_expr(m.prqual, c.oid)) as text
             from pg_catalog.pg_publication_rel m
             join pg_catalog.pg_class c on c.oid = m.prrelid
             join pg_catalog.pg_namespace n on n.oid = c.relnamespace
             where m.prpubid = p.oid and n.nspname = any ($1::text[])
           ) member
         ),
         'owner', ${role('p.pubowner')},
         'comment', ${comment('p.oid', 'pg_publication')}
       ) as facts
from pg_catalog.pg_publication p
where ${isOwn('p.oid', 'pg_publication')}`

/** $1 text[]: schemas. Those whose function is in one of them, or in the server's own. */
export const eventTriggerObjectsQuery = /* sql */ `
select 'event trigger' as kind, null::text as schema, pg_catalog.quote_ident(t.evtname) as name, null::text as "of",
       pg_catalog.jsonb_build_object(
         'event', t.evtevent, 'tags', pg_catalog.to_jsonb(t.evttags),
         'function', t.evtfoid::pg_catalog.regprocedure::text,
         'enabled', case t.evtenabled when 'D' then 'disabled' when 'R' then 'for replicas' when 'A' then 'always' end,
         'owner', ${role('t.evtowner')},
         'comment', ${comment('t.oid', 'pg_event_trigger')}
       ) as facts
from pg_catalog.pg_event_trigger t
join pg_catalog.pg_proc p on p.oid = t.evtfoid
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
where (n.nspname = any ($1::text[]) or n.nspname = 'pg_catalog') and ${isOwn('t.oid', 'pg_event_trigger')}`

/** Languages, foreign-data wrappers, foreign servers, casts, transforms and access methods, of the whole database. */
export const databaseWideObjectsQuery = /* sql */ `
select 'language' as kind, null::text as schema, pg_catalog.quote_ident(l.lanname) as name, null::text as "of",
       pg_catalog.jsonb_build_object(
         'trusted', l.lanpltrusted, 'handler', nullif(l.lanplcallfoid::pg_catalog.regproc::text, '-'),
         'owner', ${role('l.lanowner')}, 'grants', ${grants('l.lanacl', 'l', 'l.lanowner')},
         'comment', ${comment('l.oid', 'pg_language')}
       ) as facts
from pg_catalog.pg_language l
where $1::text[] is not null and l.oid >= ${FIRST_OWN_OID} and ${isOwn('l.oid', 'pg_language')}
union all
select 'foreign-data wrapper', null, pg_catalog.quote_ident(w.fdwname), null,
       pg_catalog.jsonb_build_object(
         'handler', nullif(w.fdwhandler::pg_catalog.regproc::text, '-'),
         'validator', nullif(w.fdwvalidator::pg_catalog.regproc::text, '-'),
         'options', pg_catalog.to_jsonb(w.fdwoptions),
         'owner', ${role('w.fdwowner')}, 'grants', ${grants('w.fdwacl', 'F', 'w.fdwowner')},
         'comment', ${comment('w.oid', 'pg_foreign_data_wrapper')}
       )
from pg_catalog.pg_foreign_data_wrapper w
where ${isOwn('w.oid', 'pg_foreign_data_wrapper')}
union all
select 'foreign server', null, pg_catalog.quote_ident(s.srvname), null,
       pg_catalog.jsonb_build_object(
         'wrapper', w.fdwname, 'type', s.srvtype, 'version', s.srvversion,
         'foreignOptions', pg_catalog.to_jsonb(s.srvoptions),
         'owner', ${role('s.srvowner')}, 'grants', ${grants('s.srvacl', 'S', 's.srvowner')},
         'comment', ${comment('s.oid', 'pg_foreign_server')}
       )
from pg_catalog.pg_foreign_server s
join pg_catalog.pg_foreign_data_wrapper w on w.oid = s.srvfdw
where ${isOwn('s.oid', 'pg_foreign_server')}
union all
select 'cast', null,
       pg_catalog.format('%s as %s', pg_catalog.format_type(c.castsource, null), pg_catalog.format_type(c.casttarget, null)), null,
       pg_catalog.jsonb_build_object(
         'function', case when c.castfunc <> 0 then c.castfunc::pg_catalog.regprocedure::text end,
         'method', c.castmethod, 'context', c.castcontext, 'comment', ${comment('c.oid', 'pg_cast')}
       )
from pg_catalog.pg_cast c
where c.oid >= ${FIRST_OWN_OID} and ${isOwn('c.oid', 'pg_cast')}
  -- the cast from a range to its multirange comes with the range
  and not exists (
    select from pg_catalog.pg_depend d
    where d.classid = 'pg_catalog.pg_cast'::pg_catalog.regclass and d.objid = c.oid and d.deptype = 'i'
  )
union all
select 'transform', null, pg_catalog.format('%s for %s', pg_catalog.format_type(t.trftype, null), l.lanname), null,
       pg_catalog.jsonb_build_object('from', t.trffromsql::text, 'to', t.trftosql::text, 'comment', ${comment('t.oid', 'pg_transform')})
from pg_catalog.pg_transform t
join pg_catalog.pg_language l on l.oid = t.trflang
where ${isOwn('t.oid', 'pg_transform')}
union all
select 'access method', null, pg_catalog.quote_ident(a.amname), null,
       pg_catalog.jsonb_build_object('type', a.amtype, 'handler', a.amhandler::text, 'comment', ${comment('a.oid', 'pg_am')})
from pg_catalog.pg_am a
where a.oid >= ${FIRST_OWN_OID} and ${isOwn('a.oid', 'pg_am')}`
