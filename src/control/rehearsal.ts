import type pg from 'pg'
import { transaction } from '../db/transaction.ts'
import { runTogether } from './execute.ts'
import { whileNobodyRuns } from './run.ts'

/** Gives the rights of a rehearsal back; does nothing when there is none. */
export async function endRehearsal(session: pg.Client): Promise<void> {
  await transaction(session, async () => {
    const { rows } = await session.query<{ sql: string }>(
      /* sql */ `DELETE FROM crossfade.undo WHERE stage = 'rehearsal' RETURNING sql`,
    )
    await runTogether(
      session,
      rows.map(({ sql }) => ({ sql: { text: sql } })),
    )
  })
}

/** The same where the run that took them was killed: the application must not wait for a person to run finish again. */
export async function endForsakenRehearsal(session: pg.Client): Promise<void> {
  const { rows } = await session.query<{ on: boolean }>(
    /* sql */ `SELECT EXISTS (SELECT FROM crossfade.undo WHERE stage = 'rehearsal') AS on`,
  )
  if (rows[0]?.on) await whileNobodyRuns(session, () => endRehearsal(session))
}
