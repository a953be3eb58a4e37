import type { CodeGraph } from '../code-graph.ts'
import type { Operation } from '../interaction.ts'
import type { Flow, FlowStep, TableClass } from '../interaction-map.ts'
import type { Reach } from '../queries/reach.ts'
import { count } from '../queries/statistics.ts'
import type { TableFacts } from '../queries/table-facts.ts'
import { isWrite } from '../queries/tables.ts'
import { type Access, collectAccesses, nameModules } from './actors.ts'
import { collectHandOvers, type HandOver, type HandOvers } from './hand-overs.ts'
import { type Path, selectPaths } from './select-paths.ts'

/** Tables on the way of one flow; a sentence with more is not read to its end. */
const LONGEST = 4
/** Ways that are followed on from each step, the strongest. */
const BREADTH = 3

/**
 * Who writes what another reads, and what that one writes: ways through the program, critical ones first, each of which
 * tells something that none before has told. Both the search and the number of flows are in proportion to the number of
 * tables, whatever the program does with them.
 */
export function findFlows(
  tables: readonly TableFacts[],
  graph: CodeGraph,
  reach: Reach,
  classOf: (table: string) => TableClass,
): Flow[] {
  const accesses = collectAccesses(tables, reach)
  const handOvers = collectHandOvers(accesses, graph, classOf)
  const paths = [...handOvers.after.keys()].flatMap((start) => followFrom(start, handOvers))
  const names = nameModules(accesses.map((one) => one.actor))
  return selectPaths(paths)
    .map((path) => ({ flow: tellFlow(path.handOvers, handOvers, names, classOf), strength: path.strength }))
    .sort((a, b) => Number(b.flow.critical) - Number(a.flow.critical) || b.strength - a.strength)
    .map(({ flow }) => flow)
}

/** Beam search: of all ways of one length the strongest few are followed on. */
function followFrom(start: Access, handOvers: HandOvers): Path[] {
  const first = handOvers.after.get(start) ?? []
  let front = foremost(first.map((one): Path => ({ handOvers: [one], strength: one.strength })))
  const found = [...front]
  for (let length = 2; length <= LONGEST; length++) {
    front = foremost(front.flatMap((path) => extend(path, handOvers)))
    found.push(...front)
  }
  return found
}

/** No table twice, and nobody gets rows twice; but the one who began may, and the circle is told. */
function extend(path: Path, handOvers: HandOvers): Path[] {
  const reader = path.handOvers.at(-1)?.to
  if (reader === undefined || reader.actor === path.handOvers[0]?.from.actor) return []
  const found: Path[] = []
  for (const maker of handOvers.continuations(reader)) {
    if (path.handOvers.some(({ from }) => from.table === maker.table)) continue
    // The first whom the path has not met yet: they come in the order of their strength.
    const next = handOvers.after.get(maker)?.find(({ to }) => path.handOvers.every((one) => one.to.actor !== to.actor))
    if (next) found.push({ handOvers: [...path.handOvers, next], strength: path.strength + next.strength })
  }
  return found
}

function foremost(paths: readonly Path[]): Path[] {
  return [...paths].sort((a, b) => b.strength - a.strength).slice(0, BREADTH)
}

function tellFlow(
  path: readonly HandOver[],
  handOvers: HandOvers,
  names: ReadonlyMap<string, string>,
  classOf: (table: string) => TableClass,
): Flow {
  const last = path.at(-1)?.to
  // What the last one makes of it, where nobody reads that any more: the sentence shall not end in the air.
  const tables = new Set(path.map(({ from }) => from.table))
  const open = last !== undefined && last.actor !== path[0]?.from.actor
  const end = open && handOvers.continuations(last).find((one) => !tables.has(one.table) && !handOvers.after.has(one))
  const steps = [
    ...path.flatMap(({ from, to }) => [stepOf(from, names, isWrite), stepOf(to, names)]),
    ...(end ? [stepOf(end, names, isWrite)] : []),
  ]
  const critical = path.some(({ from }) => classOf(from.table) === 'critical')
  return { critical, text: tellSteps(steps), steps, evidence: tellEvidence(path, classOf) }
}

/** Of the one who makes rows only what it writes; of the one who gets them all that it does with them. */
function stepOf(access: Access, names: ReadonlyMap<string, string>, counts = (_one: Operation) => true): FlowStep {
  const { actor, table } = access
  const places = access.interactions
    .filter((one) => counts(one.operation))
    .map(({ file, line, column }) => ({ file, line, column }))
  return { module: names.get(actor) ?? actor, file: actor, table, operations: access.operations.filter(counts), places }
}

/** Each step names what changes: the table, or who has it in hand. */
function tellSteps(steps: readonly FlowStep[]): string {
  const words = steps.map((step, index) => {
    const operations = `(${step.operations.join(', ')})`
    if (index === 0) return `${step.module} → ${step.table} ${operations}`
    return steps[index - 1]?.table === step.table ? `${step.module} ${operations}` : `${step.table} ${operations}`
  })
  return words.join(' → ')
}

function tellEvidence(path: readonly HandOver[], classOf: (table: string) => TableClass): string[] {
  const tables = path.map(({ from }) => `${from.table} is ${classOf(from.table)}`)
  const onLoop = path.filter(({ from, to }) => from.onLoop && to.onLoop).length
  const loops = onLoop === 0 ? [] : [`Loops run both sides of ${onLoop} of ${count(path.length, 'hand-over')}.`]
  return [`${tables.join(', ')}.`, ...loops]
}
