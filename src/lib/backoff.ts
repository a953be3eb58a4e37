export interface Backoff {
  /** The first wait, before jitter. Milliseconds. */
  readonly baseMs: number
  /** No wait is longer. Milliseconds. */
  readonly maxMs: number
}

/**
 * The waits between `tries` tries, in milliseconds: one less than there are tries. Each doubles, up to
 * `maxMs`, and is then drawn from its upper half: who retries together must not meet again together,
 * and nobody should come back at once. `random` gives numbers in [0, 1).
 */
export function retryDelays(tries: number, backoff: Backoff, random: () => number = Math.random): number[] {
  return Array.from({ length: Math.max(0, tries - 1) }, (_, i) => {
    const ceiling = Math.min(backoff.maxMs, backoff.baseMs * 2 ** Math.min(i, 30))
    return Math.round(ceiling * (0.5 + random() / 2))
  })
}
