import { setImmediate as nextTurn } from 'node:timers/promises'

/** So long at most nothing else gets a turn: no progress, no Ctrl-C. */
const TURN_MS = 30

/** For a long computation, to be awaited often: mostly returns at once, and now and then tells how far it is and lets others have a turn. */
export function createGiveWay(onProgress: (done: number) => void): (done: number) => Promise<void> {
  let until = performance.now() + TURN_MS
  return async (done) => {
    if (performance.now() < until) return
    onProgress(done)
    await nextTurn()
    until = performance.now() + TURN_MS
  }
}
