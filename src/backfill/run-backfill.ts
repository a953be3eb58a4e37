import type pg from 'pg'
import { assertNotInterrupted } from '../control/interruption.ts'
import { nextChunkSize, readBound } from '../control/key-ranges.ts'
import type { Work } from '../control/work.ts'
import { translateStatementError } from '../db/connect-errors.ts'
import type { TargetMapping } from '../spec/mapping.ts'
import { nextBound } from '../sqlgen/ranges.ts'
import { BackfillProgress, readExpectedRows } from './backfill-progress.ts'
import { applyBackfillDone, type BackfillState, readBackfillState } from './backfill-state.ts'
import { copyChunk, deferChunk } from './copy-chunk.ts'
import { applyKeyless } from './keyless.ts'

export interface BackfillResult {
  /** New rows that the copied ranges have, those of earlier runs included. */
  readonly rows: number
  /** Of this run. */
  readonly chunks: number
  readonly seconds: number
  /** Keys that this run left to the applier: a row near them does not fit, or somebody held one. */
  readonly deferredKeys: number
}

const FIRST_SIZE = 500
const SMALLEST = 50
const LARGEST = 20_000
/** A range of so few keys that still can't be copied goes to the applier. */
const DEFERRED_SIZE = 32
const TARGET_MS = 60

/**
 * Copies the existing rows into the new table, in short chunks by ranges of the key, while the application writes.
 * Each chunk notes its progress in its own transaction, so a run that was stopped or killed goes on where it was. What
 * it may get wrong about rows that moved under it is what `reconcile` is for. Throws InterruptedError after a signal.
 */
export async function runBackfill(work: Work, target: TargetMapping): Promise<BackfillResult> {
  const client = await work.db.session()
  try {
    const state = await readBackfillState(client, target.name)
    if (state.done) return { rows: state.rows, chunks: 0, seconds: 0, deferredKeys: 0 }
    await applyKeyless(client, work, target)
    return await copyAll(client, work, target, state)
  } catch (error) {
    throw translateStatementError(error) ?? error
  } finally {
    work.log.end()
    await client.end()
  }
}

async function copyAll(client: pg.Client, work: Work, t: TargetMapping, state: BackfillState): Promise<BackfillResult> {
  const progress = new BackfillProgress(t, work.log, await readExpectedRows(client, t), state.rows)
  // Writers wait for a chunk; it must not use up what they are willing to wait.
  const limits = { targetMs: Math.min(TARGET_MS, work.mapping.budgetMs * 0.6), min: SMALLEST, max: LARGEST }
  const boundText = (ends: { after: boolean; upTo: boolean }): string =>
    nextBound(t, { ...ends, includeTarget: false }).text
  let { lastKey, rows } = state
  let size = FIRST_SIZE
  let chunks = 0
  let deferredKeys = 0
  for (;;) {
    assertNotInterrupted(work.signal, `The backfill of ${t.name}`)
    const upTo = await readBound(client, boundText, lastKey, null, size)
    if (upTo === null) break
    const range = { after: lastKey, upTo }
    const outcome = await copyChunk(client, work, t, range)
    if (outcome.kind === 'copied') {
      rows += outcome.rows
      size = nextChunkSize(size, outcome.copyMs, limits)
    } else if (size > DEFERRED_SIZE) {
      // A lock has cost a second already, so what lies around it is cut off in fewer steps.
      size = Math.max(DEFERRED_SIZE, Math.floor(size / (outcome.kind === 'locked' ? 8 : 2)))
      continue
    } else {
      deferredKeys += (await deferChunk(client, work, t, range)).keys
      size = SMALLEST
    }
    lastKey = upTo
    chunks++
    await progress.show(client, rows)
  }
  await applyBackfillDone(client, t.name)
  return { rows, chunks, seconds: progress.seconds, deferredKeys }
}
