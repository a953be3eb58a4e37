import { createHash } from 'node:crypto'

const MAX_BYTES = 63

/** Fits a name into the 63 bytes that PostgreSQL keeps; a cut one ends in a hash of the whole, so two never meet. */
export function fitName(name: string): string {
  if (Buffer.byteLength(name) <= MAX_BYTES) return name
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 10)
  let head = name
  while (Buffer.byteLength(`${head}_${hash}`) > MAX_BYTES) head = [...head].slice(0, -1).join('')
  return `${head}_${hash}`
}
