import type { FunctionId, Loop, LoopKind } from '../code-graph.ts'
import { type Expr, type Position, unpackPosition } from '../ir.ts'
import type { Module, Program } from '../program.ts'
import { calledBy } from './calls.ts'
import { PLACED } from './entries.ts'
import type { FunctionIndex } from './function-index.ts'
import { calledName, type LoopCall } from './loop-calls.ts'
import { DECORATORS, HANDLERS } from './loop-rules.ts'

/** Where the program runs something again and again: timers, schedules, endless loops, queues, requests, events. */
export function collectLoops(
  program: Program,
  index: FunctionIndex,
  loopCalls: ReadonlyMap<string, readonly LoopCall[]>,
): Loop[] {
  return program.files.flatMap((file) => {
    const module = program.module(file)
    if (module === null) return []
    const found = [
      ...endlessLoops(module, index),
      ...(loopCalls.get(file) ?? []).flatMap((call) => calledLoop(module, call, index)),
      ...decoratedLoops(module, index),
      ...(PLACED.some((rule) => rule.test(file)) ? exportedLoops(module, index) : []),
    ]
    return found.filter((loop) => loop.runs.length > 0)
  })
}

function endlessLoops(module: Module, index: FunctionIndex): Loop[] {
  return module.ir.functions.flatMap(({ endless }, fn) => {
    const id = index.idOf(module, fn)
    return endless === undefined ? [] : [makeLoop(module, endless, { kind: 'loop', label: null, job: id, runs: [id] })]
  })
}

function calledLoop(module: Module, call: LoopCall, index: FunctionIndex): Loop[] {
  const { kind, label, callbacks, expr, at, within } = call
  const own = index.idOf(module, within)
  const runs = expr.args.flatMap((arg) => handedOn(module, arg, index))
  // A function that sets a timer for itself runs again and again.
  if (kind === null)
    return runs.includes(own) ? [makeLoop(module, at, { kind: 'timer', label, job: own, runs: [own] })] : []
  const [callback] = callbacks
  const [first] = runs
  if (callback === undefined) return [makeLoop(module, at, { kind, label, job: first ?? own, runs })]
  // A route is known by where it stands; a timer by what it starts.
  const [starts] = calledBy(module, callback, index)
  return [makeLoop(module, at, { kind, label, job: kind === 'request' ? own : (starts ?? own), runs })]
}

function handedOn(module: Module, arg: Expr, index: FunctionIndex): FunctionId[] {
  switch (arg.k) {
    case 'ref':
      return [...index.slotTargets(module, arg.slot)]
    case 'member':
      return [...index.memberTargets(module, arg.name)]
    case 'function':
      return [index.idOf(module, arg.function)]
    case 'shared':
      return handedOn(module, module.ir.shared[arg.value] ?? { k: 'this' }, index)
    case 'call':
      // `this.tick.bind(this)`, `wrap(handler)`.
      return arg.callee.k === 'member' && arg.callee.name === 'bind'
        ? handedOn(module, arg.callee.object, index)
        : arg.args.flatMap((inner) => handedOn(module, inner, index))
    case 'object':
      return arg.members.flatMap((member) => (member.k === 'value' ? handedOn(module, member.value, index) : []))
    default:
      return []
  }
}

function decoratedLoops(module: Module, index: FunctionIndex): Loop[] {
  return module.ir.classes.flatMap(({ members }) =>
    members.flatMap((member): Loop[] => {
      const names = member.decorators.flatMap((value) => {
        const decorator = module.ir.shared[value]
        return calledName(module.ir, decorator?.k === 'call' ? decorator.callee : (decorator ?? { k: 'this' })) ?? []
      })
      const kind = DECORATORS.find(([pattern]) => names.some((name) => pattern.test(name)))?.[1]
      if (kind === undefined || member.function === undefined) return []
      const id = index.idOf(module, member.function)
      return [makeLoop(module, member.at, { kind, label: null, job: id, runs: [id] })]
    }),
  )
}

function exportedLoops(module: Module, index: FunctionIndex): Loop[] {
  return module.ir.exports.flatMap((one): Loop[] => {
    if (one.k === 'all' || !HANDLERS.test(one.name)) return []
    const runs = index.exportTargets(module.file, one.name)
    const [job] = runs
    const place = { file: module.file, line: 1, column: 1 }
    return job === undefined ? [] : [{ ...place, kind: 'request', label: null, job, runs }]
  })
}

interface About {
  readonly kind: LoopKind
  readonly label: string | null
  readonly job: FunctionId
  readonly runs: readonly FunctionId[]
}

function makeLoop({ file }: Module, at: Position, about: About): Loop {
  return { file, ...unpackPosition(at), ...about, runs: [...new Set(about.runs)] }
}
