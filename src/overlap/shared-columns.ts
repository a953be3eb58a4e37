import type { CatalogTable } from '../catalog/types.ts'
import type { Candidate } from './candidate.ts'
import { familyOf, hasKeyName, plainName } from './column-family.ts'
import { isSameReference, type References } from './references.ts'
import { rowsPerValue, type Sketch, sharesOf } from './sketch.ts'
import { ValueIndex } from './value-index.ts'

/** Two columns of different tables that hold the same values. */
export interface SharedColumn {
  readonly left: Sketch
  readonly right: Sketch
  /** Of the values of the side that has fewer of its own, how many the other has: 0 to 1. */
  readonly share: number
  readonly ofLeft: number
  readonly ofRight: number
  /** A foreign key, or the names say so. */
  readonly meant: boolean
  /** own: of the rows themselves. child: one names a row of the other table. siblings: both name a row of a third one. */
  readonly standing: Standing
  /** Whole numbers that no reference joins: each table may count for itself, from 1 on. */
  readonly counts: boolean
  /** Whether rows that share a value belong together, by their other columns. */
  readonly verdict: Verdict
  /** Of the columns that could agree, how many do: 0 to 1. */
  readonly agreement: number
  readonly because: string | null
}

export type Verdict = 'same' | 'other' | 'unknown'

export type Standing = 'own' | 'child' | 'siblings'

/** So many values must be the same before it is no accident. */
const FEWEST = 3
const SHARE = 0.1
/** Where the names say that they are the same, or the tables refer to each other. */
const SHARE_WHERE_MEANT = 0.01

/** Rows for each value in the table that has fewer: beyond that it is a word of a vocabulary, and no key. */
const MOST_ROWS = 1.5
const MOST_ROWS_WHERE_MEANT = 5

/** Every two columns that hold the same values, by the sketches. `giveWay` is called often, with how many of them have been compared. */
export async function findShared(
  candidates: readonly Candidate[],
  sketches: readonly Sketch[],
  references: References,
  giveWay: (done: number) => Promise<void>,
): Promise<SharedColumn[]> {
  const tables = new Map(candidates.map((one) => [one.name, one.table]))
  const values = new ValueIndex(sketches)
  const shared: SharedColumn[] = []
  while (values.indexNext()) await giveWay(0)
  for (const [at, left] of sketches.entries()) {
    await giveWay(at)
    for (const [place, common] of values.countWith(at).entries()) {
      const right = sketches[place]
      if (common === 0 || place <= at || right === undefined) continue
      const found = compareColumns(left, right, common, tables, references)
      if (found !== null) shared.push(found)
    }
  }
  return shared
}

/** Null where they can't be one, or the same values are an accident. */
function compareColumns(
  left: Sketch,
  right: Sketch,
  common: number,
  tables: ReadonlyMap<string, CatalogTable>,
  references: References,
): SharedColumn | null {
  if (left.table === right.table || common < Math.min(FEWEST, left.hashes.size, right.hashes.size)) return null
  const [one, other] = [tables.get(left.table), tables.get(right.table)]
  if (!one || !other || !canMeet(left, right)) return null
  // Words of a vocabulary (a status, a country) are the same everywhere; a key is a key in one of the two.
  const rows = Math.min(rowsPerValue(left), rowsPerValue(right))
  if (rows > MOST_ROWS_WHERE_MEANT) return null
  const standing = standingOf(left, one, right, other, references)
  const meant = standing !== 'own' || isSameKeyName(left, right)
  if (rows > MOST_ROWS && !meant) return null
  const counts = standing === 'own' && (isInteger(left) || isInteger(right))
  if (counts && refersElsewhere(left, right, references)) return null
  const { ofLeft, ofRight } = sharesOf(left, right, common)
  const share = Math.max(ofLeft, ofRight)
  if (share < (meant ? SHARE_WHERE_MEANT : SHARE)) return null
  return {
    ...{ left, right, share, ofLeft, ofRight, meant, standing, counts },
    ...{ verdict: 'unknown', agreement: 0, because: null },
  }
}

function canMeet(left: Sketch, right: Sketch): boolean {
  const kinds = new Set([familyOf(left.column), familyOf(right.column)])
  return !(kinds.has('uuid') && (kinds.has('integer') || kinds.has('number')))
}

function isInteger({ column }: Sketch): boolean {
  return familyOf(column) === 'integer'
}

/** Numbers of other things are the same by accident. */
function refersElsewhere(left: Sketch, right: Sketch, references: References): boolean {
  return [left, right].some(({ table, column }) => references.of(table, column.name) !== null)
}

function standingOf(
  left: Sketch,
  one: CatalogTable,
  right: Sketch,
  other: CatalogTable,
  references: References,
): Standing {
  const [a, b] = [references.of(left.table, left.column.name), references.of(right.table, right.column.name)]
  const place = ({ column }: Sketch, { schema, name }: CatalogTable) => ({ schema, table: name, column: column.name })
  if (a !== null && isSameReference(a, place(right, other))) return 'child'
  if (b !== null && isSameReference(b, place(left, one))) return 'child'
  return a !== null && b !== null && isSameReference(a, b) ? 'siblings' : 'own'
}

/** `tweet_id` and `tweetId` mean the same. */
function isSameKeyName(left: Sketch, right: Sketch): boolean {
  const [a, b] = [left.column, right.column]
  return plainName(a.name) === plainName(b.name) && hasKeyName(a.name)
}

/** Rows for each value, in the table that has more of them. */
export function rowsOfMost({ left, right }: SharedColumn): number {
  return Math.max(rowsPerValue(left), rowsPerValue(right))
}

/** Whether a row of one table finds a few rows of the other by it at most, and not all that hang on the same parent. */
export function tellsRows(one: SharedColumn): boolean {
  const few = Math.min(rowsPerValue(one.left), rowsPerValue(one.right))
  return one.standing === 'siblings' ? rowsOfMost(one) <= MOST_ROWS : few <= MOST_ROWS
}
