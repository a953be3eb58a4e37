import type pg from 'pg'
import type { Database } from '../db/connect.ts'
import { CrossfadeError, RefusedError } from '../lib/errors.ts'
import { isInstalled } from './install.ts'

/** «cros», «fade»: the session lock that lets one run change things at a time. It ends with its session, however that ends. */
const LOCK = [0x63726f73, 0x66616465] as const

/**
 * Runs a command that changes something: alone, on a session of its own, and noted in the history. A run that
 * was killed has no end in the history and no session; the next one says so there.
 */
export async function withRun<Result>(
  db: Database,
  command: string,
  person: string | null,
  fn: (session: pg.Client) => Promise<Result>,
): Promise<Result> {
  const session = await db.session()
  try {
    await takeLock(session)
    const id = await beginHistory(session, command, person)
    try {
      const result = await fn(session)
      await endHistory(session, id ?? (await beginHistory(session, command, person)), 'done')
      return result
    } catch (error) {
      await endHistory(
        session,
        id,
        error instanceof CrossfadeError ? `${error.code}: ${error.message}` : 'failed',
      ).catch(() => {
        // The connection itself may be what failed; the next run marks this one as interrupted.
      })
      throw error
    }
  } finally {
    await session.end()
  }
}

/** Does something small in place of a run that was killed; nothing while one is at work. */
export async function whileNobodyRuns(session: pg.Client, fn: () => Promise<void>): Promise<void> {
  const { rows } = await session.query<{ taken: boolean }>(/* sql */ `SELECT pg_try_advisory_lock($1, $2) AS taken`, [
    ...LOCK,
  ])
  if (!rows[0]?.taken) return
  try {
    await fn()
  } finally {
    await session.query(/* sql */ `SELECT pg_advisory_unlock($1, $2)`, [...LOCK])
  }
}

async function takeLock(session: pg.Client): Promise<void> {
  const { rows } = await session.query<{ taken: boolean }>(/* sql */ `SELECT pg_try_advisory_lock($1, $2) AS taken`, [
    ...LOCK,
  ])
  if (rows[0]?.taken) return
  const { rows: holders } = await session.query<{ pid: number; application: string; since: string }>(
    /* sql */ `
    SELECT a.pid, a.application_name AS application, to_char(now() - a.backend_start, 'HH24:MI:SS') AS since
      FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid
     WHERE l.locktype = 'advisory' AND l.granted AND l.classid = $1 AND l.objid = $2`,
    [...LOCK],
  )
  const [holder] = holders
  throw new RefusedError(
    'run.busy',
    `Another run of Crossfade is at work${holder ? ` (${holder.application}, pid ${holder.pid}, for ${holder.since})` : ''}.`,
    {
      hint: 'Wait until it has ended, or stop it with Ctrl-C where it runs. crossfade rollback and crossfade status work at any time.',
    },
  )
}

async function beginHistory(session: pg.Client, command: string, person: string | null): Promise<string | null> {
  if (!(await isInstalled(session))) return null
  // We hold the lock, so whoever has no end in the history is gone.
  await session.query(
    /* sql */ `UPDATE crossfade.history SET ended_at = clock_timestamp(), outcome = 'interrupted' WHERE ended_at IS NULL`,
  )
  const { rows } = await session.query<{ id: string }>(
    /* sql */ `INSERT INTO crossfade.history (command, person) VALUES ($1, $2) RETURNING id`,
    [command, person],
  )
  return rows[0]?.id ?? null
}

async function endHistory(session: pg.Client, id: string | null, outcome: string): Promise<void> {
  if (id === null) return
  await session.query(
    /* sql */ `UPDATE crossfade.history SET ended_at = clock_timestamp(), outcome = $2 WHERE id = $1`,
    [id, outcome],
  )
}
