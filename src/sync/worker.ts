import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { retryDoubtful } from '../control/journal.ts'
import { BATCH, drainOnce, nextBatch } from '../control/outbox.ts'
import { endForsakenRehearsal } from '../control/rehearsal.ts'
import { Throttle } from '../control/throttle.ts'
import type { Work } from '../control/work.ts'
import { isGone, isRetryable } from '../db/sqlstates.ts'
import { drainCall } from '../sqlgen/drain.ts'
import { sampleOldWrites } from './old-writes.ts'

/** A table in outbox mode is followed closely; where nothing comes, it is looked at more and more seldom. */
const IDLE_MS = { least: 10, most: 100 }
const BEAT_EVERY_MS = 2_000

/**
 * Drains the outbox until it is told to stop, with a heartbeat that `status` shows. Several may run side by side:
 * each takes keys that nobody else holds. Returns how many keys it applied.
 */
export async function runWorker(work: Work): Promise<number> {
  const session = await work.db.session()
  const { db, log, signal } = work
  let beatAt = 0
  const chores = async (): Promise<void> => {
    if (Date.now() - beatAt <= BEAT_EVERY_MS) return
    await beat(session)
    await sampleOldWrites(session, work.mapping).catch(assertPassing)
    await retryDoubtful(session).catch(assertPassing)
    await endForsakenRehearsal(session).catch(assertPassing)
    beatAt = Date.now()
  }
  // What it leaves undone makes both sides differ for longer: load is no reason, since keys would wait the longest just then.
  const settings = { ...(work.throttle ?? work.mapping.throttle), latencyFactor: null, activeSessions: null }
  const throttle = await Throttle.open(db, {
    what: 'worker',
    slowest: 0.25,
    settings,
    log,
    signal,
    whileWaiting: chores,
  })
  const sizes = new Map<string, number>()
  let applied = 0
  let idleMs = IDLE_MS.least
  try {
    await chores()
    for (let tookMs = 0; ; ) {
      await throttle.turn(tookMs)
      if (signal.aborted) return applied
      await chores()
      const started = performance.now()
      const done = await drainAll(session, work, sizes)
      tookMs = performance.now() - started
      applied += done
      idleMs = done > 0 ? IDLE_MS.least : Math.min(IDLE_MS.most, idleMs * 2)
      if (done === 0) await sleep(idleMs, undefined, { signal }).catch(() => undefined)
    }
  } finally {
    await throttle.close()
    await session.query(/* sql */ `DELETE FROM crossfade.worker WHERE pid = pg_backend_pid()`).catch(() => undefined)
    await session.end()
  }
}

/** One batch of every new table, of the sizes that were found to be right, which are kept there. Returns how many keys it applied. */
export async function drainAll(
  client: pg.ClientBase,
  work: Pick<Work, 'mapping'>,
  sizes = new Map<string, number>(),
): Promise<number> {
  let done = 0
  for (const t of work.mapping.targets) {
    const size = sizes.get(t.name) ?? BATCH.first
    try {
      const { drained, tookMs } = await drainOnce(client, drainCall(t).text, size)
      sizes.set(t.name, nextBatch(size, drained, tookMs))
      done += drained
    } catch (error) {
      assertPassing(error)
    }
  }
  return done
}

/**
 * Throws what a worker can't outlive. A rollback or a move holds locks on what it drains, for a moment, and a conflict
 * with the application undoes one batch: it tries again soon. A lost connection is the caller's to mend.
 */
function assertPassing(error: unknown): void {
  if (!isRetryable(error) && !isGone(error)) throw error
}

async function beat(session: pg.Client): Promise<void> {
  await session.query(/* sql */ `
    INSERT INTO crossfade.worker (pid, what) VALUES (pg_backend_pid(), current_setting('application_name'))
    ON CONFLICT (pid) DO UPDATE SET beat_at = clock_timestamp()`)
  await session.query(/* sql */ `DELETE FROM crossfade.worker WHERE beat_at < clock_timestamp() - interval '1 minute'`)
}
