import { dirname, join, resolve } from 'node:path'
import type pg from 'pg'
import { noteUndo } from '../control/execute.ts'
import {
  forgetMigration,
  type KeptMigration,
  keepMigration,
  type MigrationOf,
  readKeptMigration,
} from '../control/kept-migration.ts'
import type { Project } from '../control/project.ts'
import { transaction } from '../db/transaction.ts'
import { RefusedError, UsageError } from '../lib/errors.ts'
import { dollarQuote, ident, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { MigrationsSettings } from '../spec/config.ts'
import { drizzle } from './drizzle.ts'
import type { Migration, MigrationTool, TrackingTable } from './migration-tool.ts'
import { prisma } from './prisma.ts'
import { supabase } from './supabase.ts'
import { readTrackingTable } from './tracking-table.ts'

export interface RecordedMigration {
  readonly tool: string
  /** Of the file, absolute. */
  readonly path: string
  /** `supabase_migrations.schema_migrations` */
  readonly table: string
  /** An earlier run has done it. */
  readonly before: boolean
}

interface Place {
  readonly tool: MigrationTool
  readonly settings: MigrationsSettings
  readonly folder: string
  readonly table: TrackingTable
}

const TOOLS: { readonly [id in MigrationsSettings['tool']]: MigrationTool } = { supabase, drizzle, prisma }

/** Of an undo of ours, in front of the path. */
export const MIGRATION_UNDO = 'migration:'

/**
 * Throws where `recordMigration` would: no setting, no folder or one that isn't laid out as known, no table of the tool's,
 * rights missing, migrations that this database has not run. Changes nothing; says where the migration would be put.
 */
export async function assertRecordable(
  client: pg.ClientBase,
  project: Project,
  of: MigrationOf,
): Promise<RecordedMigration> {
  const kept = await readKeptMigrationIn(client, of)
  const place = await findPlace(client, project)
  const pending = (await place.tool.readPending(client, place.table, place.folder)).filter(
    (name) => kept === null || (name !== kept.name && name !== kept.path),
  )
  if (pending.length === 0) {
    const planned = kept ?? (await place.tool.plan(place.folder, nameOf(of), [], new Date()))
    return tellPlace(place, planned, kept?.recorded === true)
  }
  throw new RefusedError(
    'migrations.pending',
    `This database has not run ${pending.length === 1 ? 'a migration' : `${pending.length} migrations`} of ${place.folder}: ${pending.slice(0, 5).join(', ')}${pending.length > 5 ? ', …' : ''}.`,
    {
      hint: `A later one that is marked as applied would hide it, or be refused beside it. Run it with ${place.tool.runs}, or delete the file if it belongs to a stage that was rolled back.`,
    },
  )
}

/**
 * Puts the statements into the tool's folder as its next migration and, as the last step, marks it as applied in this
 * database; a rollback of the stage takes the mark back. Run again after a kill it goes on with the same file.
 */
export async function recordMigration(
  client: pg.Client,
  project: Project,
  of: MigrationOf,
  statements: readonly Sql[] | readonly string[],
): Promise<RecordedMigration> {
  const place = await findPlace(client, project)
  const { tool, settings, folder, table } = place
  const texts = statements.map((one) => (typeof one === 'string' ? one : one.text))
  const told = { tool: settings.tool, folder: settings.folder }
  const kept = await readKeptMigration(client, of)
  const same = kept?.tool === told.tool && kept.folder === told.folder
  if (kept?.recorded && same) return tellPlace(place, kept, true)
  const migration =
    kept !== null && same && sameTexts(kept.statements, texts)
      ? kept
      : await tool.plan(folder, nameOf(of), texts, new Date())
  const next: KeptMigration = { ...migration, ...told, recorded: false }
  await keepMigration(client, of, next)
  await tool.write(folder, migration)
  await transaction(client, async () => {
    const marks = ident(table.schema, table.name)
    const { rows } = await client.query(sql`SELECT FROM ${marks} WHERE ${tool.where(migration)}`.text)
    if (rows.length === 0) await client.query(tool.insert(table, migration).text)
    await noteUndo(client, of, [undoOf(tool, table, migration, of)])
    await keepMigration(client, of, { ...next, recorded: true })
  })
  return tellPlace(place, migration, false)
}

function tellPlace({ tool, folder, table }: Place, { path }: Migration, before: boolean): RecordedMigration {
  return { tool: tool.label, path: join(folder, path), table: `${table.schema}.${table.name}`, before }
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i])
}

function nameOf(of: MigrationOf): string {
  return `crossfade_${of}`
}

async function readKeptMigrationIn(client: pg.ClientBase, of: MigrationOf): Promise<KeptMigration | null> {
  const { rows } = await client.query<{ there: boolean }>(
    /* sql */ `SELECT to_regclass('crossfade.artifact') IS NOT NULL AS there`,
  )
  return rows[0]?.there ? await readKeptMigration(client, of) : null
}

async function findPlace(client: pg.ClientBase, project: Project): Promise<Place> {
  const settings = project.config.migrations
  if (!settings)
    throw new UsageError('migrations.missing', `${project.configPath} names no folder of migrations.`, {
      hint: "For example: migrations: { tool: 'supabase', folder: 'supabase/migrations' }. The tool is supabase, drizzle or prisma.",
    })
  const tool = TOOLS[settings.tool]
  const folder = resolve(dirname(project.configPath), settings.folder)
  return { tool, settings, folder, table: await readTrackingTable(client, tool, project.config.oldSchema ?? 'public') }
}

/** A rollback must not fail for it: somebody may have dropped the table since, or taken the right away. */
function undoOf(tool: MigrationTool, table: TrackingTable, migration: Migration, of: MigrationOf) {
  const remove = sql`DELETE FROM ${ident(table.schema, table.name)} WHERE ${tool.where(migration)}`
  const warning = `${migration.path} is marked as applied still (${remove.text})`
  return {
    id: `${MIGRATION_UNDO}${migration.path}`,
    sql: sql`SELECT 1`,
    undo: sql`DO ${dollarQuote(sql`
BEGIN
  ${remove};
EXCEPTION WHEN insufficient_privilege OR undefined_table OR undefined_column OR invalid_schema_name THEN
  RAISE WARNING USING MESSAGE = ${literal(warning)};
END
`)};
${raw(forgetMigration(of))}`,
    why: `${tool.label} takes it for not applied again`,
  }
}
