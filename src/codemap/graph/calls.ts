import type { FunctionId } from '../code-graph.ts'
import type { Expr } from '../ir.ts'
import { walkFunction } from '../parts-of.ts'
import type { Module, Program } from '../program.ts'
import type { FunctionIndex } from './function-index.ts'
import type { LoopCall } from './loop-calls.ts'

/**
 * Which functions call which: by name, by variable, by method (`FunctionIndex.memberTargets`), and by handing a function
 * on, or keeping it in a list. A function inside another is as good as called by it. But who hands a function to a loop
 * doesn't call it: what a route does is not done where it is set up.
 */
export function collectCalls(
  program: Program,
  index: FunctionIndex,
  loopCalls: ReadonlyMap<string, readonly LoopCall[]>,
): [FunctionId, FunctionId][] {
  const found = new Map<FunctionId, Set<FunctionId>>()
  for (const file of program.files) {
    const module = program.module(file)
    if (module === null) continue
    const calls = loopCalls.get(file) ?? []
    const handed = new Set(calls.filter((call) => call.kind !== null).flatMap((call) => call.expr.args))
    const callbacks = new Set(calls.flatMap((call) => call.callbacks))
    for (const [fn, { parent }] of module.ir.functions.entries()) {
      const id = index.idOf(module, fn)
      const targets = found.get(id) ?? new Set<FunctionId>()
      found.set(id, targets)
      for (const target of calledBy(module, fn, index, handed)) targets.add(target)
      // At the level of the module nothing follows from where a function stands.
      if (parent > 0 && !callbacks.has(fn)) found.get(index.idOf(module, parent))?.add(id)
    }
  }
  return [...found].flatMap(([caller, targets]) =>
    [...targets].filter((target) => target !== caller).map((target): [FunctionId, FunctionId] => [caller, target]),
  )
}

const NOTHING: ReadonlySet<Expr> = new Set()

/** The functions that one function calls, or hands on by name, but for these arguments. */
export function calledBy(
  module: Module,
  fn: number,
  index: FunctionIndex,
  handed: ReadonlySet<Expr> = NOTHING,
): Set<FunctionId> {
  const { ir } = module
  const targets = new Set<FunctionId>()
  const skipped = new Set([...handed].flatMap((arg) => (arg.k === 'ref' ? [arg.slot] : [])))
  const names = new Set(
    [...handed].flatMap((arg) =>
      arg.k === 'ref' ? (ir.slots[arg.slot]?.name ?? []) : arg.k === 'member' ? arg.name : [],
    ),
  )
  for (const call of ir.functions[fn]?.calls ?? []) {
    if (typeof call === 'number') for (const target of index.slotTargets(module, call)) targets.add(target)
    else if (call !== null && !names.has(call))
      for (const target of index.memberTargets(module, call)) targets.add(target)
  }
  walkFunction(ir, fn, (expr) => {
    if (expr.k !== 'ref' || skipped.has(expr.slot)) return
    for (const target of index.slotTargets(module, expr.slot)) targets.add(target)
  })
  return targets
}
