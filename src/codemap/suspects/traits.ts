import type { CodeGraph, FunctionId } from '../code-graph.ts'
import { fileRole } from '../file-role.ts'
import type { Interaction } from '../interaction.ts'
import { collectTables, idOf, isRead, isSystemTable, mergeColumns, tableKey } from '../queries/tables.ts'
import { type NameParts, namePartsOf } from './name-tokens.ts'
import { buildWriteUnits, type WriteUnit } from './write-units.ts'

/** What one table is compared by. */
export interface Traits {
  readonly key: string
  readonly name: NameParts
  /** All that code or DDL names. */
  readonly columns: ReadonlySet<string>
}

/** All tables' traits, and how rare each trait is. */
export interface TraitSpace {
  readonly tables: readonly Traits[]
  /** 0 to 1: how much it says that two tables share the word, or the column. */
  wordWeight(word: string): number
  columnWeight(column: string): number
  /** By key of a table that is written in them. */
  readonly units: ReadonlyMap<string, readonly WriteUnit[]>
  /** By key of the table: the columns that each function reads of it. */
  readonly reads: ReadonlyMap<string, ReadonlyMap<FunctionId, ReadonlySet<string>>>
}

/** Columns that nearly every table has in every program. */
const EVERYWHERE = /^(id|uuid|_?id|(created|updated|deleted|inserted|modified)_?(at|on|by)?|timestamp)$/i

/**
 * Tests are left out: they write tables side by side that have nothing to do with each other. So are views, which show
 * what other tables hold, and the server's own tables.
 */
export function buildTraitSpace(all: readonly Interaction[], graph: CodeGraph): TraitSpace {
  const interactions = all.filter((one) => fileRole(one.file) !== 'test')
  const declared = new Map(graph.relations.map((one) => [tableKey(one.schema, one.name), one.columns]))
  const views = new Set(graph.relations.filter((one) => one.isView).map((one) => tableKey(one.schema, one.name)))
  const candidates = collectTables(interactions).filter(({ key }) => !views.has(key) && !isSystemTable(key))
  const tables = candidates.map(({ key, name, interactions: own }) => {
    const { read, written, filtered, ordered } = mergeColumns(own)
    const columns = new Set([...read, ...written, ...filtered, ...ordered, ...(declared.get(key) ?? [])])
    return { key, name: namePartsOf(name), columns }
  })
  const wordWeight = rarity(tables.map((one) => one.name.core))
  const everywhere = new Set(tables.flatMap((one) => [...one.columns]).filter((column) => EVERYWHERE.test(column)))
  const rare = rarity(tables.map((one) => [...one.columns]))
  return {
    tables,
    wordWeight,
    columnWeight: (column) => (everywhere.has(column) ? 0 : rare(column)),
    units: unitsByTable(buildWriteUnits(interactions, graph)),
    reads: collectReads(interactions),
  }
}

/** Inverse document frequency (Spärck Jones), scaled to 0..1: 1 for what one table alone has, near 0 for what all have. */
function rarity(sets: readonly (readonly string[])[]): (item: string) => number {
  const frequency = new Map<string, number>()
  for (const set of sets) for (const item of new Set(set)) frequency.set(item, (frequency.get(item) ?? 0) + 1)
  const most = Math.log(sets.length + 1)
  const weights = new Map([...frequency].map(([item, times]) => [item, Math.log((sets.length + 1) / times) / most]))
  return (item) => weights.get(item) ?? 1
}

function unitsByTable(units: readonly WriteUnit[]): Map<string, WriteUnit[]> {
  const byTable = new Map<string, WriteUnit[]>()
  for (const unit of units) {
    for (const key of unit.tables) {
      const known = byTable.get(key)
      if (known) known.push(unit)
      else byTable.set(key, [unit])
    }
  }
  return byTable
}

function collectReads(interactions: readonly Interaction[]): Map<string, Map<FunctionId, Set<string>>> {
  const reads = new Map<string, Map<FunctionId, Set<string>>>()
  for (const one of interactions) {
    if (!isRead(one.operation)) continue
    const key = tableKey(one.schema, one.table)
    const functions = reads.get(key) ?? new Map<FunctionId, Set<string>>()
    reads.set(key, functions)
    const columns = functions.get(idOf(one)) ?? new Set<string>()
    functions.set(idOf(one), columns)
    for (const column of one.columns.read) columns.add(column)
  }
  return reads
}
