import type { FunctionId } from '../code-graph.ts'
import type { Module, Program } from '../program.ts'
import type { FunctionIndex } from './function-index.ts'
import { walkFunction } from './walk-expressions.ts'

/**
 * Which functions call which: by name, by variable, by method (`FunctionIndex.memberTargets`), and by handing a function
 * on, or keeping it in a list. A function inside another is as good as called by it. Callbacks without a name are part of the function
 * around them.
 */
export function collectCalls(program: Program, index: FunctionIndex): [FunctionId, FunctionId][] {
  const found = new Map<FunctionId, Set<FunctionId>>()
  for (const file of program.files) {
    const module = program.module(file)
    if (module === null) continue
    for (const [fn, { parent }] of module.ir.functions.entries()) {
      const id = index.idOf(module, fn)
      const targets = found.get(id) ?? new Set<FunctionId>()
      found.set(id, targets)
      for (const target of calledBy(module, fn, index)) targets.add(target)
      // At the level of the module nothing follows from where a function stands.
      if (parent > 0) found.get(index.idOf(module, parent))?.add(id)
    }
  }
  return [...found].flatMap(([caller, targets]) =>
    [...targets].filter((target) => target !== caller).map((target): [FunctionId, FunctionId] => [caller, target]),
  )
}

/** The functions that one function calls, or hands on by name. */
export function calledBy(module: Module, fn: number, index: FunctionIndex): Set<FunctionId> {
  const targets = new Set<FunctionId>()
  for (const call of module.ir.functions[fn]?.calls ?? []) {
    const found =
      typeof call === 'number'
        ? index.slotTargets(module, call)
        : call === null
          ? []
          : index.memberTargets(module, call)
    for (const target of found) targets.add(target)
  }
  walkFunction(module.ir, fn, (expr) => {
    if (expr.k === 'ref') for (const target of index.slotTargets(module, expr.slot)) targets.add(target)
  })
  return targets
}
