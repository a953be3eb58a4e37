import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { retryDoubtful } from '../control/journal.ts'
import { drainOnce } from '../control/outbox.ts'
import { endForsakenRehearsal } from '../control/rehearsal.ts'
import type { Work } from '../control/work.ts'
import { isGone, isRetryable } from '../db/sqlstates.ts'
import { drainCall } from '../sqlgen/drain.ts'
import { sampleOldWrites } from './old-writes.ts'

/** Keys of one batch: small, since their rows stay locked until it commits. */
const BATCH = 50
const IDLE_MS = 100
const BEAT_EVERY_MS = 2_000

/**
 * Drains the outbox until it is told to stop, with a heartbeat that `status` shows. Several may run side by side:
 * each takes keys that nobody else holds. Returns how many keys it applied.
 */
export async function runWorker(work: Work): Promise<number> {
  const session = await work.db.session()
  let applied = 0
  let beatAt = 0
  try {
    while (!work.signal.aborted) {
      if (Date.now() - beatAt > BEAT_EVERY_MS) {
        await beat(session)
        await sampleOldWrites(session, work.mapping).catch(assertPassing)
        await retryDoubtful(session).catch(assertPassing)
        await endForsakenRehearsal(session).catch(assertPassing)
        beatAt = Date.now()
      }
      const done = await drainAll(session, work)
      applied += done
      if (done === 0) await sleep(IDLE_MS, undefined, { signal: work.signal }).catch(() => undefined)
    }
    return applied
  } finally {
    await session.query(/* sql */ `DELETE FROM crossfade.worker WHERE pid = pg_backend_pid()`).catch(() => undefined)
    await session.end()
  }
}

/** One batch of every new table. Returns how many keys it applied. */
export async function drainAll(client: pg.ClientBase, work: Pick<Work, 'mapping'>): Promise<number> {
  let done = 0
  for (const t of work.mapping.targets) {
    try {
      done += await drainOnce(client, drainCall(t).text, BATCH)
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
