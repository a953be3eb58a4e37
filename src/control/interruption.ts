import { setTimeout as sleep } from 'node:timers/promises'
import { InterruptedError } from '../lib/errors.ts'

/** Throws InterruptedError once somebody has asked to stop. `what` names the work: `The backfill of posts`. */
export function assertNotInterrupted(signal: AbortSignal, what: string): void {
  if (!signal.aborted) return
  throw new InterruptedError(`${what} was interrupted; what it has done so far is kept.`, {
    hint: 'Run the same command again: it goes on from there.',
  })
}

/** Waits; throws InterruptedError as soon as somebody asks to stop. */
export async function pause(ms: number, signal: AbortSignal, what: string): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => assertNotInterrupted(signal, what))
}
