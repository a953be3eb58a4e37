import type pg from 'pg'
import { assertNotInterrupted } from '../control/interruption.ts'
import { nextChunkSize, readBound } from '../control/key-ranges.ts'
import { Throttle } from '../control/throttle.ts'
import type { Work } from '../control/work.ts'
import { translateStatementError } from '../db/connect-errors.ts'
import type { TargetMapping } from '../spec/mapping.ts'
import { nextBound } from '../sqlgen/ranges.ts'
import { BackfillProgress, readExpectedRows } from './backfill-progress.ts'
import { applyPartDone, type BackfillPart, readBackfillParts } from './backfill-state.ts'
import { copyChunk, deferChunk } from './copy-chunk.ts'
import { applyKeyless } from './keyless.ts'

export interface BackfillResult {
  /** New rows that it brought, those of earlier runs included; not those that triggers wrote meanwhile. */
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
/** Where the network takes nearly all of the time for which a chunk's rows are held, a chunk must bring something yet. */
const LEAST_TARGET_MS = 20

/**
 * Copies the existing rows into the new table, in short chunks by ranges of the key, while the application writes.
 * Each chunk notes its progress in its own transaction, so a run that was stopped or killed goes on where it was, with
 * as many workers as it is given now. What it may get wrong about rows that moved under it is what `reconcile` is for.
 * Throws InterruptedError after a signal.
 */
export async function runBackfill(
  work: Work,
  target: TargetMapping,
  options: { readonly workers?: number } = {},
): Promise<BackfillResult> {
  const workers = Math.max(1, options.workers ?? 1)
  const sessions: pg.Client[] = []
  try {
    const client = await work.db.session()
    sessions.push(client)
    const expectedRows = await readExpectedRows(client, target)
    const parts = await readBackfillParts(client, target, { workers, expectedRows })
    const rows = parts.reduce((sum, part) => sum + part.rows, 0)
    const left = parts.filter((part) => !part.done)
    if (left.length === 0) return { rows, chunks: 0, seconds: 0, deferredKeys: 0 }
    await applyKeyless(client, work, target)
    while (sessions.length < Math.min(workers, left.length)) sessions.push(await work.db.session())
    const progress = new BackfillProgress(target, work.log, expectedRows, rows)
    const throttle = await openThrottle(work, `backfill of ${target.name}`)
    try {
      return await copyAll(sessions, { work, throttle }, target, left, progress)
    } finally {
      await throttle.close()
    }
  } catch (error) {
    throw translateStatementError(error) ?? error
  } finally {
    work.log.end()
    await Promise.all(sessions.map((session) => session.end()))
  }
}

/** Stops nearly altogether before it hurts: nobody waits for a backfill. */
export async function openThrottle(work: Work, what: string): Promise<Throttle> {
  const { db, log, signal } = work
  return await Throttle.open(db, { what, slowest: 0.05, settings: work.throttle ?? work.mapping.throttle, log, signal })
}

async function copyAll(
  sessions: readonly pg.Client[],
  how: { readonly work: Work; readonly throttle: Throttle },
  t: TargetMapping,
  parts: readonly BackfillPart[],
  progress: BackfillProgress,
): Promise<BackfillResult> {
  const waiting = [...parts]
  let [chunks, deferredKeys, stopped] = [0, 0, false]
  const copyParts = async (client: pg.Client): Promise<void> => {
    for (let part = waiting.shift(); part && !stopped; part = waiting.shift()) {
      for await (const done of copyPart(client, how, t, part)) {
        chunks++
        deferredKeys += done.deferredKeys
        await progress.show(client, done.rows)
        if (stopped) return
      }
    }
  }
  const results = await Promise.allSettled(
    sessions.map((client) =>
      copyParts(client).catch((error: unknown) => {
        stopped = true
        throw error
      }),
    ),
  )
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
  return { rows: progress.rows, chunks, seconds: progress.seconds, deferredKeys }
}

/** Copies a part; yields after each chunk that is done. */
async function* copyPart(
  client: pg.Client,
  { work, throttle }: { readonly work: Work; readonly throttle: Throttle },
  t: TargetMapping,
  { part, lastKey, upTo: end }: BackfillPart,
): AsyncGenerator<{ rows: number; deferredKeys: number }> {
  // Writers wait for a chunk; it must not use up what they are willing to wait.
  const targetMs = Math.min(TARGET_MS, work.mapping.budgetMs * 0.6)
  // Its rows are held for two round trips more, of the note of its progress and of the COMMIT.
  const limitsOver = (roundTripMs: number) => ({
    targetMs: Math.max(Math.min(LEAST_TARGET_MS, targetMs), targetMs - 2 * roundTripMs),
    ...{ min: SMALLEST, max: LARGEST },
  })
  const boundText = (ends: { after: boolean; upTo: boolean }): string =>
    nextBound(t, { ...ends, includeTarget: false }).text
  let after = lastKey
  let size = FIRST_SIZE
  for (let started = performance.now(), ended = started; ; ended = performance.now()) {
    await throttle.turn(ended - started)
    started = performance.now()
    assertNotInterrupted(work.signal, `The backfill of ${t.name}`)
    const upTo = await readBound(client, boundText, after, end, size)
    if (upTo === null) break
    const range = { part, after, upTo }
    const outcome = await copyChunk(client, work, t, range)
    if (outcome.kind === 'copied') {
      size = nextChunkSize(size, outcome.copyMs, limitsOver(outcome.roundTripMs))
      after = upTo
      yield { rows: outcome.rows, deferredKeys: 0 }
    } else if (size > DEFERRED_SIZE) {
      // A lock has cost a second already, so what lies around it is cut off in fewer steps.
      size = Math.max(DEFERRED_SIZE, Math.floor(size / (outcome.kind === 'locked' ? 8 : 2)))
    } else {
      const { keys } = await deferChunk(client, work, t, range)
      size = SMALLEST
      after = upTo
      yield { rows: 0, deferredKeys: keys }
    }
  }
  await applyPartDone(client, t.name, part)
}
