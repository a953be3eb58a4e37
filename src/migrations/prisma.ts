import { randomUUID } from 'node:crypto'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256 } from '../control/project.ts'
import { ident, literal, sql } from '../lib/sql.ts'
import { joinStatements, nextVersion, readNames, writeWhole } from './folder.ts'
import type { MigrationTool } from './migration-tool.ts'

const FILE = 'migration.sql'

/** A folder for each migration; the order is that of their names. */
export const prisma: MigrationTool = {
  id: 'prisma',
  label: 'Prisma',
  runs: 'prisma migrate deploy',
  tracking: { schema: null, first: null, name: '_prisma_migrations' },

  async plan(folder, what, statements, now) {
    const versions = (await readFolders(folder)).map((name) => /^\d+/.exec(name)?.[0] ?? '')
    const name = `${nextVersion(versions, now)}_${what}`
    return { name, path: `${name}/${FILE}`, when: now.getTime(), text: joinStatements(statements), statements }
  },

  async write(folder, migration) {
    await writeWhole(folder, migration.path, migration.text)
  },

  async readPending(client, table, folder) {
    const { rows } = await client.query<{ name: string }>(
      sql`SELECT migration_name AS name FROM ${ident(table.schema, table.name)} WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`
        .text,
    )
    const applied = new Set(rows.map((row) => row.name))
    return (await readFolders(folder)).filter((name) => !applied.has(name))
  },

  /** As `prisma migrate resolve --applied` has it: no step of it has run here. */
  insert(table, migration) {
    return sql`INSERT INTO ${ident(table.schema, table.name)} (id, checksum, finished_at, migration_name, started_at, applied_steps_count) VALUES (${literal(randomUUID())}, ${literal(sha256(migration.text))}, pg_catalog.clock_timestamp(), ${literal(migration.name)}, pg_catalog.clock_timestamp(), 0)`
  },

  where(migration) {
    return sql`migration_name = ${literal(migration.name)}`
  },
}

async function readFolders(folder: string): Promise<string[]> {
  const names = await readNames(folder, 'folder')
  const there = await Promise.all(
    names.map((name) =>
      access(join(folder, name, FILE)).then(
        () => true,
        () => false,
      ),
    ),
  )
  return names.filter((_, i) => there[i])
}
