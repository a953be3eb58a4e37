/**
 * Times in a log-linear histogram, after HdrHistogram: each power of two of microseconds is cut into 16 buckets, so a
 * quantile is wrong by at most 3.2 %, and histograms are added bucket by bucket.
 */
const CUTS = 16
const CUT_BITS = 4
/** 2^36 µs are 19 hours; what takes longer counts as that. */
const LONGEST_US = 2 ** 36 - 1

export type Buckets = ReadonlyMap<number, number>

export function bucketOf(ms: number): number {
  const us = Math.min(LONGEST_US, Math.max(0, Math.round(ms * 1000)))
  if (us < CUTS) return us
  const exponent = Math.floor(Math.log2(us)) - CUT_BITS
  return CUTS * exponent + Math.floor(us / 2 ** exponent)
}

/** The first millisecond, as a fraction, that is behind the bucket. */
export function endOf(bucket: number): number {
  if (bucket < CUTS) return (bucket + 1) / 1000
  const exponent = Math.floor(bucket / CUTS) - 1
  return (((bucket % CUTS) + CUTS + 1) * 2 ** exponent) / 1000
}

function middleOf(bucket: number): number {
  return (endOf(bucket - 1) + endOf(bucket)) / 2
}

/** The time in milliseconds that this share (0 to 1) does not exceed; null where there is none. */
export function quantile(buckets: Buckets, share: number): number | null {
  const sorted = [...buckets].sort(([a], [b]) => a - b)
  const all = sorted.reduce((sum, [, count]) => sum + count, 0)
  let seen = 0
  for (const [bucket, count] of sorted) {
    seen += count
    if (seen >= share * all) return middleOf(bucket)
  }
  return null
}

export function addTime(buckets: Map<number, number>, ms: number): void {
  const bucket = bucketOf(ms)
  buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1)
}

export function addBuckets(to: Map<number, number>, from: Buckets): void {
  for (const [bucket, count] of from) to.set(bucket, (to.get(bucket) ?? 0) + count)
}
