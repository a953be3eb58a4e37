import { namePartsOf } from '../codemap/suspects/name-tokens.ts'
import { sql } from '../lib/sql.ts'
import type { AlignedRow } from './align-columns.ts'
import { type Candidate, type CandidateColumn, sampleOf } from './candidate.ts'
import { familyOf, hasKeyName, isEverywhere, plainName } from './column-family.ts'
import { findWitnesses } from './find-witnesses.ts'
import { chooseForm } from './key-form.ts'
import { judgeGaps, readGaps } from './number-gaps.ts'
import { buildAlignQuery, type PairPlan } from './pair-query.ts'
import type { Reader } from './read-only-session.ts'
import { rowsOfMost, type SharedColumn, type Verdict } from './shared-columns.ts'

/** What two tables share, without numbers that each of them counts for itself. */
export interface JudgedColumns {
  readonly shared: readonly SharedColumn[]
  /** Those of the numbers that were looked at. */
  readonly refused: readonly SharedColumn[]
}

/** Each is a look at the rows of two tables. */
const MOST_JUDGED = 120
/** Rows of the left table that are looked up in the right one. */
const SEEN = 400
/** In the table that has more rows of one value: beyond that it is no key of its rows. */
const MOST_ROWS = 5

/**
 * Whether rows that share a value belong together. Where they do, some of their other columns agree; where they only happen
 * to have the same value, none does more often than if the rows were shuffled. Numbers drawn from 1 on are the same in every
 * table, so they are no key unless the other columns, a foreign key or their gaps say so.
 */
export async function judgeShared(
  reader: Reader,
  candidates: readonly Candidate[],
  shared: readonly SharedColumn[],
  named: readonly Candidate[],
): Promise<JudgedColumns> {
  const byName = new Map(candidates.map((one) => [one.name, one]))
  const isNamed = new Set(named.map((one) => one.name))
  const judged = new Map<SharedColumn, SharedColumn>()
  let looks = 0
  const ofPairs = new Map<string, SharedColumn[]>()
  for (const one of shared) ofPairs.set(pairOf(one), [...(ofPairs.get(pairOf(one)) ?? []), one])
  // Numbers last: there are most of them. Of the others those of one row for each value first.
  const open = [...shared].sort(
    (a, b) => Number(a.counts) - Number(b.counts) || rowsOfMost(a) - rowsOfMost(b) || b.share - a.share,
  )
  for (const one of open) {
    const [left, right] = [byName.get(one.left.table), byName.get(one.right.table)]
    if (!left || !right || looks >= MOST_JUDGED) continue
    const isAsked = isNamed.has(left.name) && isNamed.has(right.name)
    if (isNamed.size > 0 && !isAsked) continue
    const ofPair = ofPairs.get(pairOf(one)) ?? []
    const better = one.counts && areDrawn(one) ? ofPair.find(isBetter) : undefined
    if (better !== undefined) {
      judged.set(one, { ...one, verdict: 'other', because: `both are drawn, and ${better.left.column.name} is shared` })
      continue
    }
    if (!isWorthLooking(one, { left, right, isAsked }, ofPair)) continue
    looks++
    reader.log.progress(`asking whether rows of ${left.name} and ${right.name} are the same things`)
    judged.set(one, { ...one, ...(await judge(reader, one, left, right)) })
  }
  const all = shared.map((one) => judged.get(one) ?? one)
  return {
    shared: all.filter((one) => !one.counts || one.verdict === 'same'),
    refused: all.filter((one) => one.counts && one.verdict === 'other'),
  }
}

function areDrawn({ left, right }: SharedColumn): boolean {
  return left.column.sequence !== null && right.column.sequence !== null
}

/** A key that nobody counts: then the numbers of its tables needn't be looked at. */
function isBetter(one: SharedColumn): boolean {
  if (one.counts || one.standing !== 'own' || one.share <= 0.5 || rowsOfMost(one) >= 1.2) return false
  return familyOf(one.left.column) === 'uuid' || hasKeyName(one.left.column.name)
}

/** Sketches come in the order of the tables, so of two tables the same one is always the left one. */
function pairOf({ left, right }: SharedColumn): string {
  return JSON.stringify([left.table, right.table])
}

interface Pair {
  readonly left: Candidate
  readonly right: Candidate
  /** A person named both. */
  readonly isAsked: boolean
}

function isWorthLooking(one: SharedColumn, { left, right, isAsked }: Pair, ofPair: readonly SharedColumn[]): boolean {
  if (one.standing === 'siblings' || rowsOfMost(one) > (one.standing === 'child' ? 1.2 : MOST_ROWS)) return false
  const others = ofPair.filter((other) => other !== one)
  const hasOther = others.some((other) => !other.counts && other.standing === 'own')
  // A pair that is compared anyway, by the one key that it could have, needs no second look.
  if (!one.counts) return !isAsked || others.some((other) => other.standing === 'own' && !other.counts)
  // Every two tables count; a look at the rows is for those that have more in common.
  return isAsked || hasOther || (one.meant && !areDrawn(one)) || shareNames(left, right)
}

function shareNames(left: Candidate, right: Candidate): boolean {
  const [words, others] = [namePartsOf(left.table.name).core, namePartsOf(right.table.name).core]
  const common = left.columns.filter(
    ({ name }) =>
      !isEverywhere(name) &&
      !hasKeyName(name) &&
      right.columns.some((other) => plainName(other.name) === plainName(name)),
  )
  return common.length > 1 || (common.length > 0 && words.some((word) => others.includes(word)))
}

async function judge(
  reader: Reader,
  { left: one, right: other, counts, meant }: SharedColumn,
  left: Candidate,
  right: Candidate,
): Promise<Partial<SharedColumn>> {
  const form = chooseForm([one.column, other.column], { isFolded: !counts, hasUuids: !counts })
  const rest = { duplicates: null, newer: null }
  const plan: PairPlan = {
    left: { candidate: left, key: [one.column], ...rest },
    right: { candidate: right, key: [other.column], ...rest },
    ...{ form, shift: 0 },
  }
  const where = `${left.name} and ${right.name}`
  const columns = { left: witnesses(left, one.column), right: witnesses(right, other.column) }
  const { from } = sampleOf(left, SEEN, sql`l`)
  const rows = (await reader.rows<AlignedRow & object>(where, buildAlignQuery(plan, from, columns, SEEN))) ?? []
  const found = findWitnesses(columns, rows, counts ? 'exact' : 'near')
  const agreed = found.filter((witness) => witness.agrees)
  const agreeing = agreed.some((one) => !one.isTime) || counts ? agreed.map((witness) => witness.name) : []
  if (agreeing.length > 0) {
    const because = `rows of one value agree in ${tellNames(agreeing)} far beyond accident`
    const facts = Math.min(...[columns.left, columns.right].map((some) => some.length - 1))
    return { verdict: 'same', agreement: Math.min(1, agreeing.length / Math.max(1, facts)), because }
  }
  const names = tellNames(found.map((witness) => witness.name))
  const apart = `rows of one value agree in ${names} no more often than shuffled ones`
  if (!counts)
    return found.length > 0 && agreed.length === 0
      ? { verdict: 'other', because: apart }
      : { verdict: 'unknown', because: null }
  const gaps = areNumbers(plan) ? judgeGaps(await readGaps(reader, where, plan)) : 'unknown'
  if (gaps === 'same') return { verdict: 'same', because: 'the numbers that are missing are the same ones' }
  if (gaps === 'own') return count('each has gaps of its own')
  if (found.length > 0) return count(apart)
  if (one.column.sequence && other.column.sequence) return count('nothing else can be compared, and both are drawn')
  if (!meant) return count('nothing else can be compared, and their names differ')
  return { verdict: 'same', because: 'one name, and not both are drawn from a sequence; nothing else can be compared' }
}

function count(why: string): { readonly verdict: Verdict; readonly because: string } {
  return { verdict: 'other', because: `${why}: each table counts for itself` }
}

function areNumbers({ left, right }: PairPlan): boolean {
  return [...left.key, ...right.key].every((column) => familyOf(column) === 'integer')
}

function tellNames(names: readonly string[]): string {
  return names.length > 4 ? `${names.slice(0, 4).join(', ')} and ${names.length - 4} more` : names.join(', ')
}

/** The key, and what may tell of the same row; numbers that a table draws for itself say nothing of another. */
function witnesses({ columns }: Candidate, key: CandidateColumn): CandidateColumn[] {
  return [key, ...columns.filter((column) => column !== key && column.sequence === null)]
}
