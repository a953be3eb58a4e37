import type pg from 'pg'
import type { Sql } from '../lib/sql.ts'
import type { MigrationsSettings } from '../spec/config.ts'

/** A migration as a tool keeps it: what stands in its folder, and what its table holds once it has run. */
export interface Migration {
  /** By which the tool tells it: a version with a name, a tag, a folder. */
  readonly name: string
  /** Of the SQL, relative to the tool's folder, with slashes. */
  readonly path: string
  /** Milliseconds since 1970; of later migrations it is greater. */
  readonly when: number
  readonly text: string
  readonly statements: readonly string[]
}

/** The table in which a tool notes what has run. */
export interface TrackingTable {
  readonly schema: string
  readonly name: string
  readonly columns: readonly string[]
}

/** One file for each tool, with the same verbs. */
export interface MigrationTool {
  readonly id: MigrationsSettings['tool']
  /** As people call it. */
  readonly label: string
  /** What runs the files that have not run yet. */
  readonly runs: string
  /** Null: any schema may have it, and this one is asked first where several do. */
  readonly tracking: { readonly schema: string | null; readonly first: string | null; readonly name: string }
  /** The new migration, behind all that are in the folder. Throws RefusedError for a folder that isn't laid out as known. */
  plan(folder: string, what: string, statements: readonly string[], now: Date): Promise<Migration>
  /** Puts it into the folder; may be run again. */
  write(folder: string, migration: Migration): Promise<void>
  /** Migrations of the folder that this database has not run, by their names. */
  readPending(client: pg.ClientBase, table: TrackingTable, folder: string): Promise<string[]>
  /** The row that says that it has run. */
  insert(table: TrackingTable, migration: Migration): Sql
  /** Condition on the tool's table: that row. */
  where(migration: Migration): Sql
}
