import { type CodeGraph, functionId } from '../code-graph.ts'
import type { Interaction } from '../interaction.ts'
import type { Program } from '../program.ts'
import type { SqlCatalog } from '../sql/catalog.ts'
import { collectCalls } from './calls.ts'
import { findEntries } from './entries.ts'
import { indexFunctions } from './function-index.ts'
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
  const index = indexFunctions(program)
  const interacting = new Set(interactions.map((one) => functionId(one.file, one.function)))
  return {
    files,
    imports,
    calls: collectCalls(program, index),
    entries,
    loops: collectLoops(program, index, interacting),
    written: collectWritten(program, interactions),
    relations: [...catalog.tables.values()].flat(),
  }
}

function importsOf(program: Program, file: string): [from: string, to: string][] {
  const requests = program.module(file)?.ir.requests ?? []
  const targets = requests.flatMap((request) => program.resolve(request, file) ?? [])
  return [...new Set(targets)].filter((to) => to !== file).map((to) => [file, to])
}
