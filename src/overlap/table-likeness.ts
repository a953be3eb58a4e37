import type { SuspectGroup } from '../codemap/interaction-map.ts'
import { namePartsOf } from '../codemap/suspects/name-tokens.ts'
import type { Candidate, CandidateColumn } from './candidate.ts'
import { familyOf, hasKeyName, isEverywhere, plainName } from './column-family.ts'
import type { References } from './references.ts'
import { rowsOfMost, type SharedColumn } from './shared-columns.ts'

/** How much two tables look like the same thing, 0 to 1, and why. */
export interface Likeness {
  readonly score: number
  readonly sentences: readonly string[]
}

export interface Evidence {
  readonly shared: readonly SharedColumn[]
  readonly references: References
  /** Of DATABASE_INTERACTION_MAP.json, where there is one. */
  readonly map: readonly SuspectGroup[]
}

/**
 * How much each kind of evidence counts at most; they are joined as independent causes (noisy or), as the map does it.
 * Contents that two tables share under whatever name say most: that is the same fact told twice. A key of the rows' own says
 * nearly as much. A key that names a row of a third table says that both hang on it, which tables do that have nothing
 * else to do with each other; it counts where both have one row for each, and not at all where they have several.
 */
const WEIGHTS = {
  map: 0.9,
  copy: 0.55,
  name: 0.45,
  columns: 0.7,
  shape: 0.3,
  key: 0.7,
  loose: 0.4,
  siblings: 0.25,
  contents: 0.75,
}

/** What a column that names a row of another table weighs, beside one that holds a fact. */
const REFERENCE = 0.15
/** Of structure alone: the rows are there, and not one of them is in the other table. */
const APART = 0.7
/** Less is no row in common. */
const LEAST_SHARED = 0.15
/** Each hangs on a table that the other doesn't know. */
const ELSEWHERE = 0.5
/** One is what the other refers to. */
const CHILD = 0.3

export class TableLikeness {
  readonly #weights: ReadonlyMap<string, number>
  readonly #evidence: Evidence

  /** `all` tells what every table has. */
  constructor(all: readonly Candidate[], evidence: Evidence) {
    this.#weights = weighColumns(all)
    this.#evidence = evidence
  }

  compare(a: Candidate, b: Candidate): Likeness {
    const { map, shared, references } = this.#evidence
    const own = shared.filter(({ left, right }) => isPair(left.table, right.table, a.name, b.name))
    const names = compareNames(a, b)
    const shape = [this.#compareColumns(a, b), compareShapes(factsOf(a, references), factsOf(b, references))]
    const [keys, contents] = compareContents(own)
    const isApart = keys.score + contents.score < LEAST_SHARED && names.score < WEIGHTS.copy
    const structure =
      join([names, ...shape]) * (isApart ? APART : 1) * (hangElsewhere(a, b, references) ? ELSEWHERE : 1)
    const parts = [compareByMap(a, b, map), { score: structure, sentences: [] }, keys, contents]
    // What one refers to is its parent; a child is no twin, unless they tell the same contents.
    const isChild = refersTo(a, b, references) !== refersTo(b, a, references)
    const score =
      join(parts) * (isChild && contents.score <= 0.3 && keys.score < 0.3 && names.score < WEIGHTS.copy ? CHILD : 1)
    return { score, sentences: [parts[0], names, ...shape, keys, contents].flatMap((one) => one?.sentences ?? []) }
  }

  #compareColumns(a: Candidate, b: Candidate): Likeness {
    const { references } = this.#evidence
    const weigh = (one: Candidate) =>
      new Map(one.columns.map((column) => [plainName(column.name), this.#weigh(one, column)]))
    const [one, other] = [weigh(a), weigh(b)]
    const sum = (weights: Iterable<number>) => [...weights].reduce((total, weight) => total + weight, 0)
    const common = [...one].filter(([name, weight]) => weight > 0 && (other.get(name) ?? 0) > 0)
    const norm = Math.sqrt(sum(one.values()) * sum(other.values()))
    const facts = factsOf(a, references).filter((column) => common.some(([name]) => name === plainName(column.name)))
    const weight = sum(common.map(([name, own]) => Math.min(own, other.get(name) ?? 0)))
    const share = norm === 0 ? 0 : (weight / norm) * (1 - 0.5 ** facts.length)
    const names = common.map(([name]) => name)
    const shown = a.columns.filter((column) => names.includes(plainName(column.name))).map((column) => column.name)
    const more = shown.length > 6 ? ` and ${shown.length - 6} more` : ''
    return {
      score: WEIGHTS.columns * share,
      sentences: shown.length > 0 ? [`columns of the same name: ${shown.slice(0, 6).join(', ')}${more}`] : [],
    }
  }

  #weigh(one: Candidate, { name }: CandidateColumn): number {
    const weight = this.#weights.get(plainName(name)) ?? 0
    return this.#evidence.references.of(one.name, name) === null ? weight : weight * REFERENCE
  }
}

function join(parts: readonly Likeness[]): number {
  return 1 - parts.reduce((against, part) => against * (1 - part.score), 1)
}

function compareByMap(a: Candidate, b: Candidate, groups: readonly SuspectGroup[]): Likeness {
  const group = groups.find(({ tables }) => tables.includes(a.name) && tables.includes(b.name))
  if (group === undefined) return { score: 0, sentences: [] }
  return { score: WEIGHTS.map * group.score, sentences: [`the map of the code has them together (${group.score})`] }
}

function compareNames(a: Candidate, b: Candidate): Likeness {
  const [one, other] = [namePartsOf(a.table.name), namePartsOf(b.table.name)]
  const words = [...new Set(one.core)].filter((word) => other.core.includes(word))
  const all = new Set([...one.core, ...other.core])
  const share = all.size === 0 ? 0 : words.length / all.size
  if (share === 1) return { score: WEIGHTS.copy, sentences: ['their names have the same words, but for an addition'] }
  const sentences = words.length > 0 ? [`their names share ${words.join(', ')}`] : []
  return { score: WEIGHTS.name * share, sentences }
}

/** What every table has (id, created_at) weighs nothing. */
function weighColumns(candidates: readonly Candidate[]): Map<string, number> {
  const tables = new Map<string, number>()
  for (const { columns } of candidates)
    for (const name of new Set(columns.map((one) => plainName(one.name)))) tables.set(name, (tables.get(name) ?? 0) + 1)
  const most = Math.max(2, candidates.length)
  return new Map(
    [...tables].map(([name, count]) => {
      return [name, isEverywhere(name) ? 0 : Math.max(0.1, Math.log(most / count) / Math.log(most))]
    }),
  )
}

/** Columns that say something of the row itself. */
function factsOf({ name, columns }: Candidate, references: References): CandidateColumn[] {
  return columns.filter((column) => references.of(name, column.name) === null && !isEverywhere(column.name))
}

/** The kinds of columns, whatever they are called: seven whole numbers and a time are measurements. */
function compareShapes(left: readonly CandidateColumn[], right: readonly CandidateColumn[]): Likeness {
  const [one, other] = [countFamilies(left), countFamilies(right)]
  const dot = [...one].reduce((sum, [family, count]) => sum + count * (other.get(family) ?? 0), 0)
  const length = (counts: ReadonlyMap<string, number>) => Math.hypot(...counts.values())
  const cosine = dot / (length(one) * length(other) || 1)
  // Tables are alike in kind by far more than by accident only where nearly all of it is the same.
  const share = Math.max(0, (cosine - 0.9) / 0.1)
  const few = Math.min(left.length, right.length) < 4
  return {
    score: few ? 0 : WEIGHTS.shape * share,
    sentences: share > 0.5 && !few ? ['nearly the same kinds of columns'] : [],
  }
}

function countFamilies(columns: readonly CandidateColumn[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const column of columns) counts.set(familyOf(column), (counts.get(familyOf(column)) ?? 0) + 1)
  return counts
}

/** Keys first, contents last. */
function compareContents(shared: readonly SharedColumn[]): [Likeness, Likeness] {
  const keys = shared.filter(isKeyLike)
  const told = keys.map((one) => tellShared(one, weighKey(one)))
  // What one table has once and the other again and again is a name of something else.
  const contents = shared.filter((one) => !isKeyLike(one) && rowsOfMost(one) < 1.5)
  return [pickBest(told), pickBest(contents.map((one) => tellShared(one, WEIGHTS.contents * trust(one))))]
}

/** Beyond what is known of it: rows of one value agree in other columns too, or in none. */
function trust({ verdict, agreement }: SharedColumn): number {
  if (verdict === 'same') return 0.7 + 0.3 * Math.min(1, agreement * 2)
  return verdict === 'other' ? 0.4 : 0.5
}

function weighKey(one: SharedColumn): number {
  const isSingle = rowsOfMost(one) < 1.2
  if (one.standing === 'siblings') return isSingle ? WEIGHTS.siblings : 0
  if (one.standing === 'child') return one.verdict === 'same' && one.agreement > 0.25 ? WEIGHTS.key * trust(one) : 0
  return (isSingle ? WEIGHTS.key : WEIGHTS.loose) * trust(one)
}

function isKeyLike({ left, right, meant }: SharedColumn): boolean {
  const columns = [left.column, right.column]
  return meant || columns.some((column) => familyOf(column) !== 'text' || hasKeyName(column.name))
}

function tellShared({ left, right, share, verdict, because }: SharedColumn, weight: number): Likeness {
  const [a, b] = [left.column.name, right.column.name]
  const columns = a === b ? a : `${a} and ${b}`
  const also = verdict === 'same' && because !== null ? `, and ${because}` : ''
  const text = `the same values in ${columns} (about ${Math.round(share * 100)} % of the one are in the other)${also}`
  return { score: weight * share, sentences: weight * share > 0 ? [text] : [] }
}

/** Several keys that say the same are no more evidence than the best of them. */
function pickBest(all: readonly Likeness[]): Likeness {
  const told = [...all].sort((one, other) => other.score - one.score)
  return { score: told[0]?.score ?? 0, sentences: told.slice(0, 2).flatMap((one) => one.sentences) }
}

function refersTo(from: Candidate, { table }: Candidate, references: References): boolean {
  return [...references.all(from.name).values()].some((one) => one.schema === table.schema && one.table === table.name)
}

/** Both have a parent that the other has not; a copy of a parent is no other one. */
function hangElsewhere(a: Candidate, b: Candidate, references: References): boolean {
  const parents = (one: Candidate) =>
    new Set([...references.all(one.name).values()].map(({ table }) => namePartsOf(table).core.join(' ')))
  const [one, other] = [parents(a), parents(b)]
  const lacks = (some: ReadonlySet<string>, all: ReadonlySet<string>) => [...some].some((parent) => !all.has(parent))
  return lacks(one, other) && lacks(other, one)
}

function isPair(one: string, other: string, a: string, b: string): boolean {
  return (one === a && other === b) || (one === b && other === a)
}
