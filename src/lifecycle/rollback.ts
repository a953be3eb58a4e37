import pg from 'pg'
import { readState, STAGES, type Stage } from '../control/state.ts'
import { isConnectionLost } from '../db/sqlstates.ts'
import { transaction } from '../db/transaction.ts'
import { RefusedError } from '../lib/errors.ts'
import { MIGRATION_UNDO } from '../migrations/record-migration.ts'
import { CHECK_AGAIN } from '../sqlgen/finish.ts'
import { saveFinished } from './finished.ts'

export interface RollbackResult {
  readonly from: Stage
  readonly to: Stage
  readonly ms: number
  /** What could not be made again as it was before finish, and why. */
  readonly notes: readonly string[]
  /** Files in the folder of a migration tool that aren't marked as applied any more. */
  readonly unmarked: readonly string[]
}

/** Goes back one stage, or to `to`: by the same function that any SQL console can call. Needs no approval, no lock of ours and no files. */
export async function rollback(session: pg.Client, to: Stage | null): Promise<RollbackResult> {
  const state = await readState(session)
  if (!state)
    throw new RefusedError('rollback.nothing', 'Crossfade has done nothing in this database yet.', {
      hint: 'crossfade status shows the first step.',
    })
  // A run that was killed behind its commit, again.
  if (to === state.stage && to !== 'finish') return { from: to, to, ms: 0, notes: [], unmarked: [] }
  if (to !== null && STAGES.indexOf(to) >= STAGES.indexOf(state.stage)) {
    throw new RefusedError('rollback.forward', `Stage "${to}" is not behind "${state.stage}".`, {
      hint: 'Without --to it goes back one stage.',
    })
  }
  const started = performance.now()
  const marked = await readMarked(session)
  const notes: string[] = []
  const listen = (notice: { severity?: string | undefined; message?: string | undefined }): void => {
    if (notice.severity === 'WARNING') notes.push(notice.message ?? '')
  }
  session.on('notice', listen)
  try {
    let now: Stage = state.stage
    if (now === 'finish') notes.push(...(await bringBack(session)))
    else now = await goBack(session, now, to)
    const ms = Math.round(performance.now() - started)
    const still = await readMarked(session)
    return { from: state.stage, to: now, ms, notes, unmarked: marked.filter((path) => !still.includes(path)) }
  } finally {
    session.off('notice', listen)
  }
}

async function goBack(session: pg.Client, from: Stage, to: Stage | null): Promise<Stage> {
  let now = from
  do {
    const { rows } = await session.query<{ stage: Stage }>(/* sql */ `SELECT crossfade.rollback() AS stage`)
    const next = rows[0]?.stage ?? 'design'
    if (next === now) break
    now = next
  } while (to !== null && now !== to)
  return now
}

async function readMarked(session: pg.Client): Promise<string[]> {
  const { rows } = await session.query<{ path: string }>(
    /* sql */ `SELECT substr(statement, length($1) + 1) AS path FROM crossfade.undo WHERE starts_with(statement, $1) ORDER BY id`,
    [MIGRATION_UNDO],
  )
  return rows.map((row) => row.path)
}

interface Undo {
  readonly id: string
  readonly statement: string
  readonly sql: string
}

/**
 * The archived tables return to their old names as they were at finish, and what hung on them hangs on them again; the
 * new tables stay the truth. Nothing that somebody has changed since keeps the tables away: it is told.
 */
async function bringBack(session: pg.Client): Promise<string[]> {
  const notes: string[] = []
  const later: Undo[] = []
  await transaction(session, async () => {
    const { rows } = await session.query<Undo>(
      /* sql */ `SELECT id, statement, sql FROM crossfade.undo WHERE stage = 'finish' ORDER BY id DESC FOR UPDATE`,
    )
    if (rows.length === 0)
      throw new RefusedError('rollback.done', 'The archived tables are back already.', {
        hint: 'There is nothing more to roll back.',
      })
    // What is for after the commit stays until it is done, so that the same command goes on when we are killed.
    await session.query(
      /* sql */ `DELETE FROM crossfade.undo WHERE stage = 'finish' AND NOT starts_with(statement, $1)`,
      [CHECK_AGAIN],
    )
    await saveFinished(session, null)
    // A function's body may name what comes back after it.
    await session.query('SET LOCAL check_function_bodies = off')
    for (const undo of rows) {
      if (undo.statement.startsWith(CHECK_AGAIN)) later.push(undo)
      else if (undo.statement.startsWith('archive:')) await session.query(undo.sql)
      else {
        const refused = await trySql(session, undo.sql)
        if (refused !== null) notes.push(`${undo.statement}: ${refused}`)
      }
    }
  })
  for (const undo of later) {
    try {
      await session.query(undo.sql)
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error
      if (isConnectionLost(error)) throw error
      notes.push(`${undo.statement.slice(CHECK_AGAIN.length)} is NOT VALID: ${error.message}`)
    }
    await session.query(/* sql */ `DELETE FROM crossfade.undo WHERE id = $1`, [undo.id])
  }
  return notes
}

/** Null, or why the server refuses it; then the transaction goes on without it. */
async function trySql(session: pg.Client, text: string): Promise<string | null> {
  try {
    // In one round trip, and so that nobody waits for more of them.
    await session.query(`SAVEPOINT crossfade_back;\n${text}\n;\nRELEASE crossfade_back`)
    return null
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error
    await session.query('ROLLBACK TO crossfade_back')
    return error.message
  }
}
