import type pg from 'pg'
import { describeBlocker, readOlderWriters } from '../db/blockers.ts'
import type { Logger } from '../lib/log.ts'
import { pause } from './interruption.ts'

const FIRST_WORD_MS = 2_000
const NEXT_WORD_MS = 30_000

/**
 * Waits until every transaction that has written something and runs now has ended, whatever its database: the
 * snapshot doesn't tell them apart. After two seconds it says whom it waits for. Throws InterruptedError after a signal.
 */
export async function waitForOldTransactions(
  client: pg.ClientBase,
  options: { readonly signal: AbortSignal; readonly log: Logger },
): Promise<void> {
  const { rows } = await client.query<{ xmax: string }>(
    // Not the snapshot's xmax, which knows of none that is younger than the last that has ended.
    /* sql */ `SELECT pg_current_xact_id()::text AS xmax`,
  )
  const xmax = rows[0]?.xmax ?? '0'
  const started = performance.now()
  for (let sayAt = FIRST_WORD_MS, delay = 5; !(await haveEnded(client, xmax)); delay = Math.min(delay * 2, 200)) {
    await pause(delay, options.signal, 'Waiting for older transactions')
    const waited = performance.now() - started
    if (waited < sayAt) continue
    sayAt = waited + NEXT_WORD_MS
    const whom = (await readOlderWriters(client, xmax)).map((writer) => `\n  ${describeBlocker(writer)}`)
    options.log.info(`Waiting, ${Math.round(waited / 1000)} s so far, for older transactions to end:${whom.join('')}`)
  }
}

async function haveEnded(client: pg.ClientBase, xmax: string): Promise<boolean> {
  const { rows } = await client.query<{ ended: boolean }>(
    /* sql */ `SELECT pg_snapshot_xmin(pg_current_snapshot()) >= $1::xid8 AS ended`,
    [xmax],
  )
  return rows[0]?.ended ?? false
}
