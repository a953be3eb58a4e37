import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import type { Engine } from './engine.ts'

/**
 * Until a statement that is under way in a session waits for a lock of somebody, or has ended: what a test wants to happen
 * in between happens then, however slow the machine is.
 */
export async function untilBlocked(e: Engine, session: pg.Client, running: Promise<unknown>): Promise<void> {
  let ended = false
  const end = (): void => {
    ended = true
  }
  running.then(end, end)
  const { processID } = session as pg.Client & { processID: number }
  const text = `select cardinality(pg_blocking_pids($1)) > 0 as blocked`
  while (!ended && !(await e.db.query<{ blocked: boolean }>(text, [processID]))[0]?.blocked) await sleep(2)
}
