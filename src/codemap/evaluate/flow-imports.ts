import type { FileIr } from '../ir.ts'
import { mayExport } from '../modules/exported-names.ts'
import type { Module, Program } from '../program.ts'
import type { FlowGraph, Node } from './flow-graph.ts'

/** How what a module exports comes to those that import it. */
export interface Imports {
  /** What the import of a name holds goes to the node. */
  link(importer: Module, specifier: string, name: string, to: Node): void
}

export function createImports(program: Program, graph: FlowGraph): Imports {
  const opened = new Set<FileIr>()

  const targetOf = (importer: Module, specifier: string): Module | null => {
    const file = program.resolve(specifier, importer.file)
    return file === null ? null : program.module(file)
  }

  /** The exports of a module of which somebody has the whole are members of it. */
  function open(module: Module): void {
    if (opened.has(module.ir)) return
    opened.add(module.ir)
    for (const one of module.ir.exports) {
      if (one.k !== 'all') graph.link(graph.export(module.ir, one.name), graph.member(module.ir, one.name))
      else {
        const next = targetOf(module, one.from)
        if (next) open(next)
      }
    }
  }

  function linkExport(module: Module, name: string, to: Node, seen: Set<FileIr>): void {
    if (seen.has(module.ir)) return
    seen.add(module.ir)
    graph.link(graph.export(module.ir, name), to)
    if (module.ir.wholeExports.length > 0)
      graph.link(name === 'default' ? graph.whole(module.ir) : graph.member(module.ir, name), to)
    if (module.ir.exports.some((one) => one.k !== 'all' && one.name === name)) return
    for (const one of module.ir.exports) {
      const next = one.k === 'all' ? targetOf(module, one.from) : null
      if (next && mayExport(program, next, name)) linkExport(next, name, to, seen)
    }
  }

  return {
    link: (importer, specifier, name, to) => {
      const target = targetOf(importer, specifier)
      if (!target) return
      if (name === '*' || name === '*require' || name === '=') {
        open(target)
        graph.link(graph.whole(target.ir), to)
      } else linkExport(target, name, to, new Set())
    },
  }
}
