import type { ClientBase } from 'pg'
import { sql } from '../../lib/sql.ts'
import { buildExpectedRows } from './expected-rows.ts'
import { buildPlacedTables, type Places, wait } from './places.ts'

export interface Comparison {
  /** Rows looked at: those of the new table, and those that it lacks. */
  readonly rows: number
  readonly differing: number
  /** The first of them. */
  readonly examples: readonly Difference[]
}

interface Difference {
  readonly key: string
  readonly kind: 'missing' | 'extra' | 'differing'
}

const EXAMPLES = 5
const LOOKS = 20
const BETWEEN_LOOKS_MS = 250

/**
 * Compares every row and column of content_queue with what the old tables say, by SQL of its own. A
 * difference counts when it is still there after several looks over five seconds: a key may wait for
 * the applier at the first one.
 */
export async function compareSides(client: ClientBase, places: Places): Promise<Comparison> {
  const query = buildComparison(places)
  let differences: Difference[] = []
  let suspects: string[] | null = null
  let rows = 0
  for (let look = 1; look <= LOOKS; look++) {
    const answer = await client.query<{ rows: number; differences: Difference[] | null }>(query, [suspects])
    rows = Math.max(rows, answer.rows[0]?.rows ?? 0)
    differences = answer.rows[0]?.differences ?? []
    if (differences.length === 0) break
    suspects = differences.map((difference) => difference.key)
    await wait(BETWEEN_LOOKS_MS)
  }
  return { rows, differing: differences.length, examples: differences.slice(0, EXAMPLES) }
}

/** $1: the keys to look at, or null for all. */
function buildComparison(places: Places): string {
  const tables = buildPlacedTables(places)
  return sql`
with ${buildExpectedRows(tables)},
compared as (
  select coalesce(e.decision_id, q.decision_id) as key,
         case when q.decision_id is null then 'missing'
              when e.decision_id is null then 'extra'
              when (e.content, e.decision_type, e.thread_parts::text, e.raw_topic, e.angle, e.tone, e.generator_name,
                    e.format_strategy, e.visual_format, e.status, e.scheduled_at, e.posted_at, e.quality_score,
                    e.predicted_er, e.target_tweet_id, e.target_username, e.created_at, e.updated_at)
                   is distinct from
                   (q.content, q.decision_type, q.thread_parts::text, q.raw_topic, q.angle, q.tone, q.generator_name,
                    q.format_strategy, q.visual_format, q.status, q.scheduled_at, q.posted_at, q.quality_score,
                    q.predicted_er, q.target_tweet_id, q.target_username, q.created_at, q.updated_at)
              then 'differing' end as kind
  from (select * from judged where fits) e
  full join ${tables.queue} q on q.decision_id = e.decision_id
  where $1::text[] is null or coalesce(e.decision_id, q.decision_id)::text = any($1)
)
select count(*)::int as rows,
       jsonb_agg(jsonb_build_object('key', key, 'kind', kind)) filter (where kind is not null) as differences
from compared`.text
}
