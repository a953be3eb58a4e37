import type { AlignedRow } from './align-columns.ts'
import type { CandidateColumn } from './candidate.ts'
import { type Family, familyOf, isNumber, isTime } from './column-family.ts'

/** How two columns agree in rows of one key. */
export interface Agreement {
  /** Beyond what would agree if the rows were shuffled (Cohen's kappa), 1 at most. */
  readonly kappa: number
  /** In standard deviations of what shuffling gives. */
  readonly z: number
}

/** Fewer rows with both values tell nothing. */
const FEWEST = 8

/**
 * near: what measurements and units make of one value counts as the same. exact: times of the same second, numbers that are
 * equal; what grows with a serial number is near in tables that have nothing to do with each other.
 */
export type Strictness = 'near' | 'exact'

/** The values of a column in rows of one key, each made comparable once. */
export interface ColumnValues {
  readonly column: CandidateColumn
  readonly family: Family
  /** Without capitals, hyphens and blanks around. */
  readonly texts: readonly (string | null)[]
  /** Of numbers and times; NaN where there is none. */
  readonly numbers: readonly number[]
}

export function readValues(
  columns: readonly CandidateColumn[],
  rows: readonly AlignedRow[],
  side: 'left' | 'right',
): ColumnValues[] {
  return columns.map((column, at) => {
    const values = rows.map((row) => row[side][at] ?? null)
    const family = familyOf(column)
    const toNumber = isTime(family) ? Date.parse : isNumber(family) ? Number : () => Number.NaN
    return {
      ...{ column, family },
      texts: values.map((value) => (value === null ? null : value.trim().toLowerCase().replaceAll('-', ''))),
      numbers: values.map((value) => (value === null ? Number.NaN : toNumber(value))),
    }
  })
}

/** Null where the columns can't be compared or too few rows have both. */
export function compareValues(
  left: ColumnValues,
  right: ColumnValues,
  strictness: Strictness = 'near',
): Agreement | null {
  const near = chooseTest(left.family, right.family, strictness)
  if (near === null) return null
  const isText = near === SAME_TEXT
  const counts = { both: 0, same: 0 }
  const [ofLeft, ofRight] = [new Map<string | number, number>(), new Map<string | number, number>()]
  for (const [at, text] of left.texts.entries()) {
    const other = right.texts[at] ?? null
    if (text === null || other === null) continue
    const [l, r] = isText ? [text, other] : [left.numbers[at] ?? Number.NaN, right.numbers[at] ?? Number.NaN]
    counts.both++
    if (l === r || near(l as number, r as number)) counts.same++
    ofLeft.set(l, (ofLeft.get(l) ?? 0) + 1)
    ofRight.set(r, (ofRight.get(r) ?? 0) + 1)
  }
  // A column with one value agrees with any other that has it.
  if (counts.both < FEWEST || ofLeft.size < 2 || ofRight.size < 2) return null
  const accident = countAccident(ofLeft, ofRight, near) / counts.both ** 2
  if (accident >= 1) return null
  const kappa = (counts.same / counts.both - accident) / (1 - accident)
  const spread = Math.sqrt(counts.both * Math.max(accident, 1 / counts.both) * (1 - accident))
  return { kappa, z: (counts.same - counts.both * accident) / spread }
}

type Values = ReadonlyMap<string | number, number>
type Test = (left: number, right: number) => boolean

/** Values of each side that are held against each other; more would be too many pairs to look at. */
const MOST_HELD = 50

/** Pairs that would agree if the rows were shuffled: equal ones all, those that are only near by a sample. */
function countAccident(left: Values, right: Values, near: Test): number {
  let equal = 0
  for (const [value, count] of left) equal += count * (right.get(value) ?? 0)
  if (near === SAME_TEXT) return equal
  let others = 0
  const [some, held] = [takeEvenly(left), takeEvenly(right)]
  for (const [l, times] of some)
    for (const [r, count] of held) if (l !== r && near(l as number, r as number)) others += times * count
  return equal + others * (left.size / some.length) * (right.size / held.length)
}

function takeEvenly(values: Values): [string | number, number][] {
  const step = Math.ceil(values.size / MOST_HELD)
  return [...values].filter((_value, index) => index % step === 0)
}

/** Texts are equal or not. */
const SAME_TEXT: Test = () => false

function chooseTest(a: Family, b: Family, strictness: Strictness): Test | null {
  const apart = strictness === 'near' ? 600_000 : 1_000
  if (isNumber(a) && isNumber(b)) return strictness === 'near' ? isNearOrHundredfold : isNear
  if (isTime(a) && isTime(b)) return (l, r) => Math.abs(l - r) < apart
  if (isTime(a) || isTime(b) || a === 'boolean' || b === 'boolean') return a === b ? SAME_TEXT : null
  if (isNumber(a) !== isNumber(b) && a !== 'text' && b !== 'text') return null
  return SAME_TEXT
}

function isNear(a: number, b: number): boolean {
  return a === b || Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b))
}

/** As `comparison.ts` has it in SQL. */
function isNearOrHundredfold(a: number, b: number): boolean {
  const holds = (small: number, large: number) =>
    small !== 0 && Math.abs(small * 100 - large) <= Math.max(0.05, Math.abs(large) * 0.005)
  return isNear(a, b) || holds(a, b) || holds(b, a)
}
