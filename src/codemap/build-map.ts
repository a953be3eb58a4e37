import type { CodeGraph } from './code-graph.ts'
import { findFlows } from './flows/find-flows.ts'
import type { Interaction, Place, Problem, Unresolved } from './interaction.ts'
import type { InteractionMap, MapSummary, TableStatistics, TableSummary } from './interaction-map.ts'
import { classifyTables, type Verdict } from './queries/classify-tables.ts'
import { findLinks } from './queries/link-tables.ts'
import { locateInteractions } from './queries/locate.ts'
import { buildReach } from './queries/reach.ts'
import { type Activity, buildActivity } from './queries/statistics.ts'
import { buildFacts } from './queries/table-facts.ts'
import {
  collectRoutines,
  collectTables,
  compareText,
  countOperations,
  filesOf,
  functionsOf,
  mergeColumns,
  type TableAccess,
  tableKey,
} from './queries/tables.ts'
import { findShadows } from './suspects/find-shadows.ts'
import { findSuspects } from './suspects/find-suspects.ts'
import { tellSuspects } from './suspects/tell-suspects.ts'

/** What reading a program has given. */
export interface Findings {
  readonly interactions: readonly Interaction[]
  readonly unresolved: readonly Unresolved[]
  readonly problems: readonly Problem[]
  readonly graph: CodeGraph
}

/**
 * The map of a program: its tables with their classes, the flows between them, the tables that look alike. With
 * `statistics` of a database its tables that no code names are in it as well. The same findings give the same map, in
 * the same order, whatever order they come in.
 */
export function buildMap(findings: Findings, statistics: readonly TableStatistics[] = []): InteractionMap {
  const { graph } = findings
  const interactions = [...findings.interactions].sort(compareInteractions)
  const unresolved = [...findings.unresolved].sort(comparePlaces)
  const activity = buildActivity(statistics)
  const reach = buildReach(graph)
  const located = locateInteractions(interactions, graph.callbacks)
  const own = new Map(collectTables(interactions).map((table) => [table.key, table]))
  const facts = buildFacts(withUnnamed(collectTables(located), statistics), reach)
  const suspects = findSuspects(located, graph)
  const verdicts = classifyTables(facts, {
    entriesKnown: reach.entriesKnown,
    activity,
    shadowed: findShadows(suspects, facts),
    links: findLinks(facts, graph.relations),
    relations: new Map(graph.relations.map((one) => [tableKey(one.schema, one.name), one])),
    unresolved: unresolved.length,
  })
  const classOf = (table: string) => verdicts.get(table)?.class ?? 'unknown'
  return {
    version: 1,
    summary: summarize({ ...findings, interactions }, facts.length),
    tables: facts.map((one) => summarizeTable(own.get(one.key) ?? one, verdicts, activity)).sort(compareTables),
    routines: collectRoutines(interactions),
    flows: findFlows(facts, graph, reach, classOf),
    suspects: suspects.map(tellSuspects),
    interactions,
    unresolved,
    problems: [...findings.problems].sort((a, b) => compareText(a.file, b.file) || compareText(a.message, b.message)),
  }
}

function summarize({ interactions, unresolved, problems, graph }: Findings, tables: number): MapSummary {
  const counts = countOperations(interactions)
  return {
    files: graph.files.length,
    interactions: interactions.length,
    tables,
    reads: counts.select ?? 0,
    writes: counts.insert ?? 0,
    updates: (counts.update ?? 0) + (counts.upsert ?? 0),
    deletes: (counts.delete ?? 0) + (counts.truncate ?? 0),
    rpc: counts.rpc ?? 0,
    ddl: counts.ddl ?? 0,
    unresolved: unresolved.length,
    problems: problems.length,
  }
}

function summarizeTable(
  { key, name, schema, interactions }: TableAccess,
  verdicts: ReadonlyMap<string, Verdict>,
  activity: ReadonlyMap<string, Activity>,
): TableSummary {
  const verdict = verdicts.get(key)
  const statistics = activity.get(key)?.statistics
  return {
    name,
    schema,
    class: verdict?.class ?? 'unknown',
    evidence: verdict?.evidence ?? [],
    interactions: interactions.length,
    byOperation: countOperations(interactions),
    files: filesOf(interactions),
    functions: functionsOf(interactions),
    columns: mergeColumns(interactions),
    ...(statistics ? { statistics } : {}),
  }
}

/** Tables of the database that no code names come behind those that some does. */
function withUnnamed(tables: readonly TableAccess[], statistics: readonly TableStatistics[]): TableAccess[] {
  const named = new Set(tables.map((one) => one.key))
  const unnamed = statistics.filter((one) => !named.has(tableKey(one.schema, one.name)))
  return [
    ...tables,
    ...unnamed.map(({ schema, name }) => ({ key: tableKey(schema, name), name, schema, interactions: [] })),
  ]
}

function compareTables(a: TableSummary, b: TableSummary): number {
  return b.interactions - a.interactions || compareText(a.name, b.name) || compareText(a.schema ?? '', b.schema ?? '')
}

function compareInteractions(a: Interaction, b: Interaction): number {
  return comparePlaces(a, b) || compareText(a.table, b.table) || compareText(a.operation, b.operation)
}

function comparePlaces(a: Place, b: Place): number {
  return compareText(a.file, b.file) || a.line - b.line || a.column - b.column
}
