import type pg from 'pg'
import { saveArtifacts } from '../control/approvals.ts'
import { assertStage, readBuiltState, updateState } from '../control/state.ts'
import type { Work } from '../control/work.ts'
import { withLockRetry } from '../db/retry.ts'
import { errorCode } from '../db/sqlstates.ts'
import { RefusedError } from '../lib/errors.ts'
import { enableOwnTriggers } from '../sync/own-triggers.ts'
import { buildVerifyReport } from '../verify/report.ts'
import type { VerifyResult } from '../verify/result.ts'
import { type VerifyOptions, verifyTarget } from '../verify/run-verify.ts'
import { assertNoDrift } from './gates.ts'
import { retryAll } from './sync.ts'

export interface VerifyAllResult {
  readonly results: readonly VerifyResult[]
  readonly clean: boolean
  readonly artifact: string
}

/** Compares every row of every new table with what the old tables say, and keeps the report for gate `verify`. */
export async function verifyAll(session: pg.Client, work: Work, options: VerifyOptions): Promise<VerifyAllResult> {
  const state = await readBuiltState(session)
  assertStage(state, ['sync', 'reads', 'move'], 'verify')
  if (!state.inSync)
    throw new RefusedError('verify.backfill', 'The backfill is not complete, so there is nothing to prove yet.', {
      hint: 'Run: crossfade sync',
    })
  if (options.repair === true) {
    await withLockRetry(
      session,
      { what: 'switch the triggers on again', holdsUp: true, signal: work.signal, observer: work.db.pool },
      () => enableOwnTriggers(session, work.mapping),
    )
  }
  const results: VerifyResult[] = []
  try {
    await retryAll(session, work)
    for (const t of work.mapping.targets) results.push(await verifyTarget(work, t, options))
  } catch (error) {
    // An old column that the mapping reads is gone, or has another type: say so, not what it does to our SQL.
    if (errorCode(error)?.startsWith('42')) await assertNoDrift(session, state)
    throw error
  }
  const clean = results.every((result) => result.clean)
  const artifact = buildVerifyReport(results, {
    at: new Date().toISOString(),
    database: work.db.name,
    serverVersion: work.db.serverVersion,
  })
  // A later look, while the ramp is on, is no new gate.
  if (state.stage === 'sync') {
    await saveArtifacts(session, 'verify', [{ name: 'VERIFY_REPORT.md', content: artifact }], { clean })
  }
  if (clean) await updateState(session, { verifiedAt: new Date() })
  else await session.query(/* sql */ `UPDATE crossfade.migration SET verified_at = NULL`)
  return { results, clean, artifact }
}
