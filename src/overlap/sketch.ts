import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import { type Candidate, type CandidateColumn, sampleOf } from './candidate.ts'
import { familyOf, hasKeyName } from './column-family.ts'
import { canBeKey } from './key-form.ts'

/**
 * A few values of a column, by their hash: those whose hash ends in `shift` zero bits. As every table keeps the same
 * values, the sketches of two columns tell how many of the values of one the other has, without a join (coordinated
 * sampling; Broder 1997, Cohen & Kaplan 2013).
 */
export interface Sketch {
  readonly table: string
  readonly column: CandidateColumn
  /** Of the table's rows, 0 to 1. */
  readonly share: number
  readonly shift: number
  /** Hashes (of `readHash`), each with the rows that have it. */
  readonly hashes: ReadonlyMap<number, number>
}

/**
 * Rows of a table that are looked at, and about how many values of a column are kept. Two samples have a value in common
 * with the product of their shares, so of n rows as many as some times the root of n are needed, not a share of them.
 */
const ROWS = 60_000
const ROWS_FOR_ROOT = 12
const VALUES = 2_048
const COMMON = 100
/** Longer ones are told apart, but nobody joins by them. */
const WIDEST = 120
const MOST_COLUMNS = 40

export interface SketchPlan {
  readonly columns: readonly CandidateColumn[]
  readonly share: number
  readonly shift: number
  readonly query: Sql
}

/** The columns whose values may be found again in another table, the likeliest first; the rest is not looked at. */
function pickSketched(candidate: Candidate): CandidateColumn[] {
  const { columns, table } = candidate
  const indexed = new Set(table.indexes.map((index) => index.columns[0]).filter((column) => column !== null))
  const referring = new Set(table.constraints.filter((one) => one.kind === 'foreign key').flatMap((one) => one.columns))
  const rank = (column: CandidateColumn): number =>
    Number(hasKeyName(column.name)) + Number(indexed.has(column.name)) + Number(referring.has(column.name))
  return columns
    .filter((column) => {
      if (!canBeKey(column) || (column.width ?? 0) > WIDEST) return false
      if (familyOf(column) === 'text') return column.distinct === null || column.distinct < 0 || column.distinct > 50
      // Small numbers (likes, tries) are the same everywhere and mean nothing.
      return familyOf(column) === 'uuid' || rank(column) > 0
    })
    .sort((a, b) => rank(b) - rank(a) || a.position - b.position)
    .slice(0, MOST_COLUMNS)
}

/** Null where no column could be a key. Gives rows of `place` (into `columns`), `hash` and `rows`. */
export function planSketch(candidate: Candidate): SketchPlan | null {
  const columns = pickSketched(candidate)
  if (columns.length === 0) return null
  const all = candidate.rows ?? 0
  const { from, share } = sampleOf(candidate, Math.max(ROWS, ROWS_FOR_ROOT * Math.sqrt(all)), sql`t`)
  const shift = Math.max(
    0,
    Math.floor(Math.log2(Math.max(1, Math.min((all * share) / VALUES, (all * share ** 2) / COMMON)))),
  )
  const values = columns.map((column, place) => sql`(${place}, ${sketchHash(column)})`)
  const query = sql`
    select v.place, v.hash::text as hash, count(*)::float8 as rows
    from ${from}, lateral (values ${join(values)}) as v(place, hash)
    where v.hash & ${raw(String(2 ** shift - 1))} = 0
    group by v.place, v.hash`
  return { columns, share, shift, query }
}

/** The hash of a value however it is written: without blanks, capitals and hyphens. */
function sketchHash(column: CandidateColumn): Sql {
  const text = sql`t.${ident(column.name)}::text collate "C"`
  if (familyOf(column) === 'integer') return sql`hashtextextended(${text}, 0)`
  if (familyOf(column) === 'uuid') return sql`hashtextextended(replace(${text}, '-', ''), 0)`
  if (column.baseType === 'numeric')
    return sql`hashtextextended(trim_scale(t.${ident(column.name)})::text collate "C", 0)`
  const plain = sql`lower(replace(btrim(left(${text}, ${literal(WIDEST * 2)})), '-', ''))`
  return sql`hashtextextended(nullif(${plain}, ''), 0)`
}

/** Of the values of each of two columns, how many the other has: 0 to 1. `common`: values that both sketches hold. */
export function sharesOf(
  left: Sketch,
  right: Sketch,
  common: number,
): { readonly ofLeft: number; readonly ofRight: number } {
  const shift = Math.max(left.shift, right.shift)
  // A value of the left table's sample is in the right table's sample only with the share of that one.
  const share = (kept: number, other: Sketch) => (kept === 0 ? 0 : Math.min(1, common / (kept * other.share)))
  return { ofLeft: share(countKept(left, shift), right), ofRight: share(countKept(right, shift), left) }
}

const kept = new WeakMap<Sketch, Map<number, number>>()

/** How many of its values a sketch with this shift would have kept. */
function countKept(sketch: Sketch, shift: number): number {
  if (shift === sketch.shift) return sketch.hashes.size
  const counts = kept.get(sketch) ?? new Map<number, number>()
  kept.set(sketch, counts)
  let count = counts.get(shift)
  if (count === undefined) {
    count = 0
    for (const hash of sketch.hashes.keys()) if (hash % 2 ** shift === 0) count++
    counts.set(shift, count)
  }
  return count
}

/** The lower 53 bits, which a number holds; a map of numbers takes a fraction of the time of one of bigint. */
export function readHash(text: string): number {
  return Number(BigInt.asUintN(53, BigInt(text)))
}

const ratios = new WeakMap<Sketch, number>()

/** Rows for each different value, at least 1; of a sample of the table it is too low rather than too high. */
export function rowsPerValue(sketch: Sketch): number {
  const known = ratios.get(sketch)
  if (known !== undefined) return known
  const ratio = countRowsPerValue(sketch)
  ratios.set(sketch, ratio)
  return ratio
}

function countRowsPerValue({ hashes, column, share }: Sketch): number {
  let rows = 0
  for (const count of hashes.values()) rows += count
  const sampled = hashes.size === 0 ? 1 : rows / hashes.size
  // What the server has seen of the whole table.
  const known = column.distinct !== null && column.distinct < 0 ? -1 / column.distinct : 1
  return share === 1 ? sampled : Math.max(sampled, known)
}
