/** pg gives int8 as text, so that nothing is rounded; this makes it a bigint. Throws TypeError for what is none. */
export function toBigint(value: string | number | bigint): bigint {
  if (typeof value === 'bigint') return value
  if (!/^-?\d+$/.test(String(value))) throw new TypeError('not an integer')
  return BigInt(value)
}

/** The same for counts of rows, which fit a number. Throws RangeError beyond 2^53 - 1. */
export function toCount(value: string | number | bigint): number {
  const count = Number(toBigint(value))
  if (!Number.isSafeInteger(count)) throw new RangeError('a count beyond 2^53 - 1')
  return count
}
