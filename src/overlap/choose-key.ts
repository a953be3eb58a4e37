import type { Candidate, CandidateColumn } from './candidate.ts'
import { familyOf, hasKeyName, plainName } from './column-family.ts'
import type { JudgedColumns } from './judge-shared.ts'
import { canBeKey, FORM_WORDS } from './key-form.ts'
import type { KeyForm, Spelling } from './overlap-document.ts'
import { type SharedColumn, tellsRows } from './shared-columns.ts'
import { rowsPerValue } from './sketch.ts'

/** Columns of two tables by which their rows may belong together. */
export interface CommonKey {
  readonly left: readonly CandidateColumn[]
  readonly right: readonly CandidateColumn[]
  /** Of the values of the side that has fewer, how many the other has; null where nobody has looked. */
  readonly share: number | null
  readonly why: string
  readonly rank: number
}

/** What could be the common key, the best first. A column that only has the name of a key is there with a share of 0. */
export function findCommonKeys(left: Candidate, right: Candidate, { shared, refused }: JudgedColumns): CommonKey[] {
  const ofPair = (some: readonly SharedColumn[]): CommonKey[] =>
    some.flatMap((one) => {
      if (one.left.table === left.name && one.right.table === right.name) return [keyOfShared(one, false)]
      return one.left.table === right.name && one.right.table === left.name ? [keyOfShared(one, true)] : []
    })
  const own = ofPair(shared)
  const doubted = ofPair(refused).map((one) => ({ ...one, rank: -1 }))
  const composite = findComposite(left, right)
  const named = left.columns.flatMap((a): CommonKey[] => {
    const b = right.columns.find((one) => plainName(one.name) === plainName(a.name))
    const isKnown = [...own, ...doubted].some((one) => one.left[0] === a)
    if (!b || isKnown || !hasKeyName(a.name) || !canBeKey(a) || !canBeKey(b) || (a.sequence && b.sequence)) return []
    return [{ left: [a], right: [b], share: 0, why: 'the same name, but next to no value in common', rank: -1 }]
  })
  return [...own, ...composite, ...doubted, ...named].sort((a, b) => b.rank - a.rank)
}

function keyOfShared(one: SharedColumn, swapped: boolean): CommonKey {
  const [left, right] = swapped ? [one.right, one.left] : [one.left, one.right]
  const named = hasKeyName(left.column.name) || hasKeyName(right.column.name)
  const isKey = named || familyOf(left.column) !== 'text' || familyOf(right.column) !== 'text'
  const rows = rowsPerValue(left) * rowsPerValue(right)
  // A text that happens to be the same is the last to join by; a key that several rows have comes behind one of one row.
  // Where both have several rows of it, it is a part of a key or names something else: what is unique together comes before.
  const isLoose = Math.min(rowsPerValue(left), rowsPerValue(right)) > 1.5
  const isParent = one.standing === 'siblings' && !tellsRows(one)
  const rank = isParent
    ? -1
    : isLoose
      ? 0.5 + one.share / 3
      : (isKey ? 2 : 0) + one.share + (one.meant ? 0.3 : 0) + 0.5 / rows + TRUST[one.verdict]
  const unique = rows < 1.05 ? ', one row for nearly each value' : ''
  const said = isParent ? 'both name a row of a third table, several times each' : one.because
  const because = said === null ? '' : `; ${said}`
  const why = `about ${Math.round(one.share * 100)} % of the values of one are in the other${unique}${because}`
  return { left: [left.column], right: [right.column], share: one.share, why, rank }
}

/** A key whose rows agree in other columns comes before one of which nobody knows. */
const TRUST = { same: 0.7, unknown: 0, other: -0.7 }

/** Unique together in one table, with columns of these names in the other. */
function findComposite(left: Candidate, right: Candidate): CommonKey[] {
  const of = (from: Candidate, to: Candidate): [CandidateColumn[], CandidateColumn[]][] =>
    from.table.indexes.flatMap((index) => {
      if (!index.unique || index.predicate !== null || index.columns.length < 2 || index.columns.length > 4) return []
      const own = index.columns.map((name) => from.columns.find((one) => one.name === name))
      const others = own.map((one) => one && to.columns.find((other) => plainName(other.name) === plainName(one.name)))
      const both = [...own, ...others]
      return both.every((one) => one !== undefined && canBeKey(one))
        ? [[own as CandidateColumn[], others as CandidateColumn[]]]
        : []
    })
  const found = [...of(left, right), ...of(right, left).map(([r, l]) => [l, r] as const)]
  return found.slice(0, 1).map(([l, r]) => ({
    ...{ left: l, right: r, share: null, rank: 1 },
    why: 'unique together in one of the tables, and columns of these names are in the other',
  }))
}

/** The form that two columns need, by how they are written: the plainest in which no spelling keeps a key from its like. */
export function needsOf(both: readonly Spelling[]): {
  readonly isFolded: boolean
  readonly hasUuids: boolean
  readonly areUuids: boolean
  readonly why: string | null
} {
  const sum = (count: (one: Spelling) => number) => both.reduce((n, one) => n + count(one), 0)
  const values = sum((one) => one.uuids + one.digits + one.others)
  const [blanks, capitals] = [sum((one) => one.withBlanksAround), sum((one) => one.withCapitals)]
  const undashed = sum((one) => one.uuidsWithoutHyphens)
  const uuids = sum((one) => one.uuids)
  const hasUuids = uuids * 2 > values && undashed > 0 && undashed < uuids
  // Where most have capitals they are a part of the value (a short id in base 64), and no slip.
  const isFolded = blanks > 0 || (capitals > 0 && capitals * 2 < values)
  const reasons = [
    ...(blanks > 0 ? [`${blanks} with blanks around`] : []),
    ...(isFolded && capitals > 0 ? [`${capitals} with capitals`] : []),
    ...(hasUuids ? [`${undashed} uuids without hyphens`] : []),
  ]
  const areUuids = uuids > 0 && uuids === values
  return { isFolded, hasUuids, areUuids, why: reasons.length > 0 ? reasons.join(', ') : null }
}

/** How the key is compared, and why so. */
export function tellForm(form: KeyForm, why: string | null): string {
  return why === null ? `compared ${FORM_WORDS[form]}` : `compared ${FORM_WORDS[form]}: ${why}`
}
