import { dollarQuote, ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { Relation } from '../spec/mapping.ts'
import { display, relation } from './names.ts'
import type { Statement } from './statement.ts'

/** What a migration tool runs on databases where Crossfade has never been. Statements have no semicolon at their end. */

/** A right on a new table or a sequence of it. */
export interface Right {
  readonly on: Relation
  readonly kind: 'TABLE' | 'SEQUENCE'
  /** `PUBLIC` for everybody. */
  readonly role: string
  readonly privilege: string
  readonly column: string | null
  readonly grantable: boolean
}

/**
 * The rights as they are given here, and no others: default privileges must not open a new table further. A role that a
 * database doesn't have is passed over there.
 */
export function planRights(tables: readonly Relation[], rights: readonly Right[]): Sql {
  const names = join(
    tables.map((table) => literal(relation(table).text)),
    ',\n    ',
  )
  const grants = rights.map((right) => {
    const column = right.column === null ? sql`` : sql` (${ident(right.column)})`
    const role = right.role === 'PUBLIC' ? raw('PUBLIC') : ident(right.role)
    const option = right.grantable ? raw(' WITH GRANT OPTION') : raw('')
    const grant = sql`GRANT ${raw(right.privilege)}${column} ON ${raw(right.kind)} ${relation(right.on)} TO ${role}${option}`
    return sql`IF ${exists(right.role)} THEN
    ${grant};
  END IF;`
  })
  return sql`DO ${dollarQuote(sql`
DECLARE
  one record;
BEGIN
  FOR one IN
    SELECT DISTINCT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind, c.oid::pg_catalog.regclass AS name,
           CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(x.grantee)) END AS role
      FROM pg_catalog.pg_class AS c CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) AS x
     WHERE x.grantee <> c.relowner AND (c.oid = ANY (ARRAY[${names}]::pg_catalog.regclass[]) OR c.oid IN (
       SELECT d.objid FROM pg_catalog.pg_depend AS d
        WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype IN ('a', 'i') AND c.relkind = 'S'
          AND d.refobjid = ANY (ARRAY[${names}]::pg_catalog.regclass[])))
  LOOP
    EXECUTE pg_catalog.format('REVOKE ALL ON %s %s FROM %s', one.kind, one.name, one.role);
  END LOOP;
  ${join(grants, '\n  ')}
END
`)}`
}

function exists(role: string): Sql {
  return role === 'PUBLIC'
    ? raw('true')
    : sql`EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = ${literal(role)})`
}

/**
 * What finish does to the application's own objects, out of its plan: views and foreign keys over the new tables, the old
 * tables to the archive, the user's script. Where all old tables are empty, as in a database that was just made, they are
 * dropped in the end; else they stay in the archive with their rows.
 */
export function planFinishMigration(input: {
  readonly plan: readonly Statement[]
  readonly oldTables: readonly Relation[]
  readonly oldViews: readonly Relation[]
  readonly archive: string
  readonly also: readonly string[]
  /** Foreign keys that the plan makes NOT VALID. */
  readonly validate: readonly Statement[]
}): Sql[] {
  const { plan, oldTables, oldViews, archive } = input
  const repointed = plan.filter((s) => /^(repoint|release):/.test(s.id)).map((s) => s.sql)
  const away = (r: Relation, kind: 'TABLE' | 'VIEW'): Sql =>
    sql`ALTER ${raw(kind)} IF EXISTS ${relation(r)} SET SCHEMA ${ident(archive)}`
  return [
    ...repointed,
    sql`CREATE SCHEMA IF NOT EXISTS ${ident(archive)}`,
    sql`REVOKE ALL ON SCHEMA ${ident(archive)} FROM PUBLIC`,
    ...oldViews.map((view) => away(view, 'VIEW')),
    ...oldTables.map((table) => away(table, 'TABLE')),
    ...input.also.map((text) => raw(text)),
    ...input.validate.map((s) => s.sql),
    dropWhatIsEmpty(oldTables, oldViews, archive),
  ]
}

/** By their size on disk, since row security may hide rows. */
function dropWhatIsEmpty(oldTables: readonly Relation[], oldViews: readonly Relation[], archive: string): Sql {
  const inArchive = (r: Relation): Sql => ident(archive, r.name)
  const names = oldTables.map((table) => literal(inArchive(table).text))
  return sql`DO ${dollarQuote(sql`
BEGIN
  IF (WITH RECURSIVE part AS (
        SELECT pg_catalog.to_regclass(t.name)::pg_catalog.oid AS oid FROM pg_catalog.unnest(ARRAY[${join(names)}]) AS t (name)
        UNION
        SELECT i.inhrelid FROM pg_catalog.pg_inherits AS i JOIN part ON i.inhparent = part.oid)
      SELECT pg_catalog.sum(pg_catalog.pg_relation_size(part.oid)) FROM part WHERE part.oid IS NOT NULL) > 0 THEN
    RETURN;
  END IF;
  ${join(
    oldViews.map((view) => sql`DROP VIEW IF EXISTS ${inArchive(view)};`),
    '\n  ',
  )}
  DROP TABLE IF EXISTS ${join(oldTables.map(inArchive))};
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_class WHERE relnamespace = pg_catalog.to_regnamespace(${literal(ident(archive).text)})) THEN
    DROP SCHEMA IF EXISTS ${ident(archive)};
  END IF;
EXCEPTION WHEN dependent_objects_still_exist THEN
  RAISE NOTICE 'the old tables stay in the archive: %', SQLERRM;
END
`)}`
}

/** The statements with these schemas as search path, and the one before restored behind them: tools go on with the session. */
export function underSearchPath(schemas: readonly string[], statements: readonly Sql[]): Sql[] {
  const path = schemas.map((schema) => ident(schema).text).join(', ')
  return [
    sql`SELECT pg_catalog.set_config('crossfade.search_path', pg_catalog.current_setting('search_path'), false)`,
    sql`SELECT pg_catalog.set_config('search_path', ${literal(path)}, false)`,
    ...statements,
    sql`SELECT pg_catalog.set_config('search_path', pg_catalog.current_setting('crossfade.search_path'), false)`,
  ]
}

/** What a person reads above the statements of a migration. */
export function describeMigration(tables: readonly Relation[], oldTables: readonly Relation[] | null): string {
  const list = (relations: readonly Relation[]): string => relations.map(display).join(', ').replace(/\s+/g, ' ')
  const made = list(tables)
  return oldTables === null
    ? `Crossfade: the new tables (${made}). Applied already where crossfade build has run, with their rows.`
    : `Crossfade: ${list(oldTables)} ${oldTables.length === 1 ? 'is' : 'are'} replaced by ${made}. Applied already where crossfade finish has run. Elsewhere rows that stand in the old tables stay in the archive and are not copied.`
}
