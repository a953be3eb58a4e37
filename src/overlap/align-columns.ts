import type { CandidateColumn } from './candidate.ts'
import { type ColumnValues, compareValues, readValues } from './column-agreement.ts'
import { plainName, sharedWords } from './column-family.ts'
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
  const isOpen = (open: ReadonlySet<CandidateColumn>) => (one: ColumnValues) => open.has(one.column)
  const ofLeft = readValues(left, rows, 'left').filter(isOpen(openLeft)).slice(0, MOST_OPEN)
  const ofRight = readValues(right, rows, 'right').filter(isOpen(openRight)).slice(0, MOST_OPEN)
  const found = ofLeft.flatMap((a) =>
    ofRight.flatMap((b) => {
      const [one, other] = [a.column, b.column]
      const likeness = compareValues(a, b)?.kappa ?? 0
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
