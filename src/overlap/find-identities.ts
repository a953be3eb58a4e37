import type { Candidate } from './candidate.ts'
import { familyOf, hasKeyName } from './column-family.ts'
import type { Identity } from './overlap-document.ts'
import type { SharedColumn } from './shared-columns.ts'
import type { Sketch } from './sketch.ts'

/**
 * Columns that hold the same values as each other, directly or by a third one, as one identity; the keys first, those of
 * most tables first. Of one table the column that shares most is taken.
 */
export function buildIdentities(candidates: readonly Candidate[], shared: readonly SharedColumn[]): Identity[] {
  const places = new Map<Sketch, Set<Sketch>>()
  for (const { left, right } of [...shared].sort((a, b) => b.share - a.share)) {
    const [one, other] = [places.get(left) ?? new Set([left]), places.get(right) ?? new Set([right])]
    if (one === other) continue
    // Two columns of one table are two things, unless one of them is the other's shadow.
    const tables = new Set([...one].map((sketch) => sketch.table))
    if ([...other].some((sketch) => tables.has(sketch.table))) continue
    const both = new Set([...one, ...other])
    for (const sketch of both) places.set(sketch, both)
  }
  const order = new Map(candidates.map((one, index) => [one.name, index]))
  const identities = [...new Set(places.values())].map((members) => nameIdentity([...members], order))
  const byKind = (kind: Identity['kind']) => (kind === 'key' ? 0 : 1)
  identities.sort(
    (a, b) => byKind(a.kind) - byKind(b.kind) || b.members.length - a.members.length || (a.name < b.name ? -1 : 1),
  )
  return numberNames(identities)
}

function nameIdentity(members: Sketch[], order: ReadonlyMap<string, number>): Identity {
  members.sort((a, b) => (order.get(a.table) ?? 0) - (order.get(b.table) ?? 0))
  const counts = new Map<string, number>()
  for (const { column } of members) counts.set(column.name, (counts.get(column.name) ?? 0) + 1)
  const [name = ''] = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0] ?? []
  const keyed = members.filter(({ column }) => familyOf(column) !== 'text' || hasKeyName(column.name))
  const kind = keyed.length * 2 >= members.length ? 'key' : 'content'
  return { name, kind, members: members.map(({ table, column }) => ({ table, column: column.name })) }
}

/** A second `id` is told from the first by its number. */
function numberNames(identities: readonly Identity[]): Identity[] {
  const seen = new Map<string, number>()
  return identities.map((identity) => {
    const times = (seen.get(identity.name) ?? 0) + 1
    seen.set(identity.name, times)
    return times === 1 ? identity : { ...identity, name: `${identity.name} (${times})` }
  })
}
