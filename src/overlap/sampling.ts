import type { Bounds } from './overlap-document.ts'

/** Rows of both tables up to which every row counts, where nobody says otherwise. */
const EXACT_UP_TO = 200_000_000
/** Keys that a sample of a huge table has, about. */
const ENOUGH_KEYS = 5_000_000

/**
 * How many bits of the hash of a key must be zero for the key to count: 0 takes every key, each bit more takes half. The
 * same keys are taken from every table, so a sample says of each of its keys all that is to say.
 */
export function chooseShift(rows: number | null, percent: number | null): number {
  if (percent !== null) return Math.max(0, Math.round(Math.log2(100 / Math.min(100, percent))))
  if (rows === null || rows <= EXACT_UP_TO) return 0
  return Math.ceil(Math.log2(rows / ENOUGH_KEYS))
}

export function shareOf(shift: number): number {
  return 2 ** -shift
}

/**
 * Where the count lies that a sample of `seen` stands for, at 95 %. Each key is in the sample or not by its hash alone, so
 * `seen` is a binomial draw of a known share: its score interval, solved for the number of draws (as Wilson 1927 did for
 * the share). Nothing seen is not nothing.
 */
export function boundsOf(seen: number, share: number): Bounds {
  if (share >= 1) return { from: seen, to: seen }
  const z = 1.96
  const half = ((z * z) / 2) * (1 - share)
  const spread = z * Math.sqrt((1 - share) * (seen + half / 2))
  const middle = seen + half
  return {
    from: Math.max(seen, Math.floor((middle - spread) / share)),
    to: Math.ceil((middle + spread) / share),
  }
}
