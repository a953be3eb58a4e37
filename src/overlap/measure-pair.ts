import { sql } from '../lib/sql.ts'
import { type AlignedRow, alignColumns, type ColumnMatch } from './align-columns.ts'
import { type Candidate, type CandidateColumn, sampleOf } from './candidate.ts'
import { type CommonKey, findCommonKeys, needsOf, tellForm } from './choose-key.ts'
import { familyOf } from './column-family.ts'
import { compareColumnsOf } from './comparison.ts'
import { countKeys, countStates, relationOfCounts, type StateCounts } from './count-states.ts'
import type { JudgedColumns } from './judge-shared.ts'
import { chooseForm } from './key-form.ts'
import type { KeyProfiles } from './key-profiles.ts'
import { findNewerColumn } from './newer-column.ts'
import type { ComparedColumn, KeyChoice, KeyForm, Pair, Sample, Spelling } from './overlap-document.ts'
import { buildAlignQuery, buildPairQuery, MOST_COMPARED, type PairPlan, SAMPLED, type StateRow } from './pair-query.ts'
import { readExamples } from './read-examples.ts'
import type { Reader } from './read-only-session.ts'
import { buildRowsToSee } from './rows-to-see.ts'
import { boundsOf, chooseShift, shareOf } from './sampling.ts'

export interface MeasureOptions {
  /** Percent of the keys; null: all, unless the tables are huge. */
  readonly sample: number | null
  readonly showsValues: boolean
}

/** Compares two tables over all of their rows; where a statement fails, what is known until then stands. */
export async function measurePair(
  reader: Reader,
  profiles: KeyProfiles,
  tables: { readonly left: Candidate; readonly right: Candidate },
  judged: JudgedColumns,
  options: MeasureOptions,
): Promise<Pair> {
  const { left, right } = tables
  const keys = findCommonKeys(left, right, judged)
  const [key] = keys.filter((one) => one.rank >= 0)
  const others = keys.filter((one) => one !== key).map((one) => describeKey(one, 'text'))
  const where = `${left.name} and ${right.name}`
  if (key === undefined) return emptyPair(left, right, others)
  reader.log.progress(`comparing ${where}`)
  const { form, why } = await chooseKeyForm(profiles, left, right, key)
  const ofLeft = await profiles.readWithDuplicates(left, key.left, form)
  const ofRight = await profiles.readWithDuplicates(right, key.right, form)
  const choice = { ...describeKey(key, form), why: `${key.why}; ${tellForm(form, why)}` }
  if (ofLeft === null || ofRight === null) return { ...emptyPair(left, right, others), key: choice }
  const rows = left.rows === null || right.rows === null ? null : left.rows + right.rows
  const [newerLeft, newerRight] = [findNewerColumn(left), findNewerColumn(right)]
  const plan: PairPlan = {
    left: {
      candidate: left,
      key: key.left,
      duplicates: ofLeft.duplicates,
      newer: newerLeft,
    },
    right: {
      candidate: right,
      key: key.right,
      duplicates: ofRight.duplicates,
      newer: newerRight,
    },
    ...{ form, shift: chooseShift(rows, options.sample) },
  }
  const alignment = alignColumns(
    comparable(left, key.left),
    comparable(right, key.right),
    await readAligned(reader, plan),
  )
  const measured = await readStates(reader, plan, alignment.matches)
  const pair = { ...emptyPair(left, right, others), key: choice }
  if (measured === null) return { ...pair, hints: alignment.hints }
  const counts = countKeys(measured.keys)
  const conflicts = alignment.matches.map((match, index) => ({ match, keys: measured.states[index]?.keys ?? [] }))
  const examples = await readExamples(reader, plan, measured.keys, conflicts, options.showsValues)
  return {
    ...pair,
    counts,
    relation: relationOfCounts(counts),
    newerBy: newerLeft && newerRight ? { left: newerLeft.name, right: newerRight.name } : null,
    columns: alignment.matches.flatMap((match, index) => {
      const states = measured.states[index]
      return states === undefined ? [] : [describeColumn(match, states, examples.conflicts[index] ?? [])]
    }),
    leftOnlyColumns: alignment.leftOnly.map((column) => column.name),
    rightOnlyColumns: alignment.rightOnly.map((column) => column.name),
    hints: alignment.hints,
    sample: describeSample(plan.shift, counts),
    toSee: buildRowsToSee(
      plan,
      alignment.matches.filter((_match, index) => isWorthSeeing(measured.states[index])),
    ),
    examples: { onlyLeft: examples.onlyLeft, onlyRight: examples.onlyRight },
  }
}

async function chooseKeyForm(profiles: KeyProfiles, left: Candidate, right: Candidate, key: CommonKey) {
  const columns = [...key.left, ...key.right]
  const plain = chooseForm(columns, { isFolded: false, hasUuids: false, parts: key.left.length })
  if (plain === 'uuid' || plain === 'integer' || key.left.length > 1) return { form: plain, why: null }
  const sides = [
    [left, key.left],
    [right, key.right],
  ] as const
  const spellings: Spelling[] = []
  for (const [candidate, [column]] of sides) {
    if (column === undefined || familyOf(column) !== 'text') continue
    const spelling = await profiles.spelling(candidate, column)
    // Where it can't be read no cast is safe.
    if (spelling === null) return { form: plain, why: null }
    spellings.push(spelling)
  }
  const needs = needsOf(spellings)
  return { form: chooseForm(columns, needs), why: needs.why }
}

/** The key itself needs no comparing, and numbers that each table draws for itself mean nothing to the other. */
function comparable(candidate: Candidate, key: readonly CandidateColumn[]): CandidateColumn[] {
  return candidate.columns.filter((column) => !key.includes(column) && !isOwnNumber(column))
}

function isOwnNumber(column: CandidateColumn): boolean {
  return familyOf(column) === 'integer' && (column.sequence !== null || column.identity !== null)
}

async function readAligned(reader: Reader, plan: PairPlan): Promise<AlignedRow[]> {
  const { left, right } = plan
  const columns = {
    left: comparable(left.candidate, left.key),
    right: comparable(right.candidate, right.key),
  }
  const where = `${left.candidate.name} and ${right.candidate.name}`
  const { from } = sampleOf(left.candidate, SAMPLED, sql`l`)
  return (await reader.rows<AlignedRow & object>(where, buildAlignQuery(plan, from, columns))) ?? []
}

interface Measured {
  /** Those of the key itself. */
  readonly keys: readonly StateRow[]
  /** By match. */
  readonly states: readonly StateCounts[]
}

async function readStates(reader: Reader, plan: PairPlan, matches: readonly ColumnMatch[]): Promise<Measured | null> {
  const where = `${plan.left.candidate.name} and ${plan.right.candidate.name}`
  const states: StateCounts[] = []
  let keys: readonly StateRow[] = []
  for (let from = 0; from === 0 || from < matches.length; from += MOST_COMPARED) {
    const some = matches.slice(from, from + MOST_COMPARED).map((match) => compareColumnsOf(match.left, match.right))
    const rows = await reader.rows<StateRow & object>(where, buildPairQuery(plan, some), duplicatesOf(plan))
    if (rows === null) return from === 0 ? null : { keys, states }
    const grown = scale(rows, plan.shift)
    if (from === 0) keys = grown.filter((row) => row.place === -1)
    states.push(...some.map((comparison, place) => countStates(grown, place, comparison)))
  }
  return { keys, states }
}

/** Only those that the statement names. */
function duplicatesOf({ left, right }: PairPlan): (readonly string[])[] {
  return [left.duplicates ?? [], right.duplicates ?? []]
}

/** A column that agrees nowhere is another thing, and times of writing differ by nature. */
function isWorthSeeing(states: StateCounts | undefined): boolean {
  if (states === undefined) return false
  return states.conflicting > states.nearly.reduce((sum, { count }) => sum + count, 0)
}

/** What a sample stands for. */
function scale(rows: readonly StateRow[], shift: number): StateRow[] {
  return rows.map((row) => ({ ...row, n: row.n * 2 ** shift }))
}

function describeSample(shift: number, counts: { shared: number; onlyLeft: number; onlyRight: number }): Sample | null {
  if (shift === 0) return null
  const share = shareOf(shift)
  const bounds = (count: number) => boundsOf(count * share, share)
  const { shared, onlyLeft, onlyRight } = counts
  return {
    share,
    keys: (shared + onlyLeft + onlyRight) * share,
    bounds: { shared: bounds(shared), onlyLeft: bounds(onlyLeft), onlyRight: bounds(onlyRight) },
  }
}

function describeColumn(match: ColumnMatch, states: StateCounts, examples: ComparedColumn['examples']): ComparedColumn {
  const { keys: _keys, ...counts } = states
  const { note } = compareColumnsOf(match.left, match.right)
  const ofBoth = states.equal + states.conflicting
  const notes = states.nearly.filter(({ count }) => count * 2 > ofBoth).map(({ how }) => `in most rows ${how}`)
  return {
    ...{ left: match.left.name, right: match.right.name, by: match.by },
    ...{ leftType: match.left.type, rightType: match.right.type },
    ...counts,
    notes: [...(note === null ? [] : [note]), ...notes],
    examples,
  }
}

function describeKey({ left, right, share, why }: CommonKey, form: KeyForm): KeyChoice {
  const names = (columns: readonly CandidateColumn[]) => columns.map((one) => one.name)
  return { left: names(left), right: names(right), form, estimatedShare: share, why }
}

function emptyPair(left: Candidate, right: Candidate, otherKeys: readonly KeyChoice[]): Pair {
  return {
    ...{ left: left.name, right: right.name, key: null, otherKeys, counts: null, relation: null, newerBy: null },
    ...{ columns: [], leftOnlyColumns: [], rightOnlyColumns: [], hints: [], sample: null, toSee: null },
    examples: { onlyLeft: [], onlyRight: [] },
  }
}
