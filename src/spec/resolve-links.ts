import type { Relation, SourceMapping, TargetMapping } from './mapping.ts'
import { findColumnsOf } from './qualify.ts'

/** The units with the new columns by which old rows are linked to others. */
export function markLinkColumns(units: readonly TargetMapping[]): TargetMapping[] {
  const linking = listLinkingColumns(units)
  return units.map((unit) => {
    const columns = unit.sources
      .filter((s) => !s.stub)
      .flatMap((s) => s.feeds.filter((feed) => isLinking(linking, s, feed.column)).map((feed) => feed.column))
    return { ...unit, linkColumns: [...new Set(columns)] }
  })
}

/** Old columns that some link compares, as `schema.table.column`. */
function listLinkingColumns(units: readonly TargetMapping[]): Set<string> {
  const found = new Set<string>()
  const add = (relation: Relation, alias: string, text: string): void => {
    for (const column of findColumnsOf(text, alias)) found.add(place(relation, column))
  }
  for (const s of units.flatMap((unit) => unit.sources)) {
    for (const link of s.links) {
      for (const [i, step] of link.steps.entries()) {
        const before = link.steps[i - 1]
        if (before) add(before.relation, before.alias, step.link)
        else add(s.base, s.relation.name, step.link)
        add(step.relation, step.alias, step.to)
      }
    }
  }
  return found
}

function isLinking(linking: ReadonlySet<string>, s: SourceMapping, column: string): boolean {
  const feed = s.feeds.find((f) => f.column === column)
  const old = [...(feed?.uses ?? []), ...s.back.filter((b) => b.feeds.includes(column)).map((b) => b.name)]
  return old.some((name) => linking.has(place(s.base, name)))
}

function place(relation: Relation, column: string): string {
  return JSON.stringify([relation.schema, relation.name, column])
}

/** Tables that are linked through each other, in words: a change of one may go round. */
export function noteCycles(units: readonly TargetMapping[]): string[] {
  const through = new Map<string, Set<string>>()
  for (const s of units.flatMap((unit) => unit.sources)) {
    for (const step of s.links.flatMap((link) => link.steps)) {
      const from = `${s.base.schema}.${s.base.name}`
      const to = `${step.relation.schema}.${step.relation.name}`
      if (from !== to) through.set(from, new Set([...(through.get(from) ?? []), to]))
    }
  }
  const reaches = (from: string, to: string, seen: readonly string[] = []): boolean =>
    [...(through.get(from) ?? [])].some(
      (next) => next === to || (!seen.includes(next) && reaches(next, to, [...seen, next])),
    )
  const round = [...through.keys()].filter((name) => reaches(name, name))
  if (round.length === 0) return []
  return [
    `${round.join(' and ')} are linked through each other: what one finds changes with the other, and writers of both wait for each other more often. Link one of them by its own columns if you can.`,
  ]
}
