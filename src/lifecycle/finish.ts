import type pg from 'pg'
import { assertApproved } from '../control/approvals.ts'
import { noteUndo, runTogether } from '../control/execute.ts'
import { keepFinishScript } from '../control/kept-migration.ts'
import type { Project } from '../control/project.ts'
import { endRehearsal } from '../control/rehearsal.ts'
import { assertStage, assertStillStage, readBuiltState } from '../control/state.ts'
import type { Work } from '../control/work.ts'
import { withLockRetry } from '../db/retry.ts'
import { RefusedError, UsageError } from '../lib/errors.ts'
import type { Mapping } from '../spec/mapping.ts'
import { ALSO } from '../sqlgen/finish.ts'
import { readOldWrites, sampleOldWrites } from '../sync/old-writes.ts'
import { verifyTarget } from '../verify/run-verify.ts'
import { runAlso } from './also.ts'
import { assertNothingLeft, assertSameHanging, type FinishPlan, prepareFinish } from './finish-plan.ts'
import { readFinished, saveFinished, validateRest } from './finished.ts'
import { assertGate } from './gates.ts'
import { readFinishScript } from './migration-scripts.ts'
import { assertHealthy } from './ramp.ts'
import { rehearse } from './rehearsal.ts'
import { drainAll, retryAll } from './sync.ts'

export interface FinishOptions {
  readonly quietDays: number
  readonly rehearsalSeconds: number
  readonly haveBackup: boolean
}

export interface FinishResult {
  readonly archive: string
  /** Views and foreign keys that are over the new tables now. */
  readonly repointed: readonly string[]
  /** 0: an earlier run has archived them. */
  readonly attempts: number
  /** How long the archiving transaction held its locks. */
  readonly lockMs: number
  readonly rehearsedSeconds: number
}

/** Whoever writes waits behind each of the locks that this waits for: so many short tries rather than few long ones. */
const LOCK_TIMEOUT_MS = 30

/**
 * Verifies once more, rehearses without the old tables, and archives them in one short transaction. Refuses
 * while anything speaks against it; until the transaction commits, everything is as before. Run again after a kill
 * behind the commit, it does what is left.
 */
export async function finish(
  session: pg.Client,
  project: Project,
  work: Work,
  options: FinishOptions,
): Promise<FinishResult> {
  const state = await readBuiltState(session)
  const finished = state.stage === 'finish' ? await readFinished(session) : null
  if (finished) {
    await validateRest(session)
    const { archive, repointed } = finished
    return { archive, repointed, attempts: 0, lockMs: 0, rehearsedSeconds: 0 }
  }
  assertStage(state, ['move'], 'finish')
  if (!options.haveBackup) {
    throw new UsageError(
      'finish.backup',
      'finish moves your old tables away; have a backup that you have restored once.',
      { hint: 'When you have: crossfade finish --i-have-a-backup' },
    )
  }
  await endRehearsal(session)
  await assertGate(session, 'move', project, state)
  // Of a table in outbox mode keys always wait; what stays is refused.
  await drainAll(session, work)
  await assertHealthy(session, 'writes')
  await assertQuiet(session, state.mapping, options.quietDays)
  const prepared = await prepareFinish(session, project, state.mapping)
  await assertApproved(session, 'finish', project.config.approvals?.finish ?? 1)

  await retryAll(session, work)
  await assertSame(work)
  // Afterwards nothing tells any more what it did.
  if (project.config.migrations)
    await keepFinishScript(session, await readFinishScript(session, project, state.mapping, prepared))
  await rehearse(session, work, prepared.oldTables, options.rehearsalSeconds)
  const done = await withLockRetry(
    session,
    {
      what: 'archive the old tables',
      holdsUp: true,
      signal: work.signal,
      observer: work.db.pool,
      lockTimeoutMs: LOCK_TIMEOUT_MS,
    },
    async (_, attempts) => {
      await assertStillStage(session, 'move', 'finish')
      await assertSameHanging(session, project, state.mapping, prepared)
      // What takes the earlier stages back is of no use any more, and would do harm.
      await session.query(/* sql */ `DELETE FROM crossfade.undo WHERE stage <> 'finish'`)
      await noteUndo(session, 'finish', prepared.plan)
      const { archive, repointed, validate } = prepared
      await saveFinished(session, { archive, repointed, unchecked: validate })
      const started = performance.now()
      await runPlan(session, project, state.mapping, prepared)
      return { attempts, started }
    },
  )
  const lockMs = Math.round(performance.now() - done.started)
  await validateRest(session)
  const { archive, repointed } = prepared
  return { archive, repointed, attempts: done.attempts, lockMs, rehearsedSeconds: options.rehearsalSeconds }
}

/** In as few round trips as can be, since everybody waits meanwhile. */
async function runPlan(session: pg.Client, project: Project, mapping: Mapping, prepared: FinishPlan): Promise<void> {
  const { plan } = prepared
  const at = plan.findIndex((statement) => statement.id === ALSO)
  const [before, also, after] =
    at < 0 ? [plan, [], []] : [plan.slice(0, at), plan.slice(at, at + 1), plan.slice(at + 1)]
  await runTogether(session, before)
  if (also.length > 0 && project.also) {
    await runAlso(session, project.also, mapping.oldSchema)
    await assertNothingLeft(session, project, mapping, prepared.oldTables, prepared.archive)
  }
  await runTogether(session, after)
}

async function assertQuiet(session: pg.Client, mapping: Mapping, quietDays: number): Promise<void> {
  await sampleOldWrites(session, mapping)
  const since = Date.now() - quietDays * 86_400_000
  const loud = (await readOldWrites(session)).filter((w) => quietDays > 0 && w.changedAt.getTime() > since)
  if (loud.length === 0) return
  throw new RefusedError(
    'finish.not_quiet',
    `Old names were written to within ${quietDays} days: ${loud.map((w) => `${w.source} (last seen ${w.changedAt.toISOString()})`).join(', ')}.`,
    {
      hint: 'Move the code that still writes there; crossfade move reports it. finish.quietDays or --quiet-days changes the time.',
    },
  )
}

async function assertSame(work: Work): Promise<void> {
  for (const t of work.mapping.targets) {
    const result = await verifyTarget(work, t, { samples: 0 })
    if (!result.clean)
      throw new RefusedError(
        'finish.differs',
        `${t.name} differs from the old tables in ${result.full.missing + result.full.extra + result.full.differing} rows.`,
        { hint: 'See: crossfade verify' },
      )
  }
}
