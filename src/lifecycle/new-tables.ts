import type pg from 'pg'
import { readCatalog } from '../catalog/read-catalog.ts'
import type { CatalogTable } from '../catalog/types.ts'
import { withoutDefaultPrivileges } from '../control/default-privileges.ts'
import type { Project } from '../control/project.ts'
import { isConnectionLost, isRetryable } from '../db/sqlstates.ts'
import { DatabaseError, RefusedError, UsageError } from '../lib/errors.ts'
import { ident, literal, type Sql, sql } from '../lib/sql.ts'
import { loadParser } from '../spec/expression.ts'
import { type DdlStatement, type NewForeignKey, takeForeignKeys } from '../spec/foreign-keys.ts'
import type { Mapping } from '../spec/mapping.ts'
import { assertNewSchema } from '../spec/new-schema.ts'
import { resolveMapping } from '../spec/resolve.ts'
import type { PutOff } from '../sqlgen/finish.ts'
import type { Statement } from '../sqlgen/statement.ts'
import { assertOwnRowSecurity, checkRowSecurity } from './row-security.ts'

export interface NewTables {
  readonly mapping: Mapping
  /** Old tables and new ones, as they are now. */
  readonly tables: readonly CatalogTable[]
  /** What ran beside the user's DDL, with undo. */
  readonly statements: readonly Statement[]
  readonly putOff: readonly PutOff[]
}

/**
 * Creates the new schema in the caller's transaction and brings the mapping together with it. What would
 * act on the application before its time is put off until finish: triggers of the new tables, and foreign keys, which
 * would block deletes by old names or cascade them.
 */
export async function createNewTables(client: pg.ClientBase, project: Project): Promise<NewTables> {
  await loadParser()
  const oldSchema = project.config.oldSchema ?? 'public'
  const newSchema = project.config.newSchema ?? 'new_schema'
  assertNewSchema(project.ddl, project.ddlPath)
  const ddl = takeForeignKeys(project.ddl, oldSchema)
  await assertSchemaFree(client, newSchema)
  const created = createSchema(newSchema)
  await withoutDefaultPrivileges(client, 'relations', async () => {
    await client.query(created.sql.text)
    await runDdl(client, project, ddl.statements, newSchema, oldSchema)
  })

  const before = await readCatalog(client, [oldSchema, newSchema])
  const waiting = before.tables.filter((table) => table.schema === newSchema).flatMap(planPutOff)
  for (const statement of waiting) await client.query(statement.sql.text)
  const catalog = await readCatalog(client, [oldSchema, newSchema])
  assertNoNameTaken(catalog.tables, oldSchema, newSchema)
  const mapping = resolveMapping(project.config, catalog, ddl.foreignKeys)
  assertOwnRowSecurity(catalog.tables, newSchema, project.ddl)
  const security = checkRowSecurity(mapping, catalog.tables)
  for (const statement of security) await client.query(statement.sql.text)
  const statements = [created, ...waiting, ...security]
  assertReferences(ddl.foreignKeys, mapping, catalog.tables)
  const putOff = [
    ...ddl.foreignKeys.map((f) => ({
      table: { schema: newSchema, name: f.table },
      kind: 'foreign key' as const,
      name: f.name,
      definition: f.definition,
    })),
    ...before.tables.filter((table) => table.schema === newSchema).flatMap(listTriggers),
  ]
  return { mapping, tables: catalog.tables, statements, putOff }
}

function createSchema(name: string): Statement {
  return {
    id: `new-schema:${name}`,
    sql: sql`CREATE SCHEMA ${ident(name)};
COMMENT ON SCHEMA ${ident(name)} IS ${literal('Crossfade: the consolidated tables, until they move')};
REVOKE ALL ON SCHEMA ${ident(name)} FROM PUBLIC`,
    undo: sql`DROP SCHEMA IF EXISTS ${ident(name)} CASCADE`,
    lock: { mode: 'none', on: null },
    transactional: true,
    why: 'the new tables are built beside the old ones, where nobody sees them',
  }
}

async function assertSchemaFree(client: pg.ClientBase, name: string): Promise<void> {
  const { rows } = await client.query<{ there: boolean }>(
    /* sql */ `SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1) AS there`,
    [name],
  )
  if (!rows[0]?.there) return
  throw new RefusedError('build.schema', `Schema ${name} exists already, and Crossfade didn't make it.`, {
    hint: 'Give another name as "newSchema" in the configuration: the new tables need a schema of their own.',
  })
}

async function runDdl(
  client: pg.ClientBase,
  project: Project,
  statements: readonly DdlStatement[],
  newSchema: string,
  oldSchema: string,
): Promise<void> {
  const { rows } = await client.query<{ schema: string }>(/* sql */ `
    SELECT DISTINCT n.nspname AS schema FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
     WHERE n.nspname <> 'pg_catalog' ORDER BY 1`)
  const path = [...new Set([newSchema, oldSchema, ...rows.map((row) => row.schema)])]
    .map((schema) => ident(schema).text)
    .join(', ')
  const before = await client.query<{ path: string }>(/* sql */ `SELECT current_setting('search_path') AS path`)
  await client.query(/* sql */ `SELECT set_config('search_path', $1, true)`, [path])
  for (const { text, line } of statements) {
    try {
      await client.query(text)
    } catch (error) {
      const { message, position, code } = error as { message: string; position?: string; code?: string }
      if (code === '55P03' || code === '40P01' || code === '42501') throw error
      const at = line + (position === undefined ? 0 : text.slice(0, Number(position)).split('\n').length - 1)
      throw new UsageError('ddl.refused', `${project.ddlPath}:${at}: ${message}`, {
        hint: 'The server refuses this DDL; nothing was created.',
        cause: error,
      })
    }
  }
  await client.query(/* sql */ `SELECT set_config('search_path', $1, true)`, [before.rows[0]?.path ?? ''])
}

/** A trigger would do a second time what the old tables' triggers do. It comes alive at finish. */
function planPutOff(table: CatalogTable): Statement[] {
  const name = ident(table.schema, table.name)
  const place = `${table.schema}.${table.name}`
  const deferred = table.constraints.find((c) => c.deferrable && c.kind !== 'foreign key')
  if (deferred) {
    throw new UsageError('ddl.deferrable', `${place}: constraint ${deferred.name} is DEFERRABLE`, {
      hint: 'It would fail at the COMMIT of an application that wrote by the old names, where nobody can catch it. Make it not deferrable.',
    })
  }
  const step = (id: string, text: Sql, why: string): Statement => ({
    id: `${id}:${place}`,
    sql: text,
    undo: null,
    lock: { mode: 'ACCESS EXCLUSIVE', on: place },
    transactional: true,
    why,
  })
  return [
    ...table.triggers.map((t) =>
      step(
        `put-off-trigger:${t.name}`,
        sql`ALTER TABLE ${name} DISABLE TRIGGER ${ident(t.name)}`,
        "until finish the old tables' triggers act; this one comes alive then",
      ),
    ),
  ]
}

function listTriggers(table: CatalogTable): PutOff[] {
  const place = { schema: table.schema, name: table.name }
  return table.triggers.map((t) => ({ table: place, kind: 'trigger' as const, name: t.name, definition: t.definition }))
}

/** A foreign key that can't be made must be known now, not at finish. */
function assertReferences(
  foreignKeys: readonly NewForeignKey[],
  mapping: Mapping,
  tables: readonly CatalogTable[],
): void {
  for (const f of foreignKeys) {
    const where = `${f.table}: foreign key (${f.columns.join(', ')})`
    const own = mapping.targets.some((t) => t.relation.name === f.references)
    const schema = own ? mapping.newSchema : mapping.oldSchema
    const other = tables.find((table) => table.schema === schema && table.name === f.references)
    if (!other)
      throw new UsageError(
        'ddl.references',
        `${where} references ${f.references}, which is neither a new table of the mapping nor one that stays`,
        { hint: 'Reference a table that is there after finish.' },
      )
    if (
      mapping.targets.some((t) => t.sources.some((s) => s.base.name === other.name && s.base.schema === other.schema))
    ) {
      throw new UsageError(
        'ddl.references',
        `${where} references ${f.references}, which goes to the archive at finish`,
        { hint: 'Reference the new table that takes its place.' },
      )
    }
    const unique = other.indexes.some(
      (index) =>
        index.unique &&
        index.predicate === null &&
        (f.referenced.length === 0 ? index.primary : sameNames(index.columns, f.referenced)),
    )
    if (!unique)
      throw new UsageError(
        'ddl.references',
        `${where}: nothing makes ${f.references} (${f.referenced.join(', ') || 'primary key'}) unique`,
        { hint: 'A foreign key references a primary key or a unique key.' },
      )
  }
}

function sameNames(a: readonly (string | null)[], b: readonly string[]): boolean {
  return a.length === b.length && b.every((name) => a.includes(name))
}

function assertNoNameTaken(tables: readonly CatalogTable[], oldSchema: string, newSchema: string): void {
  const taken = tables.find(
    (t) => t.schema === newSchema && tables.some((o) => o.schema === oldSchema && o.name === t.name),
  )
  if (!taken) return
  throw new UsageError('ddl.name', `${taken.name}: the old schema has a table or view of that name already`, {
    hint: `The new one moves to ${oldSchema} while the old one is still in use, so it needs another name.`,
  })
}

/** Prepares every statement that will read or write through the mapping, so that no wrong expression gets into a function. */
export async function checkExpressions(
  client: pg.ClientBase,
  statements: readonly { id: string; sql: { text: string } }[],
): Promise<void> {
  for (const { id, sql: query } of statements) {
    try {
      await client.query('SAVEPOINT crossfade_check')
      await client.query(`PREPARE crossfade_check AS ${query.text}`)
      await client.query('DEALLOCATE crossfade_check')
      await client.query('RELEASE crossfade_check')
    } catch (error) {
      const { message, hint, code } = error as { message: string; hint?: string; code?: string }
      // No word on the expression: it is tried again, or the session is gone.
      if (isRetryable(error) || isConnectionLost(error)) throw error
      if (!/^(42|22|0A)/.test(code ?? '')) throw new DatabaseError('check.failed', message, { cause: error })
      await client.query('ROLLBACK TO crossfade_check')
      throw new UsageError('mapping.sql', `${id}: ${message}`, {
        hint:
          hint ??
          'PostgreSQL refuses an expression of the mapping. Functions and types outside pg_catalog are written with their schema.',
        cause: error,
      })
    }
  }
}
