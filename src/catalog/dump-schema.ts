import type pg from 'pg'
import { UsageError } from '../lib/errors.ts'
import { ident } from '../lib/sql.ts'
import { connectForDump } from './dump-connection.ts'
import { DUMP_OPTIONS, pattern, readMajor, runDump } from './dump-run.ts'
import { tidyDump } from './dump-text.ts'

export interface DumpOptions {
  readonly schemas: readonly string[]
  /** Plain names, left out wherever one of the schemas has them; what depends on them is not left out. */
  readonly excludeTables?: readonly string[]
  /** Keep `ALTER … OWNER TO`; default false. */
  readonly owner?: boolean
}

interface Named {
  readonly schema: string
  readonly name: string
}

/**
 * The exact DDL of the given schemas as one text of plain SQL, runnable as one `query()` on an empty
 * database of the same major. Grants are in it, the roles that they name are not; extensions that live in
 * the schemas or that their objects need are; publications are not. It sets `search_path` to nothing for
 * the session that runs it. Takes ACCESS SHARE on every table while it reads. The URL must give sessions of
 * their own: through a pooler in transaction mode pg_dump's settings get lost, and names come out unqualified.
 * Throws UsageError for what is no URL or no schema of the database, and DatabaseError for everything that the
 * server refuses.
 */
export async function dumpSchema(url: string, options: DumpOptions): Promise<string> {
  if (options.schemas.length === 0) throw new UsageError('dump_no_schema', 'No schema was named to dump.')
  const connection = await connectForDump(url)
  try {
    const major = readMajor(connection)
    await assertSchemasExist(connection.client, options.schemas)
    const extensions = await readNeededExtensions(connection.client, options.schemas)
    const excluded = await readExcluded(connection.client, options)
    const args = buildDumpArgs(options, excluded, extensions)
    const text = await runDump(url, connection, major, args)
    return await tidyDump(text, {
      serverMajor: major,
      existingSchemas: ['public'],
      extraSchemas: extensions.map((each) => each.schema).filter((name) => !options.schemas.includes(name)),
    })
  } finally {
    await connection.close()
  }
}

/** pg_dump's own options; each name is quoted, so that no character of it is taken for a pattern. */
function buildDumpArgs(options: DumpOptions, excluded: readonly Named[], extensions: readonly Named[]): string[] {
  return [
    ...DUMP_OPTIONS,
    ...(options.owner ? [] : ['--no-owner']),
    ...options.schemas.map((schema) => `--schema=${pattern(schema)}`),
    ...excluded.map((each) => `--exclude-table=${pattern(each.schema, each.name)}`),
    ...extensions.map((each) => `--extension=${pattern(each.name)}`),
  ]
}

async function assertSchemasExist(client: pg.Client, schemas: readonly string[]): Promise<void> {
  const found = await client.query<{ name: string }>(
    /* sql */ `select nspname::text as name from pg_catalog.pg_namespace where nspname::text = any($1)`,
    [schemas],
  )
  const missing = schemas.filter((name) => !found.rows.some((row) => row.name === name))
  if (missing.length === 0) return
  const names = missing.map((name) => ident(name).text).join(', ')
  throw new UsageError('schema_missing', `The database has no schema ${names}.`, {
    hint: 'Check the name of the schema and the database that the URL points to.',
  })
}

/** pg_dump leaves out a table but keeps the sequences that its columns own. */
async function readExcluded(client: pg.Client, options: DumpOptions): Promise<Named[]> {
  const found = await client.query<Named>(
    /* sql */ `
      with excluded as (
        select c.oid, n.nspname, c.relname
        from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where n.nspname::text = any($1) and c.relname::text = any($2) and c.relkind in ('r', 'p', 'v', 'm', 'f')
      )
      select nspname::text as schema, relname::text as name from excluded
      union
      select n.nspname::text, s.relname::text
      from excluded e
      join pg_catalog.pg_depend d on d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = e.oid
        and d.classid = 'pg_catalog.pg_class'::regclass and d.deptype in ('a', 'i')
      join pg_catalog.pg_class s on s.oid = d.objid and s.relkind = 'S'
      join pg_catalog.pg_namespace n on n.oid = s.relnamespace
      order by 1, 2`,
    [options.schemas, options.excludeTables ?? []],
  )
  return found.rows
}

/** Chosen schemas make pg_dump leave out all extensions, also those whose types the tables use. */
async function readNeededExtensions(client: pg.Client, schemas: readonly string[]): Promise<Named[]> {
  const found = await client.query<Named>(
    /* sql */ `
      with used as (
        select distinct member.refobjid as extension
        from pg_catalog.pg_depend use
        join pg_catalog.pg_depend member
          on member.classid = use.refclassid and member.objid = use.refobjid and member.deptype = 'e'
        cross join lateral pg_catalog.pg_identify_object(use.classid, use.objid, use.objsubid) object
        cross join lateral pg_catalog.pg_identify_object_as_address(use.classid, use.objid, use.objsubid) address
        where use.deptype in ('n', 'a')
          and coalesce(object.schema, address.object_names[1]) in (
            select pg_catalog.quote_ident(name) from unnest($1::text[]) name union all select unnest($1::text[]))
      )
      select e.extname::text as name, n.nspname::text as schema
      from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace
      where n.nspname <> 'pg_catalog'
        and (n.nspname::text = any($1) or e.oid in (select extension from used))
      order by 1`,
    [schemas],
  )
  return found.rows
}
