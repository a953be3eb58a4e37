import type { ClientBase } from 'pg'
import { sql } from '../../lib/sql.ts'
import type { WriteEntry } from '../application/activity.ts'
import { buildPlacedTables, type PlacedTables, type Places } from './places.ts'

export interface LostWrite {
  readonly key: string
  readonly table: string
  readonly what: string
  readonly expected: string
  readonly found: string | null
}

/** Posts and metrics are never deleted, and one value of each is followed. */
interface Kind {
  readonly target: string
  readonly old: readonly string[]
  /** Where an insert by the new name makes a row. */
  readonly reverse: readonly string[]
  readonly followed: 'tweet_url' | 'likes'
  /** $1: keys, $2: their tweets. Gives key, place, and value (null where the table has no such column). */
  readonly query: { readonly [side in 'old' | 'new']: (tables: PlacedTables) => string }
}

const POSTS: Kind = {
  target: 'posted_content',
  old: ['posted_decisions', 'tweets', 'posts'],
  reverse: ['posted_decisions', 'tweets', 'posts'],
  followed: 'tweet_url',
  query: {
    old: (tables) =>
      sql`
select tweet_id as key, 'posted_decisions' as place, null as value from ${tables.decisions} where tweet_id = any($1)
union all
select tweet_id, 'tweets', coalesce(url, '') from ${tables.tweets} where tweet_id = any($2)
union all
select external_id, 'posts', coalesce(permalink, '') from ${tables.posts} where external_id = any($2)`.text,
    new: (tables) =>
      sql`
select tweet_id as key, 'posted_content' as place, coalesce(tweet_url, '') as value
from ${tables.posted} where tweet_id = any($1) and tweet_id = any($2)`.text,
  },
}

const METRICS: Kind = {
  target: 'engagement_metrics',
  old: ['outcomes', 'real_tweet_metrics', 'tweet_analytics'],
  reverse: ['outcomes'],
  followed: 'likes',
  query: {
    old: (tables) =>
      sql`
select * from (
  select tweet_id || '@' || (extract(epoch from collected_at) * 1000000)::bigint as key, 'outcomes' as place,
         likes::text as value
  from ${tables.outcomes} where tweet_id = any($2)
  union all
  select tweet_id || '@' || (extract(epoch from captured_at) * 1000000)::bigint, 'real_tweet_metrics', likes::text
  from ${tables.realMetrics} where tweet_id = any($2)
  union all
  select tweet_id || '@' || (extract(epoch from measured_at) * 1000000)::bigint, 'tweet_analytics', favorites::text
  from ${tables.analytics} where tweet_id = any($2)
) as measured where key = any($1)`.text,
    new: (tables) =>
      sql`
select * from (
  select tweet_id || '@' || (extract(epoch from collected_at) * 1000000)::bigint as key, 'engagement_metrics' as place,
         likes::text as value
  from ${tables.metrics} where tweet_id = any($2)
) as measured where key = any($1)`.text,
  },
}

/** What the log says of one post or measurement. */
interface WrittenRecord {
  /** Old tables that must have a row of it. */
  readonly tables: Set<string>
  value: string | undefined
}

type Found = ReadonlyMap<string, ReadonlyMap<string, string | null>>

/** Looks on one side for every post and measurement that was written, and for the last value of each. */
export async function findLostRecords(
  client: ClientBase,
  writes: readonly WriteEntry[],
  side: 'old' | 'new',
  places: Places,
): Promise<{ keys: number; lost: LostWrite[] }> {
  const tables = buildPlacedTables(places)
  const lost: LostWrite[] = []
  let keys = 0
  for (const kind of [POSTS, METRICS]) {
    const records = buildRecords(kind, writes)
    const found = await readRecords(client, kind.query[side](tables), records)
    keys += records.size
    for (const [key, record] of records) lost.push(...checkRecord(kind, key, record, side, found.get(key)))
  }
  return { keys, lost }
}

function buildRecords(kind: Kind, writes: readonly WriteEntry[]): Map<string, WrittenRecord> {
  const records = new Map<string, WrittenRecord>()
  const inOrder = writes
    .filter((write) => write.table === kind.target || kind.old.includes(write.table))
    .sort((a, b) => a.at - b.at)
  for (const write of inOrder) {
    const record = records.get(write.key) ?? { tables: new Set(), value: undefined }
    records.set(write.key, record)
    const isNative = write.table === kind.target
    // An update by the new name doesn't tell which old table the row is of.
    if (!isNative) record.tables.add(write.table)
    else if (write.kind === 'insert') for (const table of kind.reverse) record.tables.add(table)
    record.value = write.set[kind.followed] ?? record.value
  }
  return records
}

async function readRecords(
  client: ClientBase,
  query: string,
  records: ReadonlyMap<string, WrittenRecord>,
): Promise<Found> {
  const keys = [...records.keys()]
  const tweets = [...new Set(keys.map((key) => key.replace(/@.*/, '')))]
  const { rows } = await client.query<{ key: string; place: string; value: string | null }>(query, [keys, tweets])
  const found = new Map<string, Map<string, string | null>>()
  for (const row of rows) {
    const places = found.get(row.key) ?? new Map<string, string | null>()
    found.set(row.key, places.set(row.place, row.value))
  }
  return found
}

function checkRecord(
  kind: Kind,
  key: string,
  record: WrittenRecord,
  side: 'old' | 'new',
  found: ReadonlyMap<string, string | null> = new Map(),
): LostWrite[] {
  const there = side === 'new' || record.tables.size === 0 ? [] : [...record.tables]
  const missing = there.filter((table) => !found.has(table))
  if (found.size === 0 && there.length === 0) missing.push(side === 'new' ? kind.target : kind.old.join(' or '))
  return [
    ...missing.map((table) => ({ key, table, what: 'row', expected: 'there', found: null })),
    ...[...found]
      .filter(([, value]) => value !== null && record.value !== undefined && value !== record.value)
      .map(([table, value]) => ({ key, table, what: kind.followed, expected: record.value ?? '', found: value })),
  ]
}
