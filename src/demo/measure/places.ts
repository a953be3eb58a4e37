import type { ClientBase } from 'pg'
import { ident, type Sql } from '../../lib/sql.ts'

/** Where the two sides are at the moment. */
export interface Places {
  /** Schema of the old tables: `public`, or the archive after finish. */
  readonly old: string
  /** Schema of the new tables. */
  readonly target: string
}

const OLD = {
  metadata: 'content_metadata',
  comprehensive: 'content_generation_metadata_comprehensive',
  decisions: 'posted_decisions',
  tweets: 'tweets',
  posts: 'posts',
  outcomes: 'outcomes',
  realMetrics: 'real_tweet_metrics',
  analytics: 'tweet_analytics',
} as const
const NEW = { queue: 'content_queue', posted: 'posted_content', metrics: 'engagement_metrics' } as const

export type PlacedTables = { readonly [table in keyof typeof OLD | keyof typeof NEW]: Sql }

export function buildPlacedTables(places: Places): PlacedTables {
  const place = (schema: string, names: object) =>
    Object.entries(names).map(([table, name]) => [table, ident(schema, String(name))])
  return Object.fromEntries([...place(places.old, OLD), ...place(places.target, NEW)]) as PlacedTables
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
