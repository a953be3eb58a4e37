import type { CodeGraph, FunctionId, Loop } from '../code-graph.ts'
import { fileRole } from '../file-role.ts'

/** What runs, and from where. */
export interface Reach {
  /** False where the graph has no entry of a program; then every file that nobody imports is taken for one. */
  readonly entriesKnown: boolean
  /** Files that some entry of the program loads. */
  readonly live: ReadonlySet<string>
  /** The entries that load one of these files. */
  entriesTo(files: readonly string[]): readonly string[]
  /** The loops that run the function, also through others. */
  loopsTo(id: FunctionId): ReadonlySet<Loop>
}

/**
 * What the entries load, over all imports, and which loops call which functions. Loading is taken for running: a call
 * graph of JavaScript misses calls, a file that nothing loads surely does not run.
 */
export function buildReach(graph: CodeGraph): Reach {
  const imports = adjacency(graph.imports)
  const starting = graph.entries.filter((file) => fileRole(file) === 'program')
  const entries = [...new Set(starting.length > 0 ? starting : rootsOf(graph))]
  const loadedBy = new Map<string, string[]>()
  for (const entry of entries) {
    for (const file of follow([entry], imports)) {
      const known = loadedBy.get(file)
      if (known) known.push(entry)
      else loadedBy.set(file, [entry])
    }
  }
  const loops = runBy(graph, loadedBy)
  const none: ReadonlySet<Loop> = new Set()
  return {
    entriesKnown: starting.length > 0,
    live: new Set(loadedBy.keys()),
    entriesTo: (files) => [...new Set(files.flatMap((file) => loadedBy.get(file) ?? []))],
    loopsTo: (id) => loops.get(id) ?? none,
  }
}

/** Each node that can be reached, the start included. */
export function follow(start: Iterable<string>, edges: ReadonlyMap<string, readonly string[]>): Set<string> {
  const seen = new Set(start)
  for (const at of seen) for (const next of edges.get(at) ?? []) seen.add(next)
  return seen
}

export function adjacency(pairs: Iterable<readonly [string, string]>): Map<string, string[]> {
  const edges = new Map<string, string[]>()
  for (const [from, to] of pairs) {
    const known = edges.get(from)
    if (known) known.push(to)
    else edges.set(from, [to])
  }
  return edges
}

function rootsOf(graph: CodeGraph): string[] {
  const imported = new Set(graph.imports.filter(([from]) => fileRole(from) !== 'test').map(([, to]) => to))
  return graph.files.filter((file) => fileRole(file) === 'program' && !imported.has(file))
}

function runBy(graph: CodeGraph, live: ReadonlyMap<string, unknown>): Map<FunctionId, Set<Loop>> {
  const calls = adjacency(graph.calls)
  const loops = new Map<FunctionId, Set<Loop>>()
  for (const loop of graph.loops) {
    if (!live.has(loop.file)) continue
    for (const id of follow(loop.runs, calls)) {
      const known = loops.get(id)
      if (known) known.add(loop)
      else loops.set(id, new Set([loop]))
    }
  }
  return loops
}
