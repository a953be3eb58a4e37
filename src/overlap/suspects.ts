import type { Candidate } from './candidate.ts'
import { joinByCohesion } from './join-by-cohesion.ts'
import { type Evidence, type Likeness, TableLikeness } from './table-likeness.ts'

/** Tables that look like the same thing, and why. */
export interface SuspectTables {
  readonly tables: readonly string[]
  readonly score: number
  readonly evidence: readonly string[]
}

const LIKELY = 0.55

/** Groups of tables that look like the same thing, the likeliest first. */
export function findSuspectTables(candidates: readonly Candidate[], evidence: Evidence): SuspectTables[] {
  const all = new TableLikeness(candidates, evidence)
  const likenesses = new Map<string, Likeness>()
  for (const [a, b] of pairsOf(candidates)) {
    const likeness = all.compare(a, b)
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
export function tellLikeness(named: readonly Candidate[], all: readonly Candidate[], evidence: Evidence): string[] {
  const likeness = new TableLikeness(all, evidence)
  return pairsOf(named).flatMap(([a, b]) =>
    likeness.compare(a, b).sentences.map((text) => `${a.name} and ${b.name}: ${text}.`),
  )
}

export function pairsOf<Item>(items: readonly Item[]): [Item, Item][] {
  return items.flatMap((one, index) => items.slice(index + 1).map((other): [Item, Item] => [one, other]))
}

function pairKey(a: string, b: string): string {
  return a < b ? `${a}\0${b}` : `${b}\0${a}`
}
