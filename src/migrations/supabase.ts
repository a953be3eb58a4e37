import { ident, join, literal, sql } from '../lib/sql.ts'
import { joinStatements, nextVersion, readNames, writeWhole } from './folder.ts'
import type { Migration, MigrationTool } from './migration-tool.ts'

/** `<version>_<name>.sql`; the order is that of the names. */
const FILE = /^(\d+)_(.*)\.sql$/

export const supabase: MigrationTool = {
  id: 'supabase',
  label: 'Supabase CLI',
  runs: 'supabase db push',
  tracking: { schema: 'supabase_migrations', first: null, name: 'schema_migrations' },

  async plan(folder, what, statements, now) {
    const versions = (await readFiles(folder)).map(versionOf)
    const name = `${nextVersion(versions, now)}_${what}`
    return { name, path: `${name}.sql`, when: now.getTime(), text: joinStatements(statements), statements }
  },

  async write(folder, migration) {
    await writeWhole(folder, migration.path, migration.text)
  },

  async readPending(client, table, folder) {
    const { rows } = await client.query<{ version: string }>(
      sql`SELECT version FROM ${ident(table.schema, table.name)}`.text,
    )
    const applied = new Set(rows.map((row) => row.version))
    return (await readFiles(folder)).filter((file) => !applied.has(versionOf(file)))
  },

  insert(table, migration) {
    const values = new Map([
      ['version', literal(versionOf(migration.path))],
      ['name', literal(FILE.exec(migration.path)?.[2] ?? migration.name)],
      ['statements', sql`ARRAY[${join(migration.statements.map((one) => literal(one)))}]::pg_catalog.text[]`],
    ])
    // Earlier releases had a version alone.
    const columns = [...values.keys()].filter((column) => table.columns.includes(column))
    return sql`INSERT INTO ${ident(table.schema, table.name)} (${join(columns.map((column) => ident(column)))}) VALUES (${join(columns.map((column) => values.get(column) ?? sql`NULL`))})`
  },

  where(migration: Migration) {
    return sql`version = ${literal(versionOf(migration.path))}`
  },
}

async function readFiles(folder: string): Promise<string[]> {
  return (await readNames(folder, 'file')).filter((name) => FILE.test(name))
}

function versionOf(file: string): string {
  return FILE.exec(file)?.[1] ?? ''
}
