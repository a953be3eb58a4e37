export interface ProgressState {
  readonly name: string
  readonly rows: number
  /** An estimate; null when unknown. */
  readonly total: number | null
  /** Rows of this run alone, and how long they took. */
  readonly runRows: number
  readonly runSeconds: number
}

/** `posts: 12,000 of about 50,000 rows, 8,000 rows/s, about 5 s left` */
export function describeProgress(state: ProgressState): string {
  const { name, rows, runRows, runSeconds } = state
  const total = state.total === null ? null : Math.max(state.total, rows)
  const rate = runSeconds > 0 ? runRows / runSeconds : 0
  const parts = [
    `${name}: ${formatCount(rows)}${total === null ? '' : ` of about ${formatCount(total)}`} rows`,
    `${formatCount(rate)} rows/s`,
    ...(total === null || rate === 0 ? [] : [`about ${formatDuration((total - rows) / rate)} left`]),
  ]
  return parts.join(', ')
}

/** `1,234,567`, whatever the locale of the machine. */
export function formatCount(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** `4 s`, `3 min`, `2.5 h`. Seconds. */
export function formatDuration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`
}

/** True about every `everyMs`, beginning with the first call. */
export function throttle(everyMs: number, now: () => number): () => boolean {
  let last = Number.NEGATIVE_INFINITY
  return () => {
    if (now() - last < everyMs) return false
    last = now()
    return true
  }
}
