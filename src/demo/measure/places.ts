import type { ClientBase } from 'pg'
import { ident, type Sql } from '../../lib/sql.ts'

/** Where the two sides are at the moment. */
export interface Places {
  /** Schema of the old tables: `public`, or the archive after finish. */
  readonly old: string
  /** Schema of content_queue. */
  readonly target: string
}

export interface PlacedTables {
  readonly metadata: Sql
  readonly comprehensive: Sql
  readonly queue: Sql
}

export function buildPlacedTables(places: Places): PlacedTables {
  return {
    metadata: ident(places.old, 'content_metadata'),
    comprehensive: ident(places.old, 'content_generation_metadata_comprehensive'),
    queue: ident(places.target, 'content_queue'),
  }
}

/** Finds the two sides by name: the old tables move to an archive in the end, the new one to `public` before. */
export async function readPlaces(client: ClientBase): Promise<Places> {
  const { rows } = await client.query<{ name: string; schema: string }>(/* sql */ `
    select c.relname as name, n.nspname as schema
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and c.relname in ('content_metadata', 'content_queue')`)
  const find = (name: string) => rows.find((row) => row.name === name)?.schema ?? 'public'
  return { old: find('content_metadata'), target: find('content_queue') }
}

export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
