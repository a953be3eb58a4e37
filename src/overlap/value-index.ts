import type { Sketch } from './sketch.ts'

/**
 * How many values two sketches have in common, for one against all others at a time: by an index from each value to the
 * sketches that hold it, so that pairs without a common value cost nothing.
 */
export class ValueIndex {
  readonly #sketches: readonly Sketch[]
  /** Of a value that one sketch alone holds its place, which is most of them. */
  readonly #holders = new Map<number, number | number[]>()
  #indexed = 0

  constructor(sketches: readonly Sketch[]) {
    this.#sketches = sketches
  }

  /** Takes the next sketch into the index; false where all are in it. */
  indexNext(): boolean {
    const place = this.#indexed
    const sketch = this.#sketches[place]
    if (sketch === undefined) return false
    for (const hash of sketch.hashes.keys()) {
      const known = this.#holders.get(hash)
      if (known === undefined) this.#holders.set(hash, place)
      else if (typeof known === 'number') this.#holders.set(hash, [known, place])
      else known.push(place)
    }
    this.#indexed += 1
    return true
  }

  /** By the place of the other sketch, of those that are in the index. */
  countWith(place: number): Uint32Array {
    const counts = new Uint32Array(this.#indexed)
    for (const hash of this.#sketches[place]?.hashes.keys() ?? []) {
      const holders = this.#holders.get(hash)
      if (typeof holders !== 'object') continue
      for (const other of holders) counts[other] = (counts[other] ?? 0) + 1
    }
    return counts
  }
}
