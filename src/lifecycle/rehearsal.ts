import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import type { CatalogTable } from '../catalog/types.ts'
import { noteUndo, runTogether } from '../control/execute.ts'
import { endRehearsal } from '../control/rehearsal.ts'
import { assertStillStage } from '../control/state.ts'
import type { Work } from '../control/work.ts'
import { withLockRetry } from '../db/retry.ts'
import { InterruptedError, RefusedError } from '../lib/errors.ts'
import { planRehearsal } from '../sqlgen/finish.ts'
import { readOldWrites, sampleOldWrites } from '../sync/old-writes.ts'
import { drainAll } from '../sync/worker.ts'

/**
 * For a while the application has no rights on the old tables. What gives them back is in the database before they
 * go, so a killed rehearsal ends by the worker, with the next finish, or with crossfade.rollback().
 */
export async function rehearse(
  session: pg.Client,
  work: Work,
  tables: readonly CatalogTable[],
  seconds: number,
): Promise<void> {
  if (seconds <= 0) return
  const before = await readOldWrites(session)
  await withLockRetry(session, { what: 'begin the rehearsal', holdsUp: true, signal: work.signal }, async () => {
    const plan = planRehearsal(tables)
    await noteUndo(session, 'rehearsal', plan)
    await runTogether(session, plan)
  })
  try {
    const until = Date.now() + seconds * 1000
    while (Date.now() < until) {
      work.log.progress(
        `rehearsal: the application runs without the old tables for ${Math.ceil((until - Date.now()) / 1000)} s more`,
      )
      await sleep(Math.min(500, Math.max(0, until - Date.now())), undefined, { signal: work.signal }).catch(
        () => undefined,
      )
      if (work.signal.aborted)
        throw new InterruptedError('The rehearsal was interrupted; the rights on the old tables are back.', {
          hint: 'Run crossfade finish again when you like.',
        })
      await assertStillStage(session, 'move', 'finish')
      await drainAll(session, work)
      await sampleOldWrites(session, work.mapping)
      const loud = (await readOldWrites(session)).find(
        (w) => w.writes > (before.find((b) => b.source === w.source && b.target === w.target)?.writes ?? 0),
      )
      if (loud)
        throw new RefusedError(
          'finish.rehearsal',
          `${loud.source} was written to during the rehearsal, by a role that no revoked right stops.`,
          { hint: 'Some code that connects as the owner still uses the old name. The rights are back as they were.' },
        )
    }
  } finally {
    await endRehearsal(session)
    work.log.end()
  }
}
