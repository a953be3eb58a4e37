import type { ClientBase } from 'pg'
import { sql } from '../../lib/sql.ts'
import { isQueueWrite, type QueueWrite, type WriteEntry } from '../application/activity.ts'
import type { Planted } from '../legacy-rows.ts'
import type { NewTable } from './compare-sides.ts'
import { buildExpectedRows } from './expected-rows.ts'
import { type FateCount, readFatesOfMetrics, readFatesOfPosts } from './fates.ts'
import { buildPlacedTables, type Places } from './places.ts'

/** Every old row, by what became of it. */
export interface Accounting {
  readonly oldRows: number
  /** Feed a new row together with another row. */
  readonly merged: number
  /** Have a new row of their own. */
  readonly own: number
  readonly leftOut: number
  /** Have no new row, and no rule that leaves them out. */
  readonly journaled: number
}

export type Accountings = { readonly [table in NewTable]: Accounting }

/** The accounting of each new table, and what it was counted from. */
export interface Accounts {
  readonly tables: Accountings
  readonly posts: readonly FateCount[]
  readonly metrics: readonly FateCount[]
}

/** Counts over both sides as they are: each new table in one snapshot. */
export async function readAccounts(client: ClientBase, places: Places): Promise<Accounts> {
  const queue = await readQueueAccounting(client, places)
  const posts = await readFatesOfPosts(client, places)
  const metrics = await readFatesOfMetrics(client, places)
  const tables = { content_queue: queue, posted_content: addUp(posts), engagement_metrics: addUp(metrics) }
  return { tables, posts, metrics }
}

function addUp(counts: readonly FateCount[]): Accounting {
  const sum = (...fates: readonly string[]) =>
    counts.filter((count) => fates.includes(count.fate)).reduce((total, count) => total + count.rows, 0)
  return {
    oldRows: counts.reduce((total, count) => total + count.rows, 0),
    merged: sum('merged'),
    own: sum('own'),
    leftOut: sum('left out'),
    journaled: sum('journaled'),
  }
}

async function readQueueAccounting(client: ClientBase, places: Places): Promise<Accounting> {
  const tables = buildPlacedTables(places)
  const query = sql`
with ${buildExpectedRows(tables)},
old_row as (
  select decision_id as key, false as left_out from ${tables.metadata}
  union all
  select key, left_out from copy
),
fate as (
  select o.left_out, q.decision_id is not null as arrived, coalesce(e.merged, false) as merged
  from old_row o
  left join expected e on e.decision_id = o.key
  left join ${tables.queue} q on q.decision_id = o.key and not o.left_out
)
select count(*)::int as "oldRows",
       count(*) filter (where arrived and merged)::int as "merged",
       count(*) filter (where arrived and not merged)::int as "own",
       count(*) filter (where left_out)::int as "leftOut",
       count(*) filter (where not arrived and not left_out)::int as "journaled"
from fate`.text
  const { rows } = await client.query<Accounting>(query)
  const accounting = rows[0]
  if (accounting === undefined) throw new Error('the accounting returned no row')
  return accounting
}

/** Which old tables hold a row of a key: 1 content_metadata, 2 the comprehensive one, 3 both. */
export type OldRows = ReadonlyMap<string, number>

const IN_METADATA = 1
const IN_COMPREHENSIVE = 2
const IN_BOTH = 3

/** To be read before the application starts; its log says what changed since. */
export async function readOldRows(client: ClientBase, places: Places): Promise<OldRows> {
  const tables = buildPlacedTables(places)
  const query = sql`
select lower(replace(key, '-', '')) as key, sum(bit)::int as bits
from (select decision_id::text as key, ${IN_METADATA} as bit from ${tables.metadata}
      union all
      select decision_id, ${IN_COMPREHENSIVE} from ${tables.comprehensive}) as o
group by 1`.text
  const { rows } = await client.query<{ key: string; bits: number }>(query)
  return new Map(rows.map((row) => [row.key, row.bits]))
}

/**
 * What the accountings must be, from what was planted and from the application's own log. No write may
 * be under way when they and the log are read.
 */
export function buildExpectedAccountings(
  planted: Planted,
  plantedRows: OldRows,
  writes: readonly WriteEntry[],
): Accountings {
  const { posts, metrics } = planted
  const inserts = (...tables: readonly string[]) =>
    writes.filter((write) => write.kind === 'insert' && tables.includes(write.table)).length
  // A post by the new name has a row in each old table; the application deletes neither posts nor metrics.
  const newPostRows = inserts('posted_decisions', 'tweets', 'posts') + 3 * inserts('posted_content')
  const newMetrics = inserts('outcomes', 'real_tweet_metrics', 'tweet_analytics', 'engagement_metrics')
  return {
    content_queue: buildExpectedQueue(planted, plantedRows, writes.filter(isQueueWrite)),
    posted_content: {
      oldRows: posts.postedDecisions + posts.tweets + posts.posts + newPostRows,
      merged: posts.mergedRows + newPostRows,
      own: posts.ownRows,
      leftOut: posts.leftOutRows,
      journaled: posts.journaledRows,
    },
    engagement_metrics: {
      oldRows: metrics.outcomes + metrics.realTweetMetrics + metrics.tweetAnalytics + newMetrics,
      merged: 0,
      own: metrics.newMetrics + newMetrics,
      leftOut: metrics.leftOutRows,
      journaled: metrics.journaledRows,
    },
  }
}

function buildExpectedQueue(planted: Planted, plantedRows: OldRows, writes: readonly QueueWrite[]): Accounting {
  const { queue } = planted
  const rows = new Map(plantedRows)
  for (const write of writes) {
    if (write.kind === 'insert') rows.set(write.key, (rows.get(write.key) ?? 0) | bitsOf(write))
  }
  // Keys are never used twice, so what was deleted stays deleted.
  for (const write of writes) {
    if (write.kind === 'delete') rows.set(write.key, (rows.get(write.key) ?? 0) & ~bitsOf(write))
  }
  const bits = [...rows.values()]
  const inBoth = bits.filter((bit) => bit === IN_BOTH).length
  const inOne = bits.filter((bit) => bit === IN_METADATA || bit === IN_COMPREHENSIVE).length
  return {
    oldRows: 2 * inBoth + inOne,
    merged: 2 * (inBoth - queue.journaledShared),
    own: inOne - queue.leftOutRows - (queue.journaledRows - 2 * queue.journaledShared),
    leftOut: queue.leftOutRows,
    journaled: queue.journaledRows,
  }
}

function bitsOf(write: QueueWrite): number {
  if (write.table === 'content_queue') return IN_BOTH
  return write.table === 'content_metadata' ? IN_METADATA : IN_COMPREHENSIVE
}

/** What doesn't add up, in words; empty when all does. */
export function checkAccounting(table: string, found: Accounting, expected: Accounting): string[] {
  const findings = (Object.keys(expected) as (keyof Accounting)[])
    .filter((what) => found[what] !== expected[what])
    .map((what) => `${table}: ${what}: ${found[what]} rows, should be ${expected[what]}`)
  const sum = found.merged + found.own + found.leftOut + found.journaled
  if (sum !== found.oldRows)
    findings.push(`${table}: the four add up to ${sum}, but there are ${found.oldRows} old rows`)
  return findings
}
