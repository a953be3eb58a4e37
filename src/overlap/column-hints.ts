import type { AlignedRow, ColumnMatch } from './align-columns.ts'
import type { CandidateColumn } from './candidate.ts'
import { familyOf, hasKeyName, isNumber, plainName, sharedWords } from './column-family.ts'

interface NumberColumn {
  readonly column: CandidateColumn
  /** Of the values in the middle: one row that is wrong must not make percent of fractions. */
  readonly range: { readonly least: number; readonly most: number } | null
}

/** What names and values suggest of columns whose values differ: a fraction and percent; text that holds numbers. */
export function findHints(
  left: readonly CandidateColumn[],
  right: readonly CandidateColumn[],
  rows: readonly AlignedRow[],
  matches: readonly ColumnMatch[],
): string[] {
  // What was found by its values has its unit already.
  const matched = new Set(matches.filter((one) => one.by === 'values').flatMap((one) => [one.left, one.right]))
  const [ofLeft, ofRight] = [numbersOf(left, rows, 'left', matched), numbersOf(right, rows, 'right', matched)]
  return [
    ...ofLeft.flatMap((one) => ofRight.flatMap((other) => tellUnits(one, other))),
    ...tellNumberTexts(left, rows, 'left'),
    ...tellNumberTexts(right, rows, 'right'),
  ]
}

/** Values that tell something. */
const FEWEST = 8
/** More columns are no table that a person looks at. */
const MOST = 200

function numbersOf(
  columns: readonly CandidateColumn[],
  rows: readonly AlignedRow[],
  side: 'left' | 'right',
  matched: ReadonlySet<CandidateColumn>,
): NumberColumn[] {
  return columns.slice(0, MOST).flatMap((column, at) => {
    if (matched.has(column) || !isNumber(familyOf(column)) || hasKeyName(column.name)) return []
    return [{ column, range: rangeOf(rows, at, side) }]
  })
}

function tellUnits({ column: one, range: a }: NumberColumn, { column: other, range: b }: NumberColumn): string[] {
  if (plainName(one.name) !== plainName(other.name) && sharedWords(one, other) === 0) return []
  const both = `${one.name} and ${other.name}`
  if (isPercentName(one.name) !== isPercentName(other.name))
    return [`${both}: by its name one of them is percent. A fraction and percent?`]
  if (a === null || b === null || a.least < 0 || b.least < 0 || Math.max(a.most, b.most) > 1000) return []
  const [isLeft, isRight] = [isFraction(a), isFraction(b)]
  if (isLeft === isRight) return []
  const [fraction, percent] = isLeft ? ['left', 'right'] : ['right', 'left']
  return [
    `${both}: most values of the ${fraction} one lie between 0 and 1, those of the ${percent} one go beyond. A fraction and percent?`,
  ]
}

function isPercentName(name: string): boolean {
  return /percent|pct|prozent/i.test(name)
}

function isFraction({ most }: { readonly most: number }): boolean {
  return most > 0 && most <= 1
}

function rangeOf(rows: readonly AlignedRow[], at: number, side: 'left' | 'right'): NumberColumn['range'] {
  const values = rows.flatMap((row) => {
    const value = row[side][at] ?? null
    return value === null || !Number.isFinite(Number(value)) ? [] : [Number(value)]
  })
  if (values.length < FEWEST) return null
  values.sort((a, b) => a - b)
  return { least: values[0] ?? 0, most: values[Math.floor((values.length - 1) * 0.9)] ?? 0 }
}

/** Ids are digits by nature. */
function tellNumberTexts(
  columns: readonly CandidateColumn[],
  rows: readonly AlignedRow[],
  side: 'left' | 'right',
): string[] {
  return columns.flatMap((column, at) => {
    if (familyOf(column) !== 'text' || hasKeyName(column.name)) return []
    const values = rows.flatMap((row) => row[side][at] ?? [])
    const numbers = values.filter((value) => /^\s*[-+]?\d+(\.\d+)?\s*$/.test(value))
    if (values.length < FEWEST || numbers.length < values.length * 0.95) return []
    return [`${column.name} (${side}) is text that holds numbers.`]
  })
}
