import type pg from 'pg'
import { DatabaseError, RefusedError } from '../lib/errors.ts'
import { ident, raw, sql } from '../lib/sql.ts'
import type { MigrationTool, TrackingTable } from './migration-tool.ts'

interface Found extends TrackingTable {
  readonly role: string
  /** Rights that the role has not. */
  readonly missing: readonly string[]
  /** Sequences of the table's that the role may not draw from. */
  readonly sequences: readonly { readonly schema: string; readonly name: string }[]
}

/**
 * The table in which the tool notes what has run. Throws RefusedError where there is none, or several of which none is
 * told apart; DatabaseError where rights are missing.
 */
export async function readTrackingTable(
  client: pg.ClientBase,
  tool: MigrationTool,
  oldSchema: string,
): Promise<TrackingTable> {
  const { schema, name } = tool.tracking
  const { rows } = await client.query<Found>(
    /* sql */ `
    SELECT n.nspname::text AS schema, c.relname::text AS name, current_user::text AS role,
           (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute AS a
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
           ARRAY(SELECT r FROM unnest(ARRAY['SELECT', 'INSERT', 'DELETE']) AS r
                  WHERE NOT (has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, r))) AS missing,
           coalesce((SELECT json_agg(json_build_object('schema', sn.nspname, 'name', s.relname))
              FROM pg_depend AS d JOIN pg_class AS s ON s.oid = d.objid JOIN pg_namespace AS sn ON sn.oid = s.relnamespace
             WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.deptype = 'a'
               AND CASE s.relkind WHEN 'S' THEN NOT has_sequence_privilege(s.oid, 'USAGE') END), '[]') AS sequences
      FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND c.relname = $1 AND ($2::text IS NULL OR n.nspname = $2) ORDER BY 1`,
    [name, schema],
  )
  const preferred = rows.find((row) => row.schema === (tool.tracking.first ?? oldSchema))
  const table = preferred ?? (rows.length === 1 ? rows[0] : undefined)
  if (!table) throw rows.length === 0 ? noTable(tool) : several(tool, rows)
  if (table.missing.length > 0 || table.sequences.length > 0) throw missingRights(tool, table)
  return table
}

function noTable(tool: MigrationTool): RefusedError {
  const { schema, name } = tool.tracking
  return new RefusedError(
    'migrations.table',
    `This database has no table ${schema === null ? name : `${schema}.${name}`}, so ${tool.label} has never run here.`,
    {
      hint: `Leave --migration out; or let ${tool.label} make its table first, with the migrations that are applied here marked as such.`,
    },
  )
}

function several(tool: MigrationTool, rows: readonly Found[]): RefusedError {
  return new RefusedError(
    'migrations.tables',
    `Several schemas have a table ${tool.tracking.name}: ${rows.map((row) => row.schema).join(', ')}.`,
    { hint: `Drop those that ${tool.label} does not use, or leave --migration out.` },
  )
}

function missingRights(tool: MigrationTool, table: Found): DatabaseError {
  const role = ident(table.role)
  const grants = [
    sql`GRANT USAGE ON SCHEMA ${ident(table.schema)} TO ${role};`,
    ...(table.missing.length === 0
      ? []
      : [sql`GRANT ${raw(table.missing.join(', '))} ON ${ident(table.schema, table.name)} TO ${role};`]),
    ...table.sequences.map((s) => sql`GRANT USAGE ON SEQUENCE ${ident(s.schema, s.name)} TO ${role};`),
  ]
  return new DatabaseError(
    'privilege_missing',
    `The role "${table.role}" may not write to ${table.schema}.${table.name}, where ${tool.label} notes what has run.`,
    { hint: `As its owner run: ${grants.map((grant) => grant.text).join(' ')}` },
  )
}
