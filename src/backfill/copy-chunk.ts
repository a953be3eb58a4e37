import type pg from 'pg'
import type { KeyRange } from '../control/key-ranges.ts'
import type { Work } from '../control/work.ts'
import { withLockRetry } from '../db/retry.ts'
import { errorCode, isDataError, SQLSTATE } from '../db/sqlstates.ts'
import { RefusedError } from '../lib/errors.ts'
import type { TargetMapping } from '../spec/mapping.ts'
import { backfillChunk, enqueueRange, type Writers } from '../sqlgen/backfill.ts'
import { applyBackfillProgress } from './backfill-state.ts'

/** What became of a chunk: copied, or not, because a row does not fit, or because somebody holds one. */
export type ChunkOutcome =
  /** How long the server was at it, and how long the network takes to it and back. */
  | { readonly kind: 'copied'; readonly rows: number; readonly copyMs: number; readonly roundTripMs: number }
  | { readonly kind: 'misfit' | 'locked' }

/** A range of keys within one part of the backfill. */
export interface PartRange extends KeyRange {
  readonly part: number
}

/** A short lock on a row passes within these tries; for a long one the rest of the table should not wait. */
const TRIES = 4

/** Copies the rows of a range that aren't there yet and notes the progress, in one transaction that waits for nobody long. */
export async function copyChunk(
  client: pg.Client,
  work: Work,
  t: TargetMapping,
  range: PartRange,
): Promise<ChunkOutcome> {
  const values = [...(range.after ?? []), ...range.upTo]
  const copy = async (writers: Writers): Promise<ChunkOutcome> => {
    const chunk = backfillChunk(t, { after: range.after !== null, upTo: true }, writers).text
    return await inChunkTransaction(client, work, t, async (roundTripMs) => {
      const started = performance.now()
      const copied = (await client.query(chunk, values)).rowCount ?? 0
      const copyMs = Math.max(0, performance.now() - started - roundTripMs)
      await applyBackfillProgress(client, t.name, { ...range, rows: copied })
      return { kind: 'copied' as const, rows: copied, copyMs, roundTripMs }
    })
  }
  try {
    return await copy('alone').catch((error: unknown) => {
      // Of this key or of another unique: the second try tells.
      if (errorCode(error) !== SQLSTATE.uniqueViolation) throw error
      return copy('contested')
    })
  } catch (error) {
    if (isDataError(error)) return { kind: 'misfit' }
    if (error instanceof RefusedError && error.code === 'locked') return { kind: 'locked' }
    throw error
  }
}

/** Hands a range over to the applier: it takes each key by itself, waits for locks, and journals what does not fit. */
export async function deferChunk(
  client: pg.Client,
  work: Work,
  t: TargetMapping,
  range: PartRange,
): Promise<{ keys: number }> {
  const enqueue = enqueueRange(t, { after: range.after !== null, upTo: true }).text
  return await inChunkTransaction(client, work, t, async () => {
    const { rowCount } = await client.query(enqueue, [...(range.after ?? []), ...range.upTo])
    await applyBackfillProgress(client, t.name, { ...range, rows: 0 })
    return { keys: rowCount ?? 0 }
  })
}

async function inChunkTransaction<Result>(
  client: pg.Client,
  work: Work,
  t: TargetMapping,
  fn: (roundTripMs: number) => Promise<Result>,
): Promise<Result> {
  const what = `backfill ${t.name}`
  // Whoever meets a row of this chunk waits for all of it; our own wait comes on top and must leave room.
  const lockTimeoutMs = Math.min(50, work.mapping.budgetMs / 2)
  return await withLockRetry(
    client,
    { tries: TRIES, lockTimeoutMs, holdsUp: true, signal: work.signal, what },
    async () => {
      // Takes the transaction's id before the chunk's snapshot: by that the applier knows that this chunk, which may
      // still see a row that is being deleted, has not ended.
      const started = performance.now()
      await client.query(/* sql */ `SELECT set_config('crossfade.guard', crossfade.guard_for($1, '*'), true)`, [
        t.number,
      ])
      return await fn(performance.now() - started)
    },
  )
}
