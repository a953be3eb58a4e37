import type { CodeGraph, FunctionId } from '../code-graph.ts'
import type { Interaction } from '../interaction.ts'
import { groupBy } from '../queries/group-by.ts'
import { adjacency } from '../queries/reach.ts'
import { idOf, isMaking, tableKey } from '../queries/tables.ts'

/** A function, with what it and the functions that it calls write. */
export interface WriteUnit {
  readonly id: FunctionId
  /** Itself and what it calls, as far as is followed. */
  readonly reached: ReadonlySet<FunctionId>
  /** Keys of tables. */
  readonly tables: ReadonlySet<string>
  /** The text of an expression to the columns that it is put into, by key of the table. */
  readonly expressions: ReadonlyMap<string, ReadonlyMap<string, string>>
}

/** Calls that are followed from the function: a writer for each table, called by one that tells all, is two away. */
const DEPTH = 2
/** What writes more tables than this is the program, and says nothing of any two of them. */
const MOST_TABLES = 8

// The same instant or the same constant in two tables makes them no twins.
const SAYS_NOTHING =
  /^(null|undefined|true|false|now|now\(\)|today|timestamp|current_timestamp|default|new Date\b.*|Date\.now\(\).*|-?[\d_.]+|'[^']*'|"[^"]*"|`[^`$]*`|\[\]|\{\}|\$\d+|\?)$/i

/** Every function in whose reach two tables or more are written. */
export function buildWriteUnits(interactions: readonly Interaction[], graph: CodeGraph): WriteUnit[] {
  const making = interactions.filter((one) => isMaking(one.operation))
  const own = groupBy(making, idOf)
  const calls = adjacency(graph.calls)
  const callers = adjacency(graph.calls.map(([from, to]) => [to, from] as const))
  const around = new Set<FunctionId>()
  for (const id of own.keys()) {
    // Where a module loads, everything begins.
    for (const near of within(id, callers)) if (!near.endsWith('#') || own.has(near)) around.add(near)
  }
  const texts = new Map(graph.written.map((one) => [`${placeKey(one)} ${one.table}`, one.columns]))
  return [...around].flatMap((id) => {
    const reached = within(id, calls)
    const writes = [...reached].flatMap((near) => own.get(near) ?? [])
    const tables = new Set(writes.map((one) => tableKey(one.schema, one.table)))
    if (tables.size < 2 || tables.size > MOST_TABLES) return []
    return [{ id, reached, tables, expressions: collectExpressions(writes, texts) }]
  })
}

function within(id: FunctionId, edges: ReadonlyMap<string, readonly string[]>): Set<FunctionId> {
  const seen = new Set([id])
  let border = [id]
  for (let depth = 0; depth < DEPTH; depth++) {
    border = border.flatMap((at) => edges.get(at) ?? []).filter((next) => !seen.has(next))
    for (const next of border) seen.add(next)
  }
  return seen
}

function collectExpressions(
  writes: readonly Interaction[],
  texts: ReadonlyMap<string, Readonly<Record<string, string>>>,
): Map<string, Map<string, string>> {
  const expressions = new Map<string, Map<string, string>>()
  for (const write of writes) {
    const columns = texts.get(`${placeKey(write)} ${write.table}`) ?? {}
    for (const [column, text] of Object.entries(columns)) {
      if (SAYS_NOTHING.test(text)) continue
      const into = expressions.get(text) ?? new Map<string, string>()
      into.set(tableKey(write.schema, write.table), column)
      expressions.set(text, into)
    }
  }
  return expressions
}

function placeKey(place: { readonly file: string; readonly line: number; readonly column: number }): string {
  return `${place.file}:${place.line}:${place.column}`
}
