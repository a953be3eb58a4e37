import { createHash } from 'node:crypto'

/** The same seed gives the same row of values, so that a failed run can be told from chance. */
export interface Random {
  /** From 0 up to 1. */
  next(): number
  /** From 0 up to `below`, whole. */
  int(below: number): number
  pick<Item>(items: readonly Item[]): Item
  chance(probability: number): boolean
  uuid(): string
}

export function createRandom(seed: string): Random {
  let state = createHash('sha256').update(seed).digest().readUInt32LE(0)
  // mulberry32: small, and good enough for choosing rows.
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  const int = (below: number): number => Math.floor(next() * below)
  return {
    next,
    int,
    pick: (items) => {
      const item = items[int(items.length)]
      if (item === undefined) throw new RangeError('nothing to pick from')
      return item
    },
    chance: (probability) => next() < probability,
    uuid: () => [8, 4, 4, 4, 12].map((length) => Array.from({ length }, () => int(16).toString(16)).join('')).join('-'),
  }
}
