import type { CodeGraph, FunctionId } from '../code-graph.ts'
import type { Operation } from '../interaction.ts'
import type { TableClass } from '../interaction-map.ts'
import { adjacency } from '../queries/reach.ts'
import { idOf, isMaking, isRead } from '../queries/tables.ts'
import type { Access } from './actors.ts'

/** One part of the program makes rows of a table, another reads them. */
export interface HandOver {
  readonly from: Access
  readonly to: Access
  /** More for tables of a higher class and with more readers and writers, and for parts that a loop runs. */
  readonly strength: number
}

export interface HandOvers {
  /** By actor and table of the one who makes the rows, the strongest first. */
  readonly after: ReadonlyMap<Access, readonly HandOver[]>
  /** What the one who has read the rows makes of them in the same stretch of work. */
  continuations(reader: Access): readonly Access[]
}

const CLASS_WEIGHT: { readonly [one in TableClass]: number } = { critical: 4, important: 2, unknown: 1, legacy: 1 }
/** Of a table that everybody writes and everybody reads, the ones with the most accesses stand for all. */
const MOST_PARTIES = 8
/** Callers that are followed upwards to tell that a read and a write belong to one stretch of work. */
const DEPTH = 2

export function collectHandOvers(
  accesses: readonly Access[],
  graph: CodeGraph,
  classOf: (table: string) => TableClass,
): HandOvers {
  const byTable = new Map<string, Access[]>()
  const byActor = new Map<string, Access[]>()
  for (const access of accesses) {
    byTable.set(access.table, [...(byTable.get(access.table) ?? []), access])
    byActor.set(access.actor, [...(byActor.get(access.actor) ?? []), access])
  }
  const after = new Map<Access, HandOver[]>()
  for (const [table, own] of byTable) {
    const makers = foremost(own.filter((one) => one.operations.some(isMaking)))
    const readers = foremost(own.filter((one) => one.operations.some(isRead)))
    const weight = CLASS_WEIGHT[classOf(table)] * Math.log2(1 + own.length)
    for (const from of makers) {
      const found = readers
        .filter((to) => to.actor !== from.actor)
        .map((to) => ({ from, to, strength: weight * makingWeight(from) * readingWeight(to) }))
      if (found.length > 0)
        after.set(
          from,
          found.sort((a, b) => b.strength - a.strength),
        )
    }
  }
  const callersOf = followCallers(graph)
  const around = (access: Access, counts: (one: Operation) => boolean) =>
    new Set(access.interactions.filter((one) => counts(one.operation)).flatMap((one) => [...callersOf(idOf(one))]))
  const making = new Map(accesses.map((one) => [one, around(one, isMaking)]))
  const known = new Map<Access, Access[]>()
  function continuations(reader: Access): Access[] {
    const before = known.get(reader)
    if (before) return before
    const reading = around(reader, isRead)
    const found = (byActor.get(reader.actor) ?? []).filter(
      (one) => one !== reader && [...(making.get(one) ?? [])].some((id) => reading.has(id)),
    )
    known.set(reader, found)
    return found
  }
  return { after, continuations }
}

function foremost(accesses: readonly Access[]): Access[] {
  const weight = (one: Access) => one.interactions.length + (one.onLoop ? accesses.length : 0)
  return [...accesses].sort((a, b) => weight(b) - weight(a)).slice(0, MOST_PARTIES)
}

/** Who only changes rows that others have made hands over less. */
function makingWeight({ operations, onLoop }: Access): number {
  const makes = operations.includes('insert') || operations.includes('upsert')
  return (makes ? 1 : 0.4) * (onLoop ? 1.5 : 1)
}

/** Who reads rows and changes them takes them over: a queue. */
function readingWeight({ operations, onLoop }: Access): number {
  const takes = operations.includes('update') || operations.includes('delete')
  return (takes ? 1.5 : 1) * (onLoop ? 1.5 : 1)
}

/** A function and those that call it, up to DEPTH calls away. */
function followCallers(graph: CodeGraph): (id: FunctionId) => ReadonlySet<FunctionId> {
  const callers = adjacency(graph.calls.map(([from, to]) => [to, from] as const))
  const known = new Map<FunctionId, Set<FunctionId>>()
  return (id) => {
    const before = known.get(id)
    if (before) return before
    const seen = new Set([id])
    let border = [id]
    for (let depth = 0; depth < DEPTH; depth++) {
      // Nothing follows from being called where a module loads: that is where everything begins.
      border = border.flatMap((at) => callers.get(at) ?? []).filter((next) => !next.endsWith('#') && !seen.has(next))
      for (const next of border) seen.add(next)
    }
    known.set(id, seen)
    return seen
  }
}
