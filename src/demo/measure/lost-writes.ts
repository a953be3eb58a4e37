import type { ClientBase } from 'pg'
import { sql } from '../../lib/sql.ts'
import type { Followed, OldTable, WriteEntry } from '../application/activity.ts'
import { findLostRecords, type LostWrite } from './lost-records.ts'
import { buildPlacedTables, type Places, wait } from './places.ts'
import { buildWrittenState, type WrittenKey } from './written-state.ts'

export interface LostWrites {
  /** Keys that were written in the time looked at. */
  readonly keys: number
  readonly lost: readonly LostWrite[]
}

type Row = { readonly [column in Followed]: string | null }
/** A row of the new queue; remembered: its post keeps it, when the old tables have lost it. */
type QueueRow = Row & { readonly remembered: boolean }

const METADATA = 'content_metadata'
const COMPREHENSIVE = 'content_generation_metadata_comprehensive'
const LOOKS = 24
const BETWEEN_LOOKS_MS = 250

/**
 * Looks on one side for every committed write that the application logged: the last value of each
 * column of each key, every inserted row, and that deleted rows are gone; in the queue, posts and
 * metrics. The application keeps writing meanwhile, so what is not found is looked for again, with the
 * log of that moment, for six seconds.
 */
export async function findLostWrites(
  client: ClientBase,
  writes: readonly WriteEntry[],
  side: 'old' | 'new',
  places: Places,
): Promise<LostWrites> {
  let suspects: ReadonlySet<string> | null = null
  let keys = 0
  let lost: LostWrite[] = []
  for (let look = 1; look <= LOOKS; look++) {
    const looked: readonly WriteEntry[] = writes.filter((write) => suspects?.has(write.key) ?? true)
    const state: Map<string, WrittenKey> = buildWrittenState(looked)
    const records = await findLostRecords(client, looked, side, places)
    keys = Math.max(keys, state.size + records.keys)
    lost = [
      ...(side === 'old'
        ? await findLostInOldTables(client, state, places)
        : await findLostInQueue(client, state, places)),
      ...records.lost,
    ]
    if (lost.length === 0) break
    suspects = new Set(lost.map((write) => write.key))
    await wait(BETWEEN_LOOKS_MS)
  }
  return { keys, lost }
}

async function findLostInOldTables(
  client: ClientBase,
  state: ReadonlyMap<string, WrittenKey>,
  places: Places,
): Promise<LostWrite[]> {
  const { metadata, comprehensive } = buildPlacedTables(places)
  const keys = [...state.keys()]
  // One statement, so one snapshot of both tables.
  const { rows } = await client.query<Row & { key: string; place: OldTable }>(
    sql`
select 'content_metadata' as place, replace(decision_id::text, '-', '') as key, content, angle, tone, topic, status
from ${metadata} where decision_id = any($1::uuid[])
union all
select 'content_generation_metadata_comprehensive', lower(replace(decision_id, '-', '')), content, angle, tone,
       raw_topic, status
from ${comprehensive} where lower(replace(decision_id, '-', '')) = any($2::text[])`.text,
    [keys, keys],
  )
  const found = { [METADATA]: new Map<string, Row>(), [COMPREHENSIVE]: new Map<string, Row>() }
  for (const row of rows) found[row.place].set(row.key, row)
  const lost: LostWrite[] = []
  for (const [key, written] of state) {
    for (const table of [METADATA, COMPREHENSIVE] as const) {
      lost.push(...checkOldRow(key, table, written, found[table].get(key)))
    }
    const gone = !found[METADATA].has(key) && !found[COMPREHENSIVE].has(key)
    if (gone && written.native && written.deletedFrom.size === 0) {
      lost.push({ key, table: METADATA, what: 'row', expected: 'in one of the old tables', found: null })
    }
  }
  return lost
}

function checkOldRow(key: string, table: OldTable, written: WrittenKey, row: Row | undefined): LostWrite[] {
  if (written.deletedFrom.has(table)) {
    return row === undefined ? [] : [{ key, table, what: 'row', expected: 'deleted', found: 'there' }]
  }
  if (row === undefined) {
    return written.seenIn.has(table) ? [{ key, table, what: 'row', expected: 'there', found: null }] : []
  }
  return checkValues(key, table, written.values[table], row)
}

async function findLostInQueue(
  client: ClientBase,
  state: ReadonlyMap<string, WrittenKey>,
  places: Places,
): Promise<LostWrite[]> {
  const { queue, posted } = buildPlacedTables(places)
  const { rows } = await client.query<QueueRow & { key: string }>(
    sql`
select replace(decision_id::text, '-', '') as key, content, angle, tone, raw_topic as topic, status,
       decision_id in (select decision_id from ${posted}) as "remembered"
from ${queue} where decision_id = any($1::uuid[])`.text,
    [[...state.keys()]],
  )
  const found: ReadonlyMap<string, QueueRow> = new Map(rows.map((row) => [row.key, row]))
  return [...state].flatMap(([key, written]) => checkQueueRow(key, written, found.get(key)))
}

function checkQueueRow(key: string, written: WrittenKey, row: QueueRow | undefined): LostWrite[] {
  const table = 'content_queue'
  if (written.deletedFrom.size === 2) {
    return row === undefined || row.remembered ? [] : [{ key, table, what: 'row', expected: 'deleted', found: 'there' }]
  }
  if (row === undefined) {
    const there = written.native || [...written.seenIn].some((old) => !written.deletedFrom.has(old))
    return there && (!written.native || written.deletedFrom.size === 0)
      ? [{ key, table, what: 'row', expected: 'there', found: null }]
      : []
  }
  const survives = [...written.seenIn].some((old) => !written.deletedFrom.has(old))
  if (row.remembered && written.deletedFrom.size > 0 && !survives) return []
  return checkValues(key, table, expectedInQueue(written), row)
}

/** content_metadata comes first. What the log can't decide is left to `compareSides`. */
function expectedInQueue(written: WrittenKey): ReadonlyMap<Followed, string> {
  const [first, second] = [written.values[METADATA], written.values[COMPREHENSIVE]]
  if (written.deletedFrom.has(METADATA)) return second
  if (written.seenIn.has(METADATA)) return first
  return new Map([...first].filter(([column, value]) => second.get(column) === value))
}

function checkValues(key: string, table: string, expected: ReadonlyMap<Followed, string>, row: Row): LostWrite[] {
  return [...expected]
    .filter(([column, value]) => row[column] !== value)
    .map(([column, value]) => ({ key, table, what: column, expected: value, found: row[column] }))
}
