import type pg from 'pg'

/**
 * Everything that is defined in a schema, one sorted line each, with rights, comments, and which triggers fire:
 * read straight from the system catalogs, so that it doesn't share a mistake with what it checks.
 */
export async function readDefinitions(client: pg.ClientBase, schema: string): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(DEFINITIONS, [schema])
  return rows.map((row) => row.line)
}

/** Whatever Crossfade or the new schema has outside the control schema; empty after a rollback to the beginning. */
export async function readLeftovers(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(LEFTOVERS)
  return rows.map((row) => row.line)
}

const ACL = (column: string): string =>
  `coalesce((select string_agg(item::text, ' ' order by item::text) from unnest(${column}) as item), 'default')`

const DEFINITIONS = /* sql */ `
with own as (select oid from pg_namespace where nspname = $1)
select line from (
  select format('schema %s %s', $1, ${ACL('nspacl')}) as line from pg_namespace where nspname = $1
  union all
  select format('%s %s: owner %s, rights %s, rls %s/%s, options %s, identity %s, comment %s', relkind, relname,
                relowner::regrole, ${ACL('relacl')}, relrowsecurity, relforcerowsecurity, reloptions, relreplident,
                obj_description(oid, 'pg_class'))
    from pg_class where relnamespace in (select oid from own) and relkind <> 'i'
  union all
  select format('column %s.%s %s: %s null %s default %s identity %s generated %s rights %s comment %s', c.relname, a.attnum,
                a.attname, format_type(a.atttypid, a.atttypmod), not a.attnotnull, pg_get_expr(d.adbin, d.adrelid),
                a.attidentity, a.attgenerated, ${ACL('a.attacl')}, col_description(c.oid, a.attnum))
    from pg_attribute a join pg_class c on c.oid = a.attrelid
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
   where c.relnamespace in (select oid from own) and c.relkind in ('r', 'p', 'v', 'm') and a.attnum > 0 and not a.attisdropped
  union all
  select format('index %s, comment %s', pg_get_indexdef(i.indexrelid), obj_description(i.indexrelid, 'pg_class'))
    from pg_index i join pg_class c on c.oid = i.indrelid where c.relnamespace in (select oid from own)
  union all
  select format('constraint %s on %s: %s, valid %s', conname, conrelid::regclass, pg_get_constraintdef(oid), convalidated)
    from pg_constraint where connamespace in (select oid from own)
  union all
  select format('trigger %s, fires %s, comment %s', pg_get_triggerdef(t.oid), t.tgenabled, obj_description(t.oid, 'pg_trigger'))
    from pg_trigger t join pg_class c on c.oid = t.tgrelid where c.relnamespace in (select oid from own) and not t.tgisinternal
  union all
  select format('policy %s on %s: %s %s %s %s', polname, polrelid::regclass, polcmd, polroles::regrole[],
                pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
    from pg_policy p join pg_class c on c.oid = p.polrelid where c.relnamespace in (select oid from own)
  union all
  select format('view %s: %s', relname, pg_get_viewdef(oid)) from pg_class
   where relnamespace in (select oid from own) and relkind in ('v', 'm')
  union all
  select format('routine %s, rights %s', oid::regprocedure, ${ACL('proacl')}) from pg_proc where pronamespace in (select oid from own)
  union all
  select format('type %s', typname) from pg_type where typnamespace in (select oid from own) and typtype in ('e', 'd')
) as described order by line`

const LEFTOVERS = /* sql */ `
select line from (
  select format('%s %s.%s', c.relkind, n.nspname, c.relname) as line
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where (n.nspname in ('new_schema', 'crossfade_compat') or c.relname ~ 'crossfade')
     and n.nspname not in ('crossfade', 'crossfade_archive') and n.nspname !~ '^pg_'
  union all
  select format('trigger %s on %s', t.tgname, t.tgrelid::regclass) from pg_trigger t where t.tgname ~ 'crossfade'
  union all
  select format('schema %s', nspname) from pg_namespace where nspname = 'new_schema'
  union all
  select format('routine %s', p.oid::regprocedure) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
   where n.nspname = 'crossfade' and p.proname ~ '^(apply|touch|drain|forward|reverse|truncated|closed)_'
  union all
  select format('table crossfade.%s', relname) from pg_class
   where relnamespace = 'crossfade'::regnamespace and relname ~ '^(lineage|writes)_'
  union all
  select format('undo of %s: %s', stage, statement) from crossfade.undo
) as left_over order by line`
