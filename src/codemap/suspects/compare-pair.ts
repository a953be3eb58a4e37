import type { FunctionId } from '../code-graph.ts'
import { isLinkTable } from '../queries/link-tables.ts'
import { referencesTo } from './name-tokens.ts'
import type { TraitSpace, Traits } from './traits.ts'

/** What speaks for two tables being the same thing. Each figure is 0 to 1. */
export interface Likeness {
  readonly a: string
  readonly b: string
  readonly score: number
  /** The qualifiers by which alone the names differ; null where they differ by more. */
  readonly qualifiers: readonly string[] | null
  readonly words: readonly string[]
  /** The rarest first. */
  readonly columns: readonly string[]
  readonly writers: readonly FunctionId[]
  /** Expressions that are put into both, each with its columns. */
  readonly values: readonly { readonly text: string; readonly columns: readonly [string, string] }[]
  readonly readers: readonly FunctionId[]
}

/**
 * How much each kind of evidence counts. They are joined as independent causes (noisy or). No kind reaches LIKELY by
 * itself, since tables of one subject share words, an order and its lines are written side by side, and many tables have
 * a status and a title; but a record of which three values go into two tables and no other is the same record. Chosen so that on the programs in test/codemap/programs every pair that a person would
 * call twins is above, and every other is clearly below.
 */
const WEIGHTS = { name: 0.5, columns: 0.65, values: 0.9, writers: 0.25, readers: 0.35 }
export const LIKELY = 0.55
/** Not worth keeping. */
const FAINT = 0.1
/**
 * Where only one of the two has a column that names rows of the other, they are parent and child, not twins; and a table
 * that links two others is like other links by nature.
 */
const KINSHIP = 0.3

/** Compares two tables of a space; null where next to nothing speaks for them. */
export function comparePair(a: Traits, b: Traits, space: TraitSpace): Likeness | null {
  const name = compareNames(a, b, space)
  const columns = compareColumns(a, b, space)
  const writing = compareWriting(a, b, space)
  const reading = compareReading(a, b, space)
  const shares = [
    WEIGHTS.name * name.share,
    WEIGHTS.columns * columns.share,
    WEIGHTS.values * writing.valueShare,
    WEIGHTS.writers * writing.share,
    WEIGHTS.readers * reading.share,
  ]
  const joined = 1 - shares.reduce((against, share) => against * (1 - share), 1)
  if (joined < FAINT) return null
  const twinsByName = name.qualifiers !== null && !contradict(a, b, columns.common, space)
  const apart = !twinsByName && (areKin(a, b) || isLinkTable(a.columns) || isLinkTable(b.columns))
  const score = Math.max(twinsByName ? LIKELY : 0, joined) * (apart ? KINSHIP : 1)
  return {
    ...{ a: a.key, b: b.key, score },
    ...{ qualifiers: twinsByName ? name.qualifiers : null, words: name.words },
    ...{ columns: columns.common, writers: writing.functions, values: writing.values, readers: reading.functions },
  }
}

function compareNames(a: Traits, b: Traits, { wordWeight }: TraitSpace) {
  const words = a.name.core.filter((word) => b.name.core.includes(word))
  const all = new Set([...a.name.core, ...b.name.core])
  // A word that is written twice in a name counts once.
  const share = weigh(new Set(words), wordWeight) / (weigh(all, wordWeight) || 1)
  const same = a.name.core.join(' ') === b.name.core.join(' ')
  const differ = [...a.name.qualifiers, ...b.name.qualifiers].filter(
    (one) => !(a.name.qualifiers.includes(one) && b.name.qualifiers.includes(one)),
  )
  return { share, words, qualifiers: same ? differ : null }
}

/** Both have several columns that say something, and none in common: only the name is the same. */
function contradict(a: Traits, b: Traits, common: readonly string[], { columnWeight }: TraitSpace): boolean {
  const telling = (one: Traits) => [...one.columns].filter((column) => columnWeight(column) > 0).length
  return common.length === 0 && Math.min(telling(a), telling(b)) >= 3
}

/** Cosine of the weighted sets, less where little is in common: columns that every table has, or one column alone. */
function compareColumns(a: Traits, b: Traits, { columnWeight }: TraitSpace) {
  const common = [...a.columns].filter((column) => b.columns.has(column) && columnWeight(column) > 0)
  common.sort((one, other) => columnWeight(other) - columnWeight(one))
  const norm = Math.sqrt(weigh(a.columns, columnWeight) * weigh(b.columns, columnWeight))
  const weight = weigh(common, columnWeight)
  return { common, share: norm === 0 ? 0 : (weight / norm) * (1 - 0.5 ** (2 * weight)) }
}

/** Functions that write both, out of those that write the rarer one; and the values that go into both. */
function compareWriting(a: Traits, b: Traits, { units }: TraitSpace) {
  const [withA, withB] = [units.get(a.key) ?? [], units.get(b.key) ?? []]
  const both = withA.filter((unit) => unit.tables.has(b.key))
  const values = new Map<string, { text: string; columns: readonly [string, string]; weight: number }>()
  for (const unit of both) {
    for (const [text, into] of unit.expressions) {
      const [left, right] = [into.get(a.key), into.get(b.key)]
      if (left === undefined || right === undefined) continue
      // What goes into many tables at once is what ties them together (a key), not what makes two of them the same.
      const weight = 1 / (into.size - 1)
      if (weight > (values.get(text)?.weight ?? 0)) values.set(text, { text, columns: [left, right], weight })
    }
  }
  const found = [...values.values()].sort((one, other) => other.weight - one.weight)
  const total = found.reduce((sum, one) => sum + one.weight, 0)
  const fewest = Math.min(withA.length, withB.length)
  return {
    // Who calls a function that writes both writes both as well, and adds nothing to it.
    functions: both
      .filter((unit) => !both.some((inner) => inner !== unit && unit.reached.has(inner.id)))
      .map((unit) => unit.id),
    share: fewest === 0 ? 0 : both.length / fewest,
    values: found.map(({ text, columns }) => ({ text, columns })),
    // One value in common may be the key of what both belong to; several are a record that is told twice.
    valueShare: (total / (total + 1)) * (1 - 0.5 ** found.length),
  }
}

/** Functions that read two columns or more of the same name from both: one table is asked where the other has nothing. */
function compareReading(a: Traits, b: Traits, { reads, columnWeight }: TraitSpace) {
  const [ofA, ofB] = [reads.get(a.key), reads.get(b.key)]
  const functions: FunctionId[] = []
  if (ofA === undefined || ofB === undefined) return { functions, share: 0 }
  for (const [id, left] of ofA) {
    const right = ofB.get(id)
    let same = 0
    if (right !== undefined) for (const column of left) if (right.has(column) && columnWeight(column) > 0) same++
    if (same >= 2) functions.push(id)
  }
  return { functions, share: functions.length / (functions.length + 1) }
}

function areKin(a: Traits, b: Traits): boolean {
  return isChild(a, b) || isChild(b, a)
}

function isChild(child: Traits, parent: Traits): boolean {
  const has = (columns: ReadonlySet<string>, reference: string) =>
    columns.has(reference) || columns.has(reference.replace(/_(\w)/g, (_all, letter: string) => letter.toUpperCase()))
  return referencesTo(parent.name.core.join('_')).some(
    (reference) => has(child.columns, reference) && !has(parent.columns, reference),
  )
}

function weigh(items: Iterable<string>, weight: (item: string) => number): number {
  let sum = 0
  for (const item of items) sum += weight(item)
  return sum
}
