import type { CatalogTable } from '../catalog/types.ts'
import { namePartsOf, referencesTo } from '../codemap/suspects/name-tokens.ts'
import type { Candidate } from './candidate.ts'
import { familyOf, hasKeyName, plainName } from './column-family.ts'
import type { Identity } from './overlap-document.ts'
import { compareSketches, rowsPerValue, type Sketch } from './sketch.ts'

/** Two columns of different tables that hold the same values. */
export interface SharedColumn {
  readonly left: Sketch
  readonly right: Sketch
  /** Of the values of the side that has fewer of its own, how many the other has: 0 to 1. */
  readonly share: number
  readonly ofLeft: number
  readonly ofRight: number
  /** A foreign key, or the names say so. */
  readonly meant: boolean
}

/** So many values must be the same before it is no accident. */
const FEWEST = 3
const SHARE = 0.1
/** Where the names say that they are the same, or the tables refer to each other. */
const SHARE_WHERE_MEANT = 0.01

/** Rows for each value in the table that has fewer: beyond that it is a word of a vocabulary, and no key. */
const MOST_ROWS = 1.5
const MOST_ROWS_WHERE_MEANT = 5

/** Every two columns that hold the same values, by the sketches. */
export function findShared(candidates: readonly Candidate[], sketches: readonly Sketch[]): SharedColumn[] {
  const tables = new Map(candidates.map((one) => [one.name, one.table]))
  const shared: SharedColumn[] = []
  for (const [at, left] of sketches.entries()) {
    for (const right of sketches.slice(at + 1)) {
      if (left.table === right.table || !canMeet(left, right)) continue
      const [one, other] = [tables.get(left.table), tables.get(right.table)]
      if (!one || !other) continue
      const meant = areMeant(left, one, right, other)
      if (isCounter(left, right) && !meant) continue
      const { common, ofLeft, ofRight } = compareSketches(left, right)
      const share = Math.max(ofLeft, ofRight)
      const isFew = common < Math.min(FEWEST, left.hashes.size, right.hashes.size)
      if (common === 0 || isFew || share < (meant ? SHARE_WHERE_MEANT : SHARE)) continue
      // Words of a vocabulary (a status, a country) are the same everywhere; a key is a key in one of the two.
      if (Math.min(rowsPerValue(left), rowsPerValue(right)) > (meant ? MOST_ROWS_WHERE_MEANT : MOST_ROWS)) continue
      shared.push({ left, right, share, ofLeft, ofRight, meant })
    }
  }
  return shared
}

function canMeet(left: Sketch, right: Sketch): boolean {
  const kinds = new Set([familyOf(left.column), familyOf(right.column)])
  return !(kinds.has('uuid') && (kinds.has('integer') || kinds.has('number')))
}

/** Numbers that are drawn from 1 on are the same in every table, and say nothing. */
function isCounter(left: Sketch, right: Sketch): boolean {
  return familyOf(left.column) === 'integer' && familyOf(right.column) === 'integer'
}

function areMeant(left: Sketch, one: CatalogTable, right: Sketch, other: CatalogTable): boolean {
  return (
    refers(one, left.column.name, other, right.column.name) ||
    refers(other, right.column.name, one, left.column.name) ||
    isSameKeyName(left, one, right, other)
  )
}

function refers(from: CatalogTable, column: string, to: CatalogTable, target: string): boolean {
  const byConstraint = from.constraints.some(
    ({ references, columns }) =>
      references?.table === to.name && references.schema === to.schema && columns.includes(column),
  )
  const byName =
    plainName(target) === 'id' && referencesTo(to.name).some((name) => plainName(name) === plainName(column))
  return byConstraint || byName
}

/** `tweet_id` and `tweetId` mean the same; `id` and `id` only where one table looks like the copy of the other. */
function isSameKeyName(left: Sketch, one: CatalogTable, right: Sketch, other: CatalogTable): boolean {
  const [a, b] = [left.column, right.column]
  if (plainName(a.name) !== plainName(b.name) || !hasKeyName(a.name)) return false
  const isCopy =
    namePartsOf(one.name).core.join(' ') === namePartsOf(other.name).core.join(' ') && haveSameColumns(one, other)
  return a.sequence === null || b.sequence === null || isCopy
}

/** Most columns of the smaller table are in the other. */
function haveSameColumns(one: CatalogTable, other: CatalogTable): boolean {
  const names = new Set(one.columns.map((column) => plainName(column.name)))
  const common = other.columns.filter((column) => names.has(plainName(column.name))).length
  return common * 2 > Math.min(one.columns.length, other.columns.length)
}

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
