import type { FunctionId, Loop, LoopKind } from '../code-graph.ts'
import { type Expr, type Position, unpackPosition } from '../ir.ts'
import type { Module, Program } from '../program.ts'
import { calledBy } from './calls.ts'
import { PLACED } from './entries.ts'
import type { FunctionIndex } from './function-index.ts'
import { DECORATORS, HANDLERS, loopKind } from './loop-rules.ts'
import { bareExpression, walkFunction } from './walk-expressions.ts'

/**
 * Where the program runs something again and again: timers, schedules, endless loops, queues, requests, events. A
 * callback without a name stands for what it calls; where the code around it touches the database itself
 * (`interacting`), for that as well.
 */
export function collectLoops(program: Program, index: FunctionIndex, interacting: ReadonlySet<FunctionId>): Loop[] {
  return program.files.flatMap((file) => {
    const module = program.module(file)
    if (module === null) return []
    const found = [
      ...module.ir.functions.flatMap((_one, fn) => loopsIn(module, fn, index, interacting)),
      ...decoratedLoops(module, index),
      ...(PLACED.some((rule) => rule.test(file)) ? exportedLoops(module, index) : []),
    ]
    return found.filter((loop) => loop.runs.length > 0)
  })
}

function loopsIn(module: Module, fn: number, index: FunctionIndex, interacting: ReadonlySet<FunctionId>): Loop[] {
  const own = index.idOf(module, fn)
  const { endless } = module.ir.functions[fn] ?? {}
  const loops: Loop[] = endless === undefined ? [] : [makeLoop(module, endless, 'loop', own, [own])]
  walkFunction(module.ir, fn, (expr) => {
    if (expr.k !== 'call' && expr.k !== 'new') return
    const kind = kindOf(module, expr)
    const again = kind === null && nameOf(expr.callee) === 'setTimeout'
    if (kind === null && !again) return
    const runs = expr.args.flatMap((arg) => handedOn(module, arg, index, interacting))
    // A function that sets a timer for itself runs again and again.
    if (again && runs.includes(own)) loops.push(makeLoop(module, expr.at, 'timer', own, [own]))
    if (kind === null) return
    const nameless = expr.args.some((arg) => arg.k === 'function' && !module.ir.functions[arg.function]?.own)
    // A route is known by where it stands; a timer by what it starts.
    const job = kind === 'request' && nameless ? own : (runs[0] ?? own)
    loops.push(makeLoop(module, expr.at, kind, job, runs))
  })
  return loops
}

function kindOf(module: Module, expr: Extract<Expr, { k: 'call' | 'new' }>): LoopKind | null {
  const name = nameOf(expr.callee, module)
  if (name === null) return null
  return loopKind({
    name,
    object: expr.callee.k === 'member' ? expr.callee.object : null,
    isNew: expr.k === 'new',
    texts: expr.args.flatMap((arg) => {
      const bare = bareExpression(module.ir, arg)
      return bare?.k === 'text' ? [bare.text] : []
    }),
    requests: module.ir.requests,
  })
}

function nameOf(callee: Expr, module?: Module): string | null {
  if (callee.k === 'member' || callee.k === 'global') return callee.name
  if (callee.k !== 'ref' || !module) return null
  const slot = module.ir.slots[callee.slot]
  const imported = slot?.defs.find((def) => def.k === 'import')
  return imported?.k === 'import' && !/^(default|\*)/.test(imported.name) ? imported.name : (slot?.name ?? null)
}

function handedOn(module: Module, arg: Expr, index: FunctionIndex, interacting: ReadonlySet<FunctionId>): FunctionId[] {
  switch (arg.k) {
    case 'ref':
      return [...index.slotTargets(module, arg.slot)]
    case 'member':
      return [...index.memberTargets(module, arg.name)]
    case 'function': {
      const id = index.idOf(module, arg.function)
      const called = [...calledBy(module, arg.function, index)]
      if (module.ir.functions[arg.function]?.own) return [id]
      return interacting.has(id) ? [...called, id] : called
    }
    case 'shared':
      return handedOn(module, module.ir.shared[arg.value] ?? { k: 'this' }, index, interacting)
    case 'call':
      // `this.tick.bind(this)`, `wrap(handler)`.
      if (arg.callee.k === 'member' && arg.callee.name === 'bind')
        return handedOn(module, arg.callee.object, index, interacting)
      return arg.args.flatMap((inner) => handedOn(module, inner, index, interacting))
    case 'object':
      return arg.members.flatMap((member) =>
        member.k === 'value' ? handedOn(module, member.value, index, interacting) : [],
      )
    default:
      return []
  }
}

function decoratedLoops(module: Module, index: FunctionIndex): Loop[] {
  return module.ir.classes.flatMap(({ members }) =>
    members.flatMap((member): Loop[] => {
      const names = member.decorators.flatMap((value) => {
        const decorator = module.ir.shared[value]
        return nameOf(decorator?.k === 'call' ? decorator.callee : (decorator ?? { k: 'this' }), module) ?? []
      })
      const kind = DECORATORS.find(([pattern]) => names.some((name) => pattern.test(name)))?.[1]
      if (kind === undefined || member.function === undefined) return []
      const id = index.idOf(module, member.function)
      return [makeLoop(module, member.at, kind, id, [id])]
    }),
  )
}

function exportedLoops(module: Module, index: FunctionIndex): Loop[] {
  return module.ir.exports.flatMap((one): Loop[] => {
    if (one.k === 'all' || !HANDLERS.test(one.name)) return []
    const runs = index.exportTargets(module.file, one.name)
    const [job] = runs
    return job === undefined ? [] : [{ file: module.file, line: 1, column: 1, kind: 'request', job, runs }]
  })
}

function makeLoop({ file }: Module, at: Position, kind: LoopKind, job: FunctionId, runs: readonly FunctionId[]): Loop {
  return { file, ...unpackPosition(at), kind, job, runs: [...new Set(runs)] }
}
