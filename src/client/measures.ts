import { addBuckets, addTime } from './histogram.ts'

/** What a measure counts beyond these falls under one name. */
const LONGEST_LIST = 500

export type Side = 'old' | 'new'

/** One read, as somebody waited for it. */
export interface MeasuredRead {
  readonly side: Side
  /** Off every path: nobody waited for it. */
  readonly shadow: boolean
  readonly tables: readonly string[]
  readonly fingerprint: string
  readonly statement: string
  readonly ms: number
  readonly failed: boolean
}

export interface Measure {
  readonly side: Side
  readonly shadow: boolean
  /** Sorted. */
  readonly tables: readonly string[]
  readonly fingerprint: string
  readonly statement: string
  readonly count: number
  readonly errors: number
  readonly sumMs: number
  /** Of the times in milliseconds, by `bucketOf`; errors are no times. */
  readonly buckets: ReadonlyMap<number, number>
}

type Counted = { -readonly [name in keyof Measure]: Measure[name] } & { readonly buckets: Map<number, number> }

/** By fingerprint, and in each by side and whether somebody waited: looked up with every read. */
type Table = Map<string, (Counted | undefined)[]>

/** Counts, errors and times of reads, by statement and side. It never throws and takes a bounded room. */
export class Measures {
  /** Since the last `takeNew`. */
  #fresh: Table = new Map()
  /** Until then. */
  #before: Table = new Map()
  /** Of those, what could not be told. */
  #untold: Table = new Map()

  note(read: MeasuredRead): void {
    const entry = entryOf(this.#fresh, read)
    entry.count += 1
    if (read.failed) {
      entry.errors += 1
      return
    }
    entry.sumMs += read.ms
    addTime(entry.buckets, read.ms)
  }

  list(): readonly Measure[] {
    const all: Table = new Map()
    for (const measure of [...listOf(this.#before), ...listOf(this.#fresh)]) add(entryOf(all, measure), measure)
    return listOf(all)
  }

  /** What has been counted since the last time. */
  takeNew(): readonly Measure[] {
    const [fresh, untold] = [this.#fresh, this.#untold]
    this.#fresh = new Map()
    this.#untold = new Map()
    for (const measure of listOf(fresh)) {
      add(entryOf(this.#before, measure), measure)
      add(entryOf(untold, measure), measure)
    }
    return listOf(untold)
  }

  /** What was taken could not be told. */
  putBack(measures: readonly Measure[]): void {
    for (const measure of measures) add(entryOf(this.#untold, measure), measure)
  }
}

function add(entry: Counted, measure: Measure): void {
  entry.count += measure.count
  entry.errors += measure.errors
  entry.sumMs += measure.sumMs
  addBuckets(entry.buckets, measure.buckets)
}

function listOf(table: Table): Counted[] {
  return [...table.values()].flatMap((entries) => entries.filter((entry) => entry !== undefined))
}

type Labels = Pick<Measure, 'side' | 'shadow' | 'tables' | 'fingerprint' | 'statement'>

function entryOf(table: Table, labels: Labels): Counted {
  const slot = (labels.side === 'new' ? 1 : 0) + (labels.shadow ? 2 : 0)
  let entries = table.get(labels.fingerprint)
  if (entries?.[slot] !== undefined) return entries[slot]
  const isOther = entries === undefined && table.size >= LONGEST_LIST
  const { fingerprint, statement, tables } = isOther ? OTHER : labels
  entries = table.get(fingerprint) ?? []
  table.set(fingerprint, entries)
  entries[slot] ??= {
    ...{ side: labels.side, shadow: labels.shadow, fingerprint, statement, tables },
    ...{ count: 0, errors: 0, sumMs: 0, buckets: new Map<number, number>() },
  }
  return entries[slot]
}

const OTHER = { fingerprint: 'other', statement: 'other statements', tables: [] as string[] }

/** Measures that are alike in what `by` gives, as one: the first of them with the sums. */
export function sumMeasures<One extends Measure>(measures: readonly One[], by: (one: One) => string): Map<string, One> {
  const sums = new Map<string, One & Counted>()
  for (const measure of measures) {
    const id = by(measure)
    const sum = sums.get(id) ?? { ...measure, count: 0, errors: 0, sumMs: 0, buckets: new Map<number, number>() }
    add(sum, measure)
    sums.set(id, sum)
  }
  return sums
}
