import type pg from 'pg'
import { readState, STAGES, type Stage } from '../control/state.ts'
import { transaction } from '../db/transaction.ts'
import { RefusedError } from '../lib/errors.ts'

export interface RollbackResult {
  readonly from: Stage
  readonly to: Stage
  readonly ms: number
}

/** Goes back one stage, or to `to`: by the same function that any SQL console can call. Needs no approval, no lock of ours and no files. */
export async function rollback(session: pg.Client, to: Stage | null): Promise<RollbackResult> {
  const state = await readState(session)
  if (!state)
    throw new RefusedError('rollback.nothing', 'Crossfade has done nothing in this database yet.', {
      hint: 'crossfade status shows the first step.',
    })
  if (to !== null && STAGES.indexOf(to) >= STAGES.indexOf(state.stage)) {
    throw new RefusedError('rollback.forward', `Stage "${to}" is not behind "${state.stage}".`, {
      hint: 'Without --to it goes back one stage.',
    })
  }
  const started = performance.now()
  let now: Stage = state.stage
  if (now === 'finish') {
    await bringBack(session)
    return { from: 'finish', to: 'finish', ms: Math.round(performance.now() - started) }
  }
  do {
    const { rows } = await session.query<{ stage: Stage }>(/* sql */ `SELECT crossfade.rollback() AS stage`)
    const next = rows[0]?.stage ?? 'design'
    if (next === now) break
    now = next
  } while (to !== null && now !== to)
  return { from: state.stage, to: now, ms: Math.round(performance.now() - started) }
}

/** The archived tables return to their old names as they were at finish; the new tables stay the truth. */
async function bringBack(session: pg.Client): Promise<void> {
  await transaction(session, async () => {
    const { rows } = await session.query<{ sql: string }>(
      /* sql */ `DELETE FROM crossfade.undo WHERE stage = 'finish' RETURNING sql`,
    )
    if (rows.length === 0)
      throw new RefusedError('rollback.done', 'The archived tables are back already.', {
        hint: 'There is nothing more to roll back.',
      })
    for (const row of rows) await session.query(row.sql)
  })
}
