import type { Callback, CodeGraph } from '../code-graph.ts'
import type { Interaction } from '../interaction.ts'
import { unpackPosition } from '../ir.ts'
import type { Program } from '../program.ts'
import type { SqlCatalog } from '../sql/catalog.ts'
import { collectCalls } from './calls.ts'
import { findEntries } from './entries.ts'
import { callbackId, indexFunctions } from './function-index.ts'
import { collectLoopCalls } from './loop-calls.ts'
import { collectLoops } from './loops.ts'
import { collectWritten } from './written.ts'

/** What the queries of the map ask about the program besides its interactions. */
export function buildGraph(
  program: Program,
  files: readonly string[],
  manifests: readonly (readonly [file: string, text: string])[],
  interactions: readonly Interaction[],
  catalog: SqlCatalog,
): CodeGraph {
  const imports = program.files.flatMap((file) => importsOf(program, file))
  const imported = new Set(imports.map(([, to]) => to))
  const entries = findEntries(program.files, imported, manifests, (path) =>
    program.resolve(`./${path}`, 'package.json'),
  )
  const loopCalls = collectLoopCalls(program)
  const callbacks = new Map(
    [...loopCalls].map(([file, calls]) => [file, new Set(calls.flatMap((one) => one.callbacks))]),
  )
  const index = indexFunctions(program, callbacks)
  return {
    files,
    imports,
    calls: collectCalls(program, index, loopCalls),
    entries,
    loops: collectLoops(program, index, loopCalls),
    callbacks: [...callbacks].flatMap(([file, numbers]) => placeCallbacks(program, file, numbers)),
    written: collectWritten(program, interactions),
    relations: [...catalog.tables.values()].flat(),
  }
}

function importsOf(program: Program, file: string): [from: string, to: string][] {
  const requests = program.module(file)?.ir.requests ?? []
  const targets = requests.flatMap((request) => program.resolve(request, file) ?? [])
  return [...new Set(targets)].filter((to) => to !== file).map((to) => [file, to])
}

function placeCallbacks(program: Program, file: string, numbers: ReadonlySet<number>): Callback[] {
  const functions = program.module(file)?.ir.functions ?? []
  return [...numbers].flatMap((number) => {
    const fn = functions[number]
    if (fn === undefined) return []
    return [{ id: callbackId(file, fn), file, from: unpackPosition(fn.at), to: unpackPosition(fn.end) }]
  })
}
