import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { InterruptedError } from '../lib/errors.ts'
import type { Logger } from '../lib/log.ts'
import { describeBlocker, type Queryable, readBlockers } from './blockers.ts'
import { errorCode, SQLSTATE } from './sqlstates.ts'

/** Who watches over a long statement: another connection, whom to tell, and when to stop. */
export interface Watch {
  readonly db: Queryable
  readonly log: Logger
  readonly signal: AbortSignal
}

const LOOK_EVERY_MS = 500
const FIRST_WORD_MS = 2_000
const NEXT_WORD_MS = 30_000
const CANCEL_AGAIN_MS = 100

/**
 * Runs a statement that waits for others as long as they take, such as CREATE INDEX CONCURRENTLY, which waits for every
 * transaction that may see the table as it was, and says nothing meanwhile. After two seconds of it the log names them;
 * after a signal the statement is cancelled. `what` it does: `building an index`. Throws InterruptedError after a signal.
 */
export async function runWatched(session: pg.ClientBase, text: string, what: string, watch: Watch): Promise<void> {
  const { rows } = await session.query<{ pid: number }>(/* sql */ `SELECT pg_catalog.pg_backend_pid() AS pid`)
  const ended = new AbortController()
  // Whoever watches must never fail the work.
  const watching = watchStatement(rows[0]?.pid ?? 0, what, watch, ended.signal).catch(() => undefined)
  try {
    await session.query(text)
  } catch (error) {
    if (!watch.signal.aborted || errorCode(error) !== SQLSTATE.queryCanceled) throw error
    throw new InterruptedError(`Interrupted while ${what}.`, {
      hint: 'Run the same command again: it begins this step anew.',
      cause: error,
    })
  } finally {
    ended.abort()
    await watching
  }
}

async function watchStatement(pid: number, what: string, watch: Watch, ended: AbortSignal): Promise<void> {
  const woken = AbortSignal.any([ended, watch.signal])
  let since: number | null = null
  let sayAt = FIRST_WORD_MS
  while (!woken.aborted) {
    await sleep(LOOK_EVERY_MS, undefined, { signal: woken }).catch(() => undefined)
    const blockers = woken.aborted ? [] : await readBlockers(watch.db, pid)
    if (blockers.length === 0) {
      since = null
      sayAt = FIRST_WORD_MS
      continue
    }
    since ??= performance.now()
    const waited = performance.now() - since
    if (waited < sayAt) continue
    sayAt = waited + NEXT_WORD_MS
    const whom = blockers.map((blocker) => `\n  ${describeBlocker(blocker)}`).join('')
    watch.log.info(`${what}: waiting, ${Math.round(waited / 1000)} s so far, for:${whom}`)
  }
  // Again, since a cancellation that comes before the statement has begun is lost.
  while (!ended.aborted) {
    await watch.db.query(/* sql */ `SELECT pg_catalog.pg_cancel_backend($1)`, [pid])
    await sleep(CANCEL_AGAIN_MS, undefined, { signal: ended }).catch(() => undefined)
  }
}
