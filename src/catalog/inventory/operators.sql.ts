import { comment, isOwn, role } from './fragments.ts'

/** $1 text[]: schemas. Operators, their classes and families. */
export const operatorObjectsQuery = /* sql */ `
select 'operator' as kind, n.nspname::text as schema, o.oid::pg_catalog.regoperator::text as name, null::text as "of",
       pg_catalog.jsonb_build_object(
         'function', o.oprcode::text, 'returns', pg_catalog.format_type(o.oprresult, null),
         'commutator', case when o.oprcom <> 0 then o.oprcom::pg_catalog.regoperator::text end,
         'negator', case when o.oprnegate <> 0 then o.oprnegate::pg_catalog.regoperator::text end,
         'restrict', nullif(o.oprrest::text, '-'), 'join', nullif(o.oprjoin::text, '-'),
         'hashes', case when o.oprcanhash then true end, 'merges', case when o.oprcanmerge then true end,
         'owner', ${role('o.oprowner')}, 'comment', ${comment('o.oid', 'pg_operator')}
       ) as facts
from pg_catalog.pg_operator o
join pg_catalog.pg_namespace n on n.oid = o.oprnamespace
where n.nspname = any ($1::text[]) and ${isOwn('o.oid', 'pg_operator')}
union all
select 'operator class', n.nspname, pg_catalog.format('%I.%I using %I', n.nspname, c.opcname, a.amname), null,
       pg_catalog.jsonb_build_object(
         'type', pg_catalog.format_type(c.opcintype, null), 'family', pg_catalog.format('%I.%I', m.nspname, f.opfname),
         'default', c.opcdefault, 'stores', case when c.opckeytype <> 0 then pg_catalog.format_type(c.opckeytype, null) end,
         'owner', ${role('c.opcowner')}, 'comment', ${comment('c.oid', 'pg_opclass')}
       )
from pg_catalog.pg_opclass c
join pg_catalog.pg_namespace n on n.oid = c.opcnamespace
join pg_catalog.pg_am a on a.oid = c.opcmethod
join pg_catalog.pg_opfamily f on f.oid = c.opcfamily
join pg_catalog.pg_namespace m on m.oid = f.opfnamespace
where n.nspname = any ($1::text[]) and ${isOwn('c.oid', 'pg_opclass')}
union all
select 'operator family', n.nspname, pg_catalog.format('%I.%I using %I', n.nspname, f.opfname, a.amname), null,
       pg_catalog.jsonb_build_object(
         'operators', (
           select pg_catalog.jsonb_agg(pg_catalog.format('%s %s', o.amopstrategy, o.amopopr::pg_catalog.regoperator) order by o.amopstrategy, o.amopopr::pg_catalog.regoperator::text)
           from pg_catalog.pg_amop o where o.amopfamily = f.oid
         ),
         'functions', (
           select pg_catalog.jsonb_agg(pg_catalog.format('%s %s', p.amprocnum, p.amproc::pg_catalog.regprocedure) order by p.amprocnum, p.amproc::pg_catalog.regprocedure::text)
           from pg_catalog.pg_amproc p where p.amprocfamily = f.oid
         ),
         'owner', ${role('f.opfowner')}, 'comment', ${comment('f.oid', 'pg_opfamily')}
       )
from pg_catalog.pg_opfamily f
join pg_catalog.pg_namespace n on n.oid = f.opfnamespace
join pg_catalog.pg_am a on a.oid = f.opfmethod
where n.nspname = any ($1::text[]) and ${isOwn('f.oid', 'pg_opfamily')}`

/** $1 text[]: schemas. Collations, conversions and text search. */
export const languageObjectsQuery = /* sql */ `
select 'collation' as kind, n.nspname::text as schema, pg_catalog.format('%I.%I', n.nspname, c.collname) as name, null::text as "of",
       pg_catalog.jsonb_build_object(
         'provider', c.collprovider, 'deterministic', c.collisdeterministic, 'collate', c.collcollate, 'ctype', c.collctype,
         -- under other names before version 17 and before 16
         'locale', coalesce(pg_catalog.to_jsonb(c) ->> 'colllocale', pg_catalog.to_jsonb(c) ->> 'colliculocale'),
         'rules', pg_catalog.to_jsonb(c) ->> 'collicurules',
         'owner', ${role('c.collowner')}, 'comment', ${comment('c.oid', 'pg_collation')}
       ) as facts
from pg_catalog.pg_collation c
join pg_catalog.pg_namespace n on n.oid = c.collnamespace
where n.nspname = any ($1::text[]) and ${isOwn('c.oid', 'pg_collation')}
union all
select 'conversion', n.nspname, pg_catalog.format('%I.%I', n.nspname, c.conname), null,
       pg_catalog.jsonb_build_object(
         'from', pg_catalog.pg_encoding_to_char(c.conforencoding), 'to', pg_catalog.pg_encoding_to_char(c.contoencoding),
         'function', c.conproc::text, 'default', c.condefault,
         'owner', ${role('c.conowner')}, 'comment', ${comment('c.oid', 'pg_conversion')}
       )
from pg_catalog.pg_conversion c
join pg_catalog.pg_namespace n on n.oid = c.connamespace
where n.nspname = any ($1::text[]) and ${isOwn('c.oid', 'pg_conversion')}
union all
select 'text search configuration', n.nspname, pg_catalog.format('%I.%I', n.nspname, c.cfgname), null,
       pg_catalog.jsonb_build_object(
         'parser', pg_catalog.format('%I.%I', pn.nspname, p.prsname),
         'mappings', (
           select pg_catalog.jsonb_agg(pg_catalog.format('%s %s', m.maptokentype, m.mapdict::pg_catalog.regdictionary) order by m.maptokentype, m.mapseqno)
           from pg_catalog.pg_ts_config_map m where m.mapcfg = c.oid
         ),
         'owner', ${role('c.cfgowner')}, 'comment', ${comment('c.oid', 'pg_ts_config')}
       )
from pg_catalog.pg_ts_config c
join pg_catalog.pg_namespace n on n.oid = c.cfgnamespace
join pg_catalog.pg_ts_parser p on p.oid = c.cfgparser
join pg_catalog.pg_namespace pn on pn.oid = p.prsnamespace
where n.nspname = any ($1::text[]) and ${isOwn('c.oid', 'pg_ts_config')}
union all
select 'text search dictionary', n.nspname, pg_catalog.format('%I.%I', n.nspname, d.dictname), null,
       pg_catalog.jsonb_build_object(
         'template', pg_catalog.format('%I.%I', tn.nspname, t.tmplname), 'options', d.dictinitoption,
         'owner', ${role('d.dictowner')}, 'comment', ${comment('d.oid', 'pg_ts_dict')}
       )
from pg_catalog.pg_ts_dict d
join pg_catalog.pg_namespace n on n.oid = d.dictnamespace
join pg_catalog.pg_ts_template t on t.oid = d.dicttemplate
join pg_catalog.pg_namespace tn on tn.oid = t.tmplnamespace
where n.nspname = any ($1::text[]) and ${isOwn('d.oid', 'pg_ts_dict')}
union all
select 'text search parser', n.nspname, pg_catalog.format('%I.%I', n.nspname, p.prsname), null,
       pg_catalog.jsonb_build_object('start', p.prsstart::text, 'token', p.prstoken::text, 'end', p.prsend::text, 'comment', ${comment('p.oid', 'pg_ts_parser')})
from pg_catalog.pg_ts_parser p
join pg_catalog.pg_namespace n on n.oid = p.prsnamespace
where n.nspname = any ($1::text[]) and ${isOwn('p.oid', 'pg_ts_parser')}
union all
select 'text search template', n.nspname, pg_catalog.format('%I.%I', n.nspname, t.tmplname), null,
       pg_catalog.jsonb_build_object('init', nullif(t.tmplinit::text, '-'), 'lexize', t.tmpllexize::text, 'comment', ${comment('t.oid', 'pg_ts_template')})
from pg_catalog.pg_ts_template t
join pg_catalog.pg_namespace n on n.oid = t.tmplnamespace
where n.nspname = any ($1::text[]) and ${isOwn('t.oid', 'pg_ts_template')}`
