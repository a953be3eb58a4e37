import type pg from 'pg'
import { type Difference, type SideQueries, walkSides } from '../control/compare-sides.ts'
import { enqueueKeys } from '../control/outbox.ts'
import type { Work } from '../control/work.ts'
import { describeProgress, formatCount, throttle } from '../lib/progress-line.ts'
import type { TargetMapping } from '../spec/mapping.ts'
import type { FullComparison, Verdict } from './result.ts'
import { lookAgain } from './second-look.ts'

export interface FullResult {
  readonly full: FullComparison
  /** The first of each verdict. */
  readonly first: readonly Difference[]
}

export interface FullOptions {
  /** For the time that is left; null while nobody knows. */
  readonly expectedRows: () => number | null
  /** Puts every difference into the outbox as it is found. */
  readonly enqueue: boolean
}

/** Every row and every column of both sides, in ranges that are spread over the connections. */
export async function compareAll(
  clients: readonly (pg.ClientBase | Promise<pg.ClientBase>)[],
  work: Work,
  t: TargetMapping,
  queries: SideQueries,
  options: FullOptions,
): Promise<FullResult> {
  const name = t.name
  const started = performance.now()
  const seconds = (): number => (performance.now() - started) / 1000
  const due = throttle(500, () => performance.now())
  const first = new Map<Verdict, Difference>()
  const counts: Record<Verdict, number> = { missing: 0, extra: 0, differing: 0 }
  let [rows, waiting, journaled] = [0, 0, 0]
  await walkSides(clients, queries, {
    signal: work.signal,
    what: `The verification of ${name}`,
    async onRange(found, client) {
      rows += found.compared
      waiting += found.waiting
      journaled += found.journaled
      const differences = await lookAgain(client, work, queries, found.differences)
      for (const difference of differences) {
        counts[difference.verdict]++
        if (!first.has(difference.verdict)) first.set(difference.verdict, difference)
      }
      if (options.enqueue) {
        const keys = differences.map((difference) => difference.key)
        await enqueueKeys(client, name, keys)
      }
      if (!due()) return
      const differ = counts.missing + counts.extra + counts.differing
      const state = { name, rows, total: options.expectedRows(), runRows: rows, runSeconds: seconds() }
      work.log.progress(`${describeProgress(state)}; ${formatCount(differ)} differ`)
    },
  })
  return { full: { rows, ...counts, waiting, journaled, seconds: seconds() }, first: [...first.values()] }
}
