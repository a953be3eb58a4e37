import type { Difference } from './compare-answers.ts'

const LONGEST_LIST = 200

/** One way in which the answers to one kind of statement differed. */
export interface Mismatch extends Difference {
  readonly fingerprint: string
  readonly statement: string
  readonly tables: readonly string[]
  /** Both answers were the old side's. */
  readonly noise: boolean
  readonly seen: number
}

/** Mismatches that were found, by statement and kind of difference; a bounded list. */
export class Mismatches {
  #all = new Map<string, Mismatch>()
  #fresh = new Map<string, Mismatch>()

  add(found: readonly Mismatch[]): void {
    for (const mismatch of found) {
      count(this.#all, mismatch)
      count(this.#fresh, mismatch)
    }
  }

  list(): readonly Mismatch[] {
    return [...this.#all.values()]
  }

  /** What has been found since the last time. */
  takeNew(): readonly Mismatch[] {
    const taken = [...this.#fresh.values()]
    this.#fresh = new Map()
    return taken
  }

  /** What was taken could not be told. */
  putBack(mismatches: readonly Mismatch[]): void {
    for (const mismatch of mismatches) count(this.#fresh, mismatch)
  }
}

function count(into: Map<string, Mismatch>, mismatch: Mismatch): void {
  const isKnown = into.has(idOf(mismatch))
  const one = isKnown || into.size < LONGEST_LIST ? mismatch : { ...mismatch, ...OTHER }
  const seen = (into.get(idOf(one))?.seen ?? 0) + one.seen
  into.set(idOf(one), { ...one, seen })
}

function idOf({ fingerprint, kind, column, noise }: Mismatch): string {
  return JSON.stringify([fingerprint, kind, column, noise])
}

const OTHER = { fingerprint: 'other', statement: 'other statements', column: '', tables: [] as string[] }
