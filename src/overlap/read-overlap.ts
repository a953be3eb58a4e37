import type { SuspectGroup } from '../codemap/interaction-map.ts'
import type { Database } from '../db/connect.ts'
import { UsageError } from '../lib/errors.ts'
import { createGiveWay } from '../lib/give-way.ts'
import type { Candidate } from './candidate.ts'
import { buildIdentities } from './find-identities.ts'
import { chooseGroupKey } from './group-key.ts'
import { type JudgedColumns, judgeShared } from './judge-shared.ts'
import { KeyProfiles } from './key-profiles.ts'
import { readKeySets } from './key-sets.ts'
import { columnIn, has, measureLink, planLinks } from './measure-link.ts'
import { type MeasureOptions, measurePair } from './measure-pair.ts'
import { compareFolder } from './migrations/compare-folder.ts'
import type { MigrationFolder } from './migrations/read-folder.ts'
import type { Identity, Link, OverlapDocument, OverlapGroup, OverlapTable, Pair } from './overlap-document.ts'
import { pickSchemas, pickTables } from './pick-tables.ts'
import { readCandidates, readSchemas } from './read-candidates.ts'
import { type Reader, type ReaderOptions, readInOneSnapshot } from './read-only-session.ts'
import { References } from './references.ts'
import { findShared } from './shared-columns.ts'
import { findShown } from './shown-tables.ts'
import { planSketch, readHash, type Sketch } from './sketch.ts'
import { findSuspectTables, pairsOf, type SuspectTables, tellLikeness } from './suspects.ts'
import type { Evidence } from './table-likeness.ts'

export interface OverlapOptions extends ReaderOptions, MeasureOptions {
  /** As a person wrote them; none: suspects are looked for. */
  readonly tables: readonly string[]
  readonly schemas: readonly string[]
  /** Suspects of DATABASE_INTERACTION_MAP.json, where there is one. */
  readonly map: readonly SuspectGroup[]
  /** To be compared with the catalog; `loadSqlParser()` must have been called. */
  readonly migrations: MigrationFolder | null
}

/** Tables whose values are sketched, where nobody named any; and pairs that are compared in full. */
const MOST_SKETCHED = 300
const MOST_PAIRS = 80

/**
 * Which tables hold the same facts, and how well they agree, over all rows. Only reads, in one snapshot. What can't be read
 * is among the problems; throws UsageError for schemas and tables that aren't there, and where there is nothing to compare.
 */
export async function readOverlap(db: Database, options: OverlapOptions): Promise<OverlapDocument> {
  return await readInOneSnapshot(db, options, async (reader) => {
    const schemas = pickSchemas(await readSchemas(reader.client), options.schemas, options.tables)
    const { catalog, candidates } = await readCandidates(reader.client, schemas)
    const named = pickTables(candidates, options.tables)
    const shown = findShown(catalog, candidates)
    assertEnough(candidates, named, options.tables)
    const readable = candidates.filter((one) => one.unreadable === null && !isViewOfAnother(one, shown, candidates))
    const sketches = await readSketches(reader, orderForSketch(readable, named))
    const references = new References(candidates)
    const giveWay = createGiveWay((done) =>
      reader.log.progress(`comparing columns with each other (${done} of ${sketches.length})`),
    )
    const found = await findShared(candidates, sketches, references, giveWay)
    options.signal.throwIfAborted()
    const judged = await judgeShared(reader, candidates, found, named)
    const { shared } = judged
    const identities = buildIdentities(candidates, shared)
    const groups = findGroups(candidates, named, shown, { shared, references, map: options.map })
    const profiles = new KeyProfiles(reader)
    const measured = await measureGroups(reader, profiles, { candidates, shown, judged, identities, groups }, options)
    const mentioned = new Set(groups.flatMap((group) => group.tables))
    reader.log.end()
    return {
      version: 1,
      schemas,
      showsValues: options.showsValues,
      tables: describeTables(candidates, shown, named, mentioned),
      identities: identities.filter((one) => one.members.some(({ table }) => mentioned.has(table))),
      keys: profiles.list(),
      ...measured,
      problems: reader.problems,
      migrations: options.migrations === null ? null : compareFolder(options.migrations, catalog.tables, schemas),
    }
  })
}

function assertEnough(candidates: readonly Candidate[], named: readonly Candidate[], words: readonly string[]): void {
  if (words.length > 0 && named.length < 2)
    throw new UsageError('overlap.one', `One table alone overlaps with nothing: ${named[0]?.name ?? ''}.`, {
      hint: 'Name two or more, or none: then tables that look like the same thing are looked for.',
    })
  if (candidates.length >= 2) return
  throw new UsageError('overlap.none', 'There are no two tables to compare.', {
    hint: 'Look into another schema with --schema <name>.',
  })
}

function isViewOfAnother(
  one: Candidate,
  shown: ReadonlyMap<string, readonly string[]>,
  candidates: readonly Candidate[],
): boolean {
  const tables = shown.get(one.name) ?? []
  const isView = one.table.kind === 'view' || one.table.kind === 'materialized view'
  return isView && tables.some((name) => candidates.some((other) => other.name === name))
}

/** Of thousands of tables those that a person named, then those with most rows. */
function orderForSketch(readable: readonly Candidate[], named: readonly Candidate[]): Candidate[] {
  const isNamed = (one: Candidate) => Number(named.includes(one))
  const order = [...readable].sort((a, b) => isNamed(b) - isNamed(a) || (b.rows ?? 1) - (a.rows ?? 1))
  return order.slice(0, MOST_SKETCHED)
}

async function readSketches(reader: Reader, candidates: readonly Candidate[]): Promise<Sketch[]> {
  const sketches: Sketch[] = []
  for (const [at, candidate] of candidates.entries()) {
    const plan = planSketch(candidate)
    if (plan === null) continue
    reader.log.progress(`looking at the values of ${candidate.name} (${at + 1} of ${candidates.length})`)
    const rows = await reader.rows<{ place: number; hash: string; rows: number }>(candidate.name, plan.query)
    const maps = plan.columns.map(() => new Map<number, number>())
    for (const row of rows ?? []) maps[row.place]?.set(readHash(row.hash), row.rows)
    for (const [place, column] of plan.columns.entries()) {
      const hashes = maps[place] ?? new Map()
      sketches.push({ table: candidate.name, column, share: plan.share, shift: plan.shift, hashes })
    }
  }
  return sketches
}

/** One group of all that a person named; else those that look like the same thing. A view stands by what it shows. */
function findGroups(
  candidates: readonly Candidate[],
  named: readonly Candidate[],
  shown: ReadonlyMap<string, readonly string[]>,
  evidence: Evidence,
): (Omit<SuspectTables, 'score'> & { readonly score: number | null })[] {
  if (named.length > 0)
    return [{ tables: named.map((one) => one.name), score: null, evidence: tellLikeness(named, candidates, evidence) }]
  const own = candidates.filter((one) => one.unreadable === null && !isViewOfAnother(one, shown, candidates))
  return findSuspectTables(own, evidence)
}

interface Found {
  readonly candidates: readonly Candidate[]
  readonly shown: ReadonlyMap<string, readonly string[]>
  readonly judged: JudgedColumns
  readonly identities: readonly Identity[]
  readonly groups: readonly (Omit<SuspectTables, 'score'> & { readonly score: number | null })[]
}

type Measured = Pick<OverlapDocument, 'groups' | 'pairs' | 'links'>

async function measureGroups(
  reader: Reader,
  profiles: KeyProfiles,
  found: Found,
  options: MeasureOptions,
): Promise<Measured> {
  const byName = new Map(found.candidates.map((one) => [one.name, one]))
  const groups: OverlapGroup[] = []
  const pairs: Pair[] = []
  const links: Link[] = []
  const groupKeys = found.groups.map((group) => chooseGroupKey(group.tables, found.identities, found.judged.shared))
  for (const [index, group] of found.groups.entries()) {
    const tables = group.tables.flatMap((name) => byName.get(name) ?? [])
    const readable = tables.filter(
      (one) => one.unreadable === null && !isViewOfAnother(one, found.shown, found.candidates),
    )
    for (const [left, right] of pairsOf(readable)) {
      if (isShownBy(left, right, found.shown)) continue
      if (pairs.length >= MOST_PAIRS) {
        const hint = `Name the two: crossfade overlap ${left.name} ${right.name}`
        reader.problems.push({
          where: `${left.name} and ${right.name}`,
          message: 'not compared: there are too many pairs',
          hint,
        })
        continue
      }
      pairs.push(await measurePair(reader, profiles, { left, right }, found.judged, options))
    }
    const key = groupKeys[index] ?? null
    groups.push({ ...group, ...(await measureSets(reader, readable, key, pairs, options)) })
    const inGroup = (one: Identity) => readable.filter((table) => has(one, table)).length
    // Also what another group is joined by: their rows may belong to each other.
    const wanted = found.identities.filter((one) => one.kind === 'key' && (groupKeys.includes(one) || inGroup(one) > 1))
    for (const plan of planLinks(readable, found.candidates, found.identities, wanted)) {
      if (isViewOfAnother(plan.through, found.shown, found.candidates)) continue
      const link = await measureLink(reader, profiles, plan)
      if (link !== null) links.push(link)
    }
  }
  return { groups, pairs, links }
}

/** Inheritance: the rows of one are read with the other's. */
function isShownBy(a: Candidate, b: Candidate, shown: ReadonlyMap<string, readonly string[]>): boolean {
  return (shown.get(a.name) ?? []).includes(b.name) || (shown.get(b.name) ?? []).includes(a.name)
}

async function measureSets(
  reader: Reader,
  group: readonly Candidate[],
  key: Identity | null,
  pairs: readonly Pair[],
  options: MeasureOptions,
): Promise<Pick<OverlapGroup, 'key' | 'keyed' | 'sets' | 'sample'>> {
  const keyed = key === null ? [] : group.filter((one) => has(key, one))
  const names = keyed.map((one) => one.name)
  const nothing = { key: key?.name ?? null, keyed: names, sets: [], sample: null }
  if (key === null || keyed.length < 2) return { ...nothing, sets: setsOfPair(group, pairs) }
  // Two tables have been joined already.
  if (group.length === 2) return { ...nothing, sets: setsOfPair(group, pairs) }
  const tables = keyed.flatMap((candidate) => {
    const column = columnIn(candidate, key)
    return column === undefined ? [] : [{ candidate, column }]
  })
  return { ...nothing, ...(await readKeySets(reader, tables, options.sample)) }
}

function setsOfPair(group: readonly Candidate[], pairs: readonly Pair[]): OverlapGroup['sets'] {
  const [left, right] = group
  const pair = pairs.find((one) => one.left === left?.name && one.right === right?.name)
  if (!left || !right || group.length !== 2 || !pair?.counts) return []
  const { shared, onlyLeft, onlyRight } = pair.counts
  const sets = [
    { tables: [left.name, right.name], keys: shared },
    { tables: [left.name], keys: onlyLeft },
    { tables: [right.name], keys: onlyRight },
  ]
  return sets.filter((one) => one.keys > 0).sort((a, b) => b.keys - a.keys)
}

/** What was named or found, and every view that shows one of these. */
function describeTables(
  candidates: readonly Candidate[],
  shown: ReadonlyMap<string, readonly string[]>,
  named: readonly Candidate[],
  mentioned: ReadonlySet<string>,
): OverlapTable[] {
  return candidates
    .filter((one) => {
      const shows = shown.get(one.name) ?? []
      return (
        mentioned.has(one.name) || named.includes(one) || shows.some((name) => mentioned.has(name)) || one.unreadable
      )
    })
    .map((one) => ({
      ...{ name: one.name, kind: one.table.kind, columns: one.columns.length, estimatedRows: one.rows },
      ...{ shows: shown.get(one.name) ?? [], unreadable: one.unreadable },
    }))
}
