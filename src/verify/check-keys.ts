import type pg from 'pg'
import { compareKeys, type SideQueries } from '../control/compare-sides.ts'
import { assertNotInterrupted } from '../control/interruption.ts'
import type { Key } from '../control/key-ranges.ts'
import type { Work } from '../control/work.ts'
import { isDataError } from '../db/sqlstates.ts'
import type { TargetMapping } from '../spec/mapping.ts'
import { randomKeys, recentKeys } from '../sqlgen/choose-keys.ts'
import type { Checked } from './result.ts'
import { lookAgain } from './second-look.ts'

const BATCH = 500
/** The newest of the last day, for a first word on them; the full comparison sees all rows anyway. */
const MOST_RECENT = 5_000
const SINCE_COLUMNS = ['updated_at', 'created_at', 'posted_at']

/** Compares every column of `samples` keys, drawn at random from either side. */
export async function checkSamples(
  client: pg.ClientBase,
  work: Work,
  t: TargetMapping,
  queries: SideQueries,
  samples: number,
): Promise<Checked> {
  const { rows } = await client.query<{ key: Key }>(randomKeys(t).text, [samples])
  return await checkKeys(client, work, queries, rows)
}

/** Compares the rows of the last 24 hours; null where the new table has no column that tells. */
export async function checkRecent(
  client: pg.ClientBase,
  work: Work,
  t: TargetMapping,
  queries: SideQueries,
): Promise<(Checked & { column: string }) | null> {
  const column = sinceColumn(t)
  if (column === null) return null
  const rows = await readRecentKeys(client, t, column)
  return { column, ...(await checkKeys(client, work, queries, rows)) }
}

async function readRecentKeys(client: pg.ClientBase, t: TargetMapping, column: string): Promise<{ key: Key }[]> {
  try {
    return (await client.query<{ key: Key }>(recentKeys(t, column, 'both').text, [MOST_RECENT])).rows
  } catch (error) {
    // An old row whose time can't be computed: the new side alone can still be asked.
    if (!isDataError(error)) throw error
    return (await client.query<{ key: Key }>(recentKeys(t, column, 'new').text, [MOST_RECENT])).rows
  }
}

/** The column by which a row's age is told: a well-known name first, else any. */
function sinceColumn(t: TargetMapping): string | null {
  const candidates = t.columns.filter((column) => column.baseType === 'timestamp with time zone')
  const known = SINCE_COLUMNS.find((name) => candidates.some((column) => column.name === name))
  return known ?? candidates[0]?.name ?? null
}

async function checkKeys(
  client: pg.ClientBase,
  work: Work,
  queries: SideQueries,
  rows: readonly { key: Key }[],
): Promise<Checked> {
  let differing = 0
  for (let i = 0; i < rows.length; i += BATCH) {
    assertNotInterrupted(work.signal, 'The verification')
    const keys = rows.slice(i, i + BATCH).map((row) => row.key)
    const found = await compareKeys(client, queries, keys)
    differing += (await lookAgain(client, work, queries, found.differences)).length
  }
  return { checked: rows.length, differing }
}
