import type pg from 'pg'
import type { Key } from '../control/key-ranges.ts'
import { RefusedError } from '../lib/errors.ts'

export interface BackfillState {
  /** Everything up to this key is done; null at the start. */
  readonly lastKey: Key | null
  readonly rows: number
  readonly done: boolean
}

/** How far the backfill of a table is; begins it where it has not begun. */
export async function readBackfillState(client: pg.ClientBase, target: string): Promise<BackfillState> {
  await client.query(/* sql */ `INSERT INTO crossfade.backfill (target) VALUES ($1) ON CONFLICT DO NOTHING`, [target])
  const { rows } = await client.query<BackfillState>(
    /* sql */ `SELECT last_key AS "lastKey", rows::float8 AS rows, done FROM crossfade.backfill WHERE target = $1`,
    [target],
  )
  const [state] = rows
  if (!state) throw new Error(`the backfill of ${target} has no state`)
  return state
}

/**
 * Notes, in the transaction of a chunk, that the chunk is done. Throws RefusedError when another session has gone on
 * from the same key meanwhile; the chunk is rolled back then.
 */
export async function applyBackfillProgress(
  client: pg.ClientBase,
  target: string,
  chunk: { readonly after: Key | null; readonly upTo: Key; readonly rows: number },
): Promise<void> {
  const { rowCount } = await client.query(
    /* sql */ `
    UPDATE crossfade.backfill SET last_key = $3, rows = rows + $4, updated_at = clock_timestamp()
     WHERE target = $1 AND last_key IS NOT DISTINCT FROM $2::text[] AND NOT done`,
    [target, chunk.after, chunk.upTo, chunk.rows],
  )
  if (rowCount === 1) return
  throw new RefusedError('backfill_moved', `Somebody else works on the backfill of ${target}, or has rolled it back.`, {
    hint: 'See crossfade status; then run one crossfade sync at a time.',
  })
}

export async function applyBackfillDone(client: pg.ClientBase, target: string): Promise<void> {
  await client.query(
    /* sql */ `UPDATE crossfade.backfill SET done = true, updated_at = clock_timestamp() WHERE target = $1`,
    [target],
  )
}
