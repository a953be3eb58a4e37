import type pg from 'pg'
import { compareKeys, type Difference, type SideQueries } from '../control/compare-sides.ts'
import { pause } from '../control/interruption.ts'
import type { Work } from '../control/work.ts'

const AFTER_MS = 200
/** Keys of one statement. */
const BATCH = 500

/** Looks at differences once more, a moment later and by their keys alone; returns those that are still there. */
export async function lookAgain(
  client: pg.ClientBase,
  work: Work,
  queries: SideQueries,
  differences: readonly Difference[],
): Promise<Difference[]> {
  if (differences.length === 0) return []
  await pause(AFTER_MS, work.signal, 'The verification')
  const still: Difference[] = []
  for (let i = 0; i < differences.length; i += BATCH) {
    const keys = differences.slice(i, i + BATCH).map((difference) => difference.key)
    still.push(...(await compareKeys(client, queries, keys)).differences)
  }
  return still
}
