import type pg from 'pg'
import { UsageError } from '../lib/errors.ts'
import { COMPAT, CONTROL } from '../lib/schema-names.ts'
import { ident } from '../lib/sql.ts'
import type { LeftOutSchema, QualifiedName } from './schema-snapshot.ts'
import { type SchemaRow, schemasQuery, type TableRow, unreadableTablesQuery } from './scope.sql.ts'

/** What a snapshot looks at, and what of it the role can't dump. */
export interface SnapshotScope {
  readonly schemas: readonly string[]
  readonly leftOut: readonly LeftOutSchema[]
  /** Of `schemas`: those in which the role may not even name anything. */
  readonly closedSchemas: readonly string[]
  /** Tables of the other schemas that the role may not read. */
  readonly closedTables: readonly QualifiedName[]
  /** The same with the sequences that they own. */
  readonly closedRelations: readonly QualifiedName[]
  /** Schemas that are not dumped, and must be there for extensions. */
  readonly extensionSchemas: readonly string[]
}

/** Where Supabase keeps its own things: https://supabase.com/docs/guides/database/tables#schemas and a project's catalog. */
const SUPABASE = new Set([
  ...['auth', 'storage', 'realtime', '_realtime', 'supabase_functions', 'supabase_migrations', 'extensions'],
  ...['graphql', 'graphql_public', 'pgbouncer', 'vault', 'pgsodium', 'pgsodium_masks', 'net', 'cron'],
  ...['_analytics', '_supavisor', 'supabase_admin', 'etl'],
])
const CROSSFADE = new Set([CONTROL, COMPAT, 'crossfade_archive'])

/**
 * All schemas but the server's, Crossfade's, those that extensions brought and, on a Supabase database, Supabase's; or
 * the ones that are asked for, whatever they are. Throws UsageError for one that doesn't exist.
 */
export async function readScope(client: pg.ClientBase, asked: readonly string[]): Promise<SnapshotScope> {
  const { rows } = await client.query<SchemaRow>(schemasQuery)
  assertExist(rows, asked)
  const reasons = rows.map((row) => ({ row, reason: reasonToLeaveOut(row, asked) }))
  const schemas = reasons.flatMap(({ row, reason }) => (reason === null ? [row.name] : []))
  const closedSchemas = reasons.flatMap(({ row, reason }) => (reason === null && !row.usable ? [row.name] : []))
  const open = schemas.filter((name) => !closedSchemas.includes(name))
  const closed = await client.query<TableRow>(unreadableTablesQuery, [open])
  const toName = ({ schema, name }: TableRow): QualifiedName => ({ schema, name })
  return {
    schemas,
    leftOut: reasons.flatMap(({ row, reason }) => (reason === null ? [] : [{ name: row.name, reason }])),
    closedSchemas,
    closedTables: closed.rows.filter((row) => row.isTable).map(toName),
    closedRelations: closed.rows.map(toName),
    extensionSchemas: rows.flatMap((row) => (row.holdsExtensions && !open.includes(row.name) ? [row.name] : [])),
  }
}

function reasonToLeaveOut(row: SchemaRow, asked: readonly string[]): string | null {
  if (asked.length > 0) return asked.includes(row.name) ? null : 'not asked for'
  if (row.extension !== null) return `made by the extension ${row.extension}`
  if (CROSSFADE.has(row.name)) return "Crossfade's own"
  return row.supabase && SUPABASE.has(row.name) ? "Supabase's own" : null
}

function assertExist(rows: readonly SchemaRow[], asked: readonly string[]): void {
  const names = rows.map((row) => row.name)
  const missing = asked.filter((name) => !names.includes(name))
  if (missing.length === 0) return
  const quote = (list: readonly string[]) => list.map((name) => ident(name).text).join(', ')
  throw new UsageError('schema_missing', `The database has no schema ${quote(missing)}.`, {
    hint: names.length === 0 ? "It has none but the server's own." : `It has: ${quote(names)}.`,
  })
}
