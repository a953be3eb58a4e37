import type { SuspectGroup } from '../codemap/interaction-map.ts'
import { namePartsOf } from '../codemap/suspects/name-tokens.ts'
import type { Candidate } from './candidate.ts'
import { familyOf, hasKeyName, plainName } from './column-family.ts'
import type { SharedColumn } from './find-identities.ts'
import { joinByCohesion } from './join-by-cohesion.ts'
import { rowsPerValue } from './sketch.ts'

/** Tables that look like the same thing, and why. */
export interface SuspectTables {
  readonly tables: readonly string[]
  readonly score: number
  readonly evidence: readonly string[]
}

interface Likeness {
  readonly score: number
  readonly sentences: readonly string[]
}

/**
 * How much each kind of evidence counts at most; they are joined as independent causes (noisy or), as the map does it.
 * Contents that two tables share under whatever name say most: that is the same fact told twice. A shared key alone says
 * that they are about the same things, which a table and what hangs on it are as well.
 */
const WEIGHTS = { map: 0.9, name: 0.45, columns: 0.7, shape: 0.3, key: 0.4, contents: 0.75 }
const LIKELY = 0.55

export interface Evidence {
  readonly shared: readonly SharedColumn[]
  /** Of DATABASE_INTERACTION_MAP.json, where there is one. */
  readonly map: readonly SuspectGroup[]
}

/** Groups of tables that look like the same thing, the likeliest first. */
export function findSuspectTables(candidates: readonly Candidate[], evidence: Evidence): SuspectTables[] {
  const weights = weighColumns(candidates)
  const likenesses = new Map<string, Likeness>()
  for (const [at, a] of candidates.entries())
    for (const b of candidates.slice(at + 1)) {
      const likeness = compareTables(a, b, weights, evidence)
      if (likeness.score > 0.1) likenesses.set(pairKey(a.name, b.name), likeness)
    }
  const likenessOf = (a: string, b: string) => likenesses.get(pairKey(a, b))?.score ?? 0
  const names = candidates.map((one) => one.name)
  return joinByCohesion(names, likenessOf, LIKELY)
    .filter((tables) => tables.length > 1)
    .map((tables) => {
      const pairs = pairsOf(tables).flatMap(([a, b]) => {
        const likeness = likenesses.get(pairKey(a, b))
        return likeness === undefined ? [] : [{ a, b, ...likeness }]
      })
      const score = pairs.reduce((sum, one) => sum + one.score, 0) / Math.max(1, pairsOf(tables).length)
      const said = pairs.sort((one, other) => other.score - one.score)
      return {
        tables: names.filter((name) => tables.includes(name)),
        score: Math.round(score * 100) / 100,
        evidence: said.flatMap(({ a, b, sentences }) => sentences.map((text) => `${a} and ${b}: ${text}.`)),
      }
    })
    .sort((one, other) => other.score - one.score)
}

/** The evidence for tables that a person named. */
export function tellLikeness(
  candidates: readonly Candidate[],
  all: readonly Candidate[],
  evidence: Evidence,
): string[] {
  const weights = weighColumns(all)
  return pairsOf(candidates).flatMap(([a, b]) =>
    compareTables(a, b, weights, evidence).sentences.map((text) => `${a.name} and ${b.name}: ${text}.`),
  )
}

function compareTables(a: Candidate, b: Candidate, weights: ReadonlyMap<string, number>, evidence: Evidence): Likeness {
  const parts = [
    compareByMap(a, b, evidence.map),
    compareNames(a, b),
    compareColumns(a, b, weights),
    compareShapes(a, b),
    ...compareContents(a, b, evidence.shared),
  ]
  const joined = 1 - parts.reduce((against, part) => against * (1 - part.score), 1)
  // What only one of the two refers to is its parent; a child is no twin, unless they tell the same contents.
  const tellsTheSame = (parts.at(-1)?.score ?? 0) > 0.3
  return {
    score: isChild(a, b) && !tellsTheSame ? joined * 0.3 : joined,
    sentences: parts.flatMap((one) => one.sentences),
  }
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
  if (share === 1) return { score: 0.55, sentences: ['their names have the same words, but for an addition'] }
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
      const isEverywhere = /^(id|createdat|updatedat|insertedat|deletedat)$/.test(name)
      return [name, isEverywhere ? 0 : Math.max(0.1, Math.log(most / count) / Math.log(most))]
    }),
  )
}

function compareColumns(a: Candidate, b: Candidate, weights: ReadonlyMap<string, number>): Likeness {
  const [one, other] = [namesOf(a), namesOf(b)]
  const weigh = (names: Iterable<string>) => [...names].reduce((sum, name) => sum + (weights.get(name) ?? 0), 0)
  const common = [...one].filter((name) => other.has(name) && (weights.get(name) ?? 0) > 0)
  const norm = Math.sqrt(weigh(one) * weigh(other))
  const share = norm === 0 ? 0 : (weigh(common) / norm) * (1 - 0.5 ** common.length)
  const shown = a.columns.filter((column) => common.includes(plainName(column.name))).map((column) => column.name)
  const list = shown.slice(0, 6).join(', ')
  const more = shown.length > 6 ? ` and ${shown.length - 6} more` : ''
  return {
    score: WEIGHTS.columns * share,
    sentences: shown.length > 0 ? [`columns of the same name: ${list}${more}`] : [],
  }
}

function namesOf({ columns }: Candidate): Set<string> {
  return new Set(columns.map((column) => plainName(column.name)))
}

/** The kinds of columns, whatever they are called: seven whole numbers and a time are measurements. */
function compareShapes(a: Candidate, b: Candidate): Likeness {
  const [one, other] = [countFamilies(a), countFamilies(b)]
  const dot = [...one].reduce((sum, [family, count]) => sum + count * (other.get(family) ?? 0), 0)
  const length = (counts: ReadonlyMap<string, number>) => Math.hypot(...counts.values())
  const cosine = dot / (length(one) * length(other) || 1)
  // Tables are alike in kind by far more than by accident only where nearly all of it is the same.
  const share = Math.max(0, (cosine - 0.9) / 0.1)
  const few = Math.min(a.columns.length, b.columns.length) < 4
  return {
    score: few ? 0 : WEIGHTS.shape * share,
    sentences: share > 0.5 && !few ? ['nearly the same kinds of columns'] : [],
  }
}

function countFamilies({ columns }: Candidate): Map<string, number> {
  const counts = new Map<string, number>()
  for (const column of columns) counts.set(familyOf(column), (counts.get(familyOf(column)) ?? 0) + 1)
  return counts
}

/** Keys first, contents last. */
function compareContents(a: Candidate, b: Candidate, shared: readonly SharedColumn[]): Likeness[] {
  const own = shared.filter(({ left, right }) => isPair(left.table, right.table, a.name, b.name))
  const most = ({ left, right }: SharedColumn) => Math.max(rowsPerValue(left), rowsPerValue(right))
  // A key of one row in both: they are about the same things one by one; of several: one tells more of each.
  const [single, several] = [own.filter((one) => isKeyLike(one) && most(one) < 1.2), own.filter(isKeyLike)]
  const keys = single.length > 0 ? tellShared(single, WEIGHTS.key) : tellShared(several, WEIGHTS.key / 2)
  // What one table has once and the other again and again is a name of something else.
  return [
    keys,
    tellShared(
      own.filter((one) => !isKeyLike(one) && most(one) < 1.5),
      WEIGHTS.contents,
    ),
  ]
}

function isKeyLike({ left, right, meant }: SharedColumn): boolean {
  const columns = [left.column, right.column]
  return meant || columns.some((column) => familyOf(column) !== 'text' || hasKeyName(column.name))
}

function tellShared(shared: readonly SharedColumn[], weight: number): Likeness {
  const [best] = [...shared].sort((one, other) => other.share - one.share)
  if (best === undefined) return { score: 0, sentences: [] }
  const columns = shared.slice(0, 4).map(({ left, right }) => {
    const [a, b] = [left.column.name, right.column.name]
    return a === b ? a : `${a} and ${b}`
  })
  const percent = Math.round(best.share * 100)
  return {
    score: weight * best.share,
    sentences: [`the same values in ${columns.join('; ')} (about ${percent} % of the one are in the other)`],
  }
}

function isChild(a: Candidate, b: Candidate): boolean {
  const refers = (from: Candidate, to: Candidate) =>
    from.table.constraints.some(
      ({ references }) => references?.table === to.table.name && references.schema === to.table.schema,
    )
  return refers(a, b) !== refers(b, a)
}

function isPair(one: string, other: string, a: string, b: string): boolean {
  return (one === a && other === b) || (one === b && other === a)
}

export function pairsOf<Item>(items: readonly Item[]): [Item, Item][] {
  return items.flatMap((one, index) => items.slice(index + 1).map((other): [Item, Item] => [one, other]))
}

function pairKey(a: string, b: string): string {
  return a < b ? `${a}\0${b}` : `${b}\0${a}`
}
