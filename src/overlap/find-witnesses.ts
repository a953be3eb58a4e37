import type { AlignedRow } from './align-columns.ts'
import type { CandidateColumn } from './candidate.ts'
import { compareValues, readValues, type Strictness } from './column-agreement.ts'
import { isTime, plainName } from './column-family.ts'

/** Two columns, besides the key, that tell whether rows of one key belong together. */
export interface Witness {
  /** Of times: what is done to a thing is done soon after, in whichever table that is kept. */
  readonly isTime: boolean
  readonly name: string
  readonly agrees: boolean
}

/** Beyond shuffled rows: columns of one name, and columns of any name, of which there are many to try. */
const AGREES = { kappa: 0.2, z: 4 }
const AGREES_BY_ANY_NAME = { kappa: 0.6, z: 5 }

/**
 * Columns of one name, agreeing or not; of other names only those that agree, since that they don't says nothing. The first
 * column of each side is the key: what counts along with it is no witness.
 */
export function findWitnesses(
  { left, right }: { readonly left: readonly CandidateColumn[]; readonly right: readonly CandidateColumn[] },
  rows: readonly AlignedRow[],
  strictness: Strictness,
): Witness[] {
  const [ofLeft, ofRight] = [findHeld(left, rows, 'left'), findHeld(right, rows, 'right')]
  return ofLeft.flatMap((one) =>
    ofRight.flatMap((other): Witness[] => {
      const [a, b] = [one.column.name, other.column.name]
      const isSame = plainName(a) === plainName(b)
      const found = compareValues(one, other, strictness)
      if (found === null) return []
      const least = isSame ? AGREES : AGREES_BY_ANY_NAME
      const agrees = found.kappa >= least.kappa && found.z >= least.z
      // When a row was written differs by nature.
      if (!agrees && (!isSame || isTime(one.family))) return []
      return [{ isTime: isTime(one.family), name: isSame ? a : `${a} = ${b}`, agrees }]
    }),
  )
}

/** But for the key, and columns that are the key with an offset in most rows. */
function findHeld(columns: readonly CandidateColumn[], rows: readonly AlignedRow[], side: 'left' | 'right') {
  const [key, ...others] = readValues(columns, rows, side)
  return others.filter(({ numbers }) => {
    const offsets = new Map<number, number>()
    for (const [at, number] of numbers.entries()) {
      const offset = number - (key?.numbers[at] ?? Number.NaN)
      if (Number.isFinite(offset)) offsets.set(offset, (offsets.get(offset) ?? 0) + 1)
    }
    return Math.max(0, ...offsets.values()) * 2 <= rows.length
  })
}
