import type { CandidateColumn } from './candidate.ts'
import { type Family, familyOf, isNumber, isTime, plainName, sharedWords } from './column-family.ts'
import { findHints } from './column-hints.ts'

/** Rows of both sides that share a key, as text; the values in the order of the columns. */
export interface AlignedRow {
  readonly left: readonly (string | null)[]
  readonly right: readonly (string | null)[]
}

export interface ColumnMatch {
  readonly left: CandidateColumn
  readonly right: CandidateColumn
  readonly by: 'name' | 'values'
}

export interface Alignment {
  readonly matches: readonly ColumnMatch[]
  readonly leftOnly: readonly CandidateColumn[]
  readonly rightOnly: readonly CandidateColumn[]
  /** What the values suggest of columns that no match could be made of, or of those that have a match. */
  readonly hints: readonly string[]
}

/** Fewer rows with both values tell nothing. */
const FEWEST = 8
/** Each column of one side is held against each of the other. */
const MOST_OPEN = 120
/** Beyond what would agree by accident (Cohen's kappa), 0 to 1. */
const ALIKE = 0.6

/**
 * Which column of one table is which of the other: those of the same name, then those that hold the same values in rows of
 * the same key. Two vocabularies of three words agree in a third of all rows by accident; that is taken off.
 */
export function alignColumns(
  left: readonly CandidateColumn[],
  right: readonly CandidateColumn[],
  rows: readonly AlignedRow[],
): Alignment {
  const matches: ColumnMatch[] = []
  const [openLeft, openRight] = [new Set(left), new Set(right)]
  const take = (match: ColumnMatch) => {
    matches.push(match)
    openLeft.delete(match.left)
    openRight.delete(match.right)
  }
  for (const one of left) {
    const same = right.find((other) => openRight.has(other) && plainName(other.name) === plainName(one.name))
    if (same) take({ left: one, right: same, by: 'name' })
  }
  const found = [...openLeft].slice(0, MOST_OPEN).flatMap((one) =>
    [...openRight].slice(0, MOST_OPEN).flatMap((other) => {
      const likeness = compareValues(one, other, rows, left.indexOf(one), right.indexOf(other))
      return likeness >= ALIKE ? [{ one, other, likeness: likeness + sharedWords(one, other) / 100 }] : []
    }),
  )
  found.sort((a, b) => b.likeness - a.likeness)
  for (const { one, other } of found)
    if (openLeft.has(one) && openRight.has(other)) take({ left: one, right: other, by: 'values' })
  const order = (match: ColumnMatch) => left.indexOf(match.left)
  return {
    matches: matches.sort((a, b) => order(a) - order(b)),
    leftOnly: [...openLeft],
    rightOnly: [...openRight],
    hints: findHints(left, right, rows, matches),
  }
}

/** How often two columns agree beyond accident, 0 to 1. */
function compareValues(
  one: CandidateColumn,
  other: CandidateColumn,
  rows: readonly AlignedRow[],
  leftAt: number,
  rightAt: number,
): number {
  const [a, b] = [familyOf(one), familyOf(other)]
  const agree = chooseTest(a, b)
  if (agree === null) return 0
  const counts = { both: 0, same: 0 }
  const [ofLeft, ofRight] = [new Map<string, number>(), new Map<string, number>()]
  for (const { left, right } of rows) {
    const [l, r] = [left[leftAt] ?? null, right[rightAt] ?? null]
    if (l === null || r === null) continue
    counts.both++
    if (agree(l, r)) counts.same++
    ofLeft.set(l, (ofLeft.get(l) ?? 0) + 1)
    ofRight.set(r, (ofRight.get(r) ?? 0) + 1)
  }
  // A column with one value agrees with any other that has it.
  if (counts.both < FEWEST || ofLeft.size < 2 || ofRight.size < 2) return 0
  const share = counts.same / counts.both
  const accident = countAccident(ofLeft, ofRight, agree) / counts.both ** 2
  return accident >= 1 ? 0 : (share - accident) / (1 - accident)
}

/** Pairs that would agree if the rows were shuffled. Of many values few are, and every pair would be too many to look at. */
function countAccident(
  left: ReadonlyMap<string, number>,
  right: ReadonlyMap<string, number>,
  agree: (left: string, right: string) => boolean,
): number {
  if (left.size * right.size > 2_500) {
    let same = 0
    for (const [value, count] of left) same += count * (right.get(value) ?? 0)
    return same
  }
  let same = 0
  for (const [l, times] of left) for (const [r, count] of right) if (agree(l, r)) same += times * count
  return same
}

function chooseTest(a: Family, b: Family): ((left: string, right: string) => boolean) | null {
  if (isNumber(a) && isNumber(b)) return (l, r) => isNear(Number(l), Number(r)) || isHundredfold(Number(l), Number(r))
  if (isTime(a) && isTime(b)) return (l, r) => Math.abs(Date.parse(l) - Date.parse(r)) < 600_000
  if (isTime(a) || isTime(b) || a === 'boolean' || b === 'boolean') return a === b ? (l, r) => l === r : null
  if (isNumber(a) !== isNumber(b) && a !== 'text' && b !== 'text') return null
  return (l, r) => fold(l) === fold(r)
}

function isNear(a: number, b: number): boolean {
  return a === b || Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b))
}

/** As `comparison.ts` has it in SQL. */
function isHundredfold(a: number, b: number): boolean {
  const holds = (small: number, large: number) =>
    small !== 0 && Math.abs(small * 100 - large) <= Math.max(0.05, Math.abs(large) * 0.005)
  return holds(a, b) || holds(b, a)
}

function fold(text: string): string {
  return text.trim().toLowerCase().replaceAll('-', '')
}
