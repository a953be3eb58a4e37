/** What many measurements of one thing say: the middle, and the middle half. */
export interface Spread {
  readonly median: number
  readonly p25: number
  readonly p75: number
  readonly n: number
}

export function summarize(values: readonly number[]): Spread {
  return {
    median: percentile(values, 0.5),
    p25: percentile(values, 0.25),
    p75: percentile(values, 0.75),
    n: values.length,
  }
}

/** With linear interpolation; NaN of nothing. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]]
  if (low === undefined || high === undefined) return Number.NaN
  return low + (high - low) * (place - Math.floor(place))
}
