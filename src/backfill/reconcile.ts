import type pg from 'pg'
import { type Comparison, type Difference, walkSides } from '../control/compare-sides.ts'
import { waitForOldTransactions } from '../control/old-transactions.ts'
import { drainBacklog, enqueueKeys } from '../control/outbox.ts'
import type { Throttle } from '../control/throttle.ts'
import type { Work } from '../control/work.ts'
import { translateStatementError } from '../db/connect-errors.ts'
import { RefusedError } from '../lib/errors.ts'
import { throttle as everySoOften, formatCount } from '../lib/progress-line.ts'
import type { TargetMapping } from '../spec/mapping.ts'
import { compareQueries } from '../sqlgen/compare.ts'
import { drainCall } from '../sqlgen/drain.ts'
import { applyKeyless } from './keyless.ts'
import { openThrottle } from './run-backfill.ts'

export interface ReconcileResult {
  /** The last one found nothing. */
  readonly passes: number
  /** Keys of the last pass. */
  readonly compared: number
  /** Keys that differed and were computed again, over all passes. */
  readonly repairedKeys: number
  readonly seconds: number
}

const MOST_PASSES = 10
const NAMED_KEYS = 5

/**
 * Makes a backfilled table right: a chunk sees neither what was uncommitted nor what moved under it. When every
 * transaction of the backfill's time has ended, both sides are compared in both directions, and what differs is computed
 * again by the applier, until a pass finds nothing. Throws RefusedError when keys keep differing or an error stays.
 */
export async function reconcile(
  work: Work,
  target: TargetMapping,
  options: { readonly workers?: number } = {},
): Promise<ReconcileResult> {
  const client = await work.db.session()
  const throttle = await openThrottle(work, `reconciliation of ${target.name}`)
  const sessions = [client]
  const started = performance.now()
  try {
    while (sessions.length < (options.workers ?? 1)) sessions.push(await work.db.session())
    await waitForOldTransactions(client, work)
    await applyKeyless(client, work, target)
    await drain(client, work, target, throttle)
    let repairedKeys = 0
    let last: readonly Difference[] = []
    for (let pass = 1; pass <= MOST_PASSES; pass++) {
      const found = await comparePass(sessions, work, target, throttle)
      const seconds = (performance.now() - started) / 1000
      if (found.differences === 0) return { passes: pass, compared: found.compared, repairedKeys, seconds }
      repairedKeys += found.differences
      last = found.examples
      await drain(client, work, target, throttle)
    }
    throw keepsDiffering(target, last)
  } catch (error) {
    throw translateStatementError(error) ?? error
  } finally {
    work.log.end()
    await throttle.close()
    await Promise.all(sessions.map((session) => session.end()))
  }
}

interface Pass {
  readonly compared: number
  readonly differences: number
  readonly examples: readonly Difference[]
}

/** One pass over all ranges; the keys of its differences are in the outbox afterwards. */
async function comparePass(
  sessions: readonly pg.Client[],
  work: Work,
  t: TargetMapping,
  throttle: Throttle,
): Promise<Pass> {
  const name = t.name
  const due = everySoOften(500, () => performance.now())
  const examples: Difference[] = []
  let compared = 0
  let differences = 0
  let rangeFrom = performance.now()
  await walkSides(sessions, compareQueries(t), {
    signal: work.signal,
    what: `The reconciliation of ${name}`,
    async onRange(found: Comparison, client) {
      compared += found.compared
      differences += found.differences.length
      examples.push(...found.differences.slice(0, Math.max(0, NAMED_KEYS - examples.length)))
      const keys = found.differences.map((difference) => difference.key)
      await enqueueKeys(client, name, keys)
      await throttle.turn(performance.now() - rangeFrom)
      rangeFrom = performance.now()
      if (due())
        work.log.progress(`${name}: ${formatCount(compared)} rows compared, ${formatCount(differences)} differ`)
    },
  })
  return { compared, differences, examples }
}

async function drain(client: pg.Client, work: Work, t: TargetMapping, throttle: Throttle): Promise<void> {
  const { signal, log } = work
  await drainBacklog(client, { target: t.name, callText: drainCall(t).text, signal, log, throttle })
}

function keepsDiffering(t: TargetMapping, differences: readonly Difference[]): RefusedError {
  const list = differences.map(
    ({ key, verdict, columns, reason }) => `\n  (${key.join(', ')}) ${verdict}: ${reason ?? columns?.join(', ') ?? ''}`,
  )
  return new RefusedError(
    'keeps_differing',
    `${t.name} still differs from its old tables after ${MOST_PASSES} passes:${list.join('')}`,
    {
      hint: 'An expression whose value depends on more than its row (now(), random(), a setting), or something else that writes the new table.',
    },
  )
}
