import type { CodeGraph } from '../code-graph.ts'
import type { Interaction } from '../interaction.ts'
import { mean } from '../queries/table-facts.ts'
import { compareText } from '../queries/tables.ts'
import { comparePair, LIKELY, type Likeness } from './compare-pair.ts'
import { joinByAverage } from './join-by-average.ts'
import { buildTraitSpace, type TraitSpace } from './traits.ts'

/** Tables that look like the same thing, with every likeness between them. */
export interface Suspects {
  readonly tables: readonly string[]
  readonly score: number
  readonly pairs: readonly Likeness[]
}

/**
 * Groups of tables that look like the same thing, the likeliest first. Two groups become one where their tables are
 * alike on average (average linkage): a chain of which each link is weak doesn't hold, so no group swallows the rest.
 */
export function findSuspects(interactions: readonly Interaction[], graph: CodeGraph): Suspects[] {
  const space = buildTraitSpace(interactions, graph)
  const likenesses = compareCandidates(space)
  const scores = new Map(likenesses.map((one) => [pairKey(one.a, one.b), one]))
  const alike = likenesses.filter((one) => one.score >= LIKELY)
  const names = [...new Set(alike.flatMap(({ a, b }) => [a, b]))].sort(compareText)
  const groups = joinByAverage(names, (a, b) => scores.get(pairKey(a, b))?.score ?? 0, LIKELY)
  return attachCopies(
    groups.filter((group) => group.length > 1),
    alike,
  )
    .map((tables) => {
      const pairs = pairsOf(tables).flatMap(([a, b]) => scores.get(pairKey(a, b)) ?? [])
      pairs.sort((one, other) => other.score - one.score || compareText(one.a, other.a))
      // A copy may be like one of them only.
      const strong = pairs.filter((one) => one.score >= LIKELY)
      return { tables, score: mean(strong.map((one) => one.score)), pairs }
    })
    .sort((one, other) => other.score - one.score || compareText(one.tables[0] ?? '', other.tables[0] ?? ''))
}

/** Of a view that is written to: it is no candidate. */
const NOWHERE = -1

/** Only tables that share a word, a column or a writer are looked at: of 1,000 tables that is a small part of all pairs. */
function compareCandidates(space: TraitSpace): Likeness[] {
  const holders = new Map<string, number[]>()
  function note(trait: string, index: number): void {
    if (index === NOWHERE) return
    const known = holders.get(trait)
    if (known) known.push(index)
    else holders.set(trait, [index])
  }
  const indexOf = new Map(space.tables.map((table, index) => [table.key, index]))
  for (const [index, table] of space.tables.entries()) {
    for (const word of new Set(table.name.core)) note(`word ${word}`, index)
    for (const column of table.columns) if (space.columnWeight(column) > 0) note(`column ${column}`, index)
  }
  for (const [key, units] of space.units) for (const { id } of units) note(`unit ${id}`, indexOf.get(key) ?? NOWHERE)
  const { length } = space.tables
  const candidates = new Set<number>()
  for (const indexes of holders.values()) {
    for (const [at, one] of indexes.entries()) {
      for (let next = at + 1; next < indexes.length; next++) {
        const other = indexes[next] ?? one
        if (one !== other) candidates.add(Math.min(one, other) * length + Math.max(one, other))
      }
    }
  }
  const found: Likeness[] = []
  for (const pair of [...candidates].sort((a, b) => a - b)) {
    const [a, b] = [space.tables[Math.floor(pair / length)], space.tables[pair % length]]
    const likeness = a && b ? comparePair(a, b, space) : null
    if (likeness) found.push(likeness)
  }
  return found
}

/** `posts_old` goes where `posts` is, also where nothing else is known of it. */
function attachCopies(groups: readonly (readonly string[])[], alike: readonly Likeness[]): string[][] {
  const grouped = groups.map((group) => new Set(group))
  for (const { a, b, qualifiers } of alike) {
    if (qualifiers === null) continue
    const [withA, withB] = [grouped.find((group) => group.has(a)), grouped.find((group) => group.has(b))]
    if (withA && !withB) withA.add(b)
    else if (withB && !withA) withB.add(a)
  }
  return grouped.map((group) => [...group].sort(compareText))
}

function pairsOf<Item>(items: readonly Item[]): [Item, Item][] {
  return items.flatMap((one, index) => items.slice(index + 1).map((other): [Item, Item] => [one, other]))
}

function pairKey(a: string, b: string): string {
  return a < b ? `${a}\0${b}` : `${b}\0${a}`
}
