import type { CodeGraph } from '../code-graph.ts'
import type { Program } from '../program.ts'
import { findEntries } from './entries.ts'

/** What the queries of the map ask about the program besides its interactions. */
export function buildGraph(
  program: Program,
  files: readonly string[],
  manifests: readonly (readonly [file: string, text: string])[],
): CodeGraph {
  const imports = program.files.flatMap((file) => importsOf(program, file))
  const imported = new Set(imports.map(([, to]) => to))
  const entries = findEntries(program.files, imported, manifests, (path) =>
    program.resolve(`./${path}`, 'package.json'),
  )
  return { files, imports, calls: [], entries, loops: [], written: [] }
}

function importsOf(program: Program, file: string): [from: string, to: string][] {
  const requests = program.module(file)?.ir.requests ?? []
  const targets = requests.flatMap((request) => program.resolve(request, file) ?? [])
  return [...new Set(targets)].filter((to) => to !== file).map((to) => [file, to])
}
