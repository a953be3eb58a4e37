import type { Expr, FileIr } from '../ir.ts'
import { isProjectClass } from './classes.ts'
import { runClass } from './constructing.ts'
import type { Evaluation, Frame } from './evaluation.ts'
import { evaluate } from './expressions.ts'
import { enqueue, functionOf, isClosure, symbolicFrame } from './frames.ts'
import { callsSlot } from './touching.ts'

/** Runs all frames that wait, and those that they bring. */
export function runAll(evaluation: Evaluation): void {
  for (let frame = evaluation.queue.pop(); frame; frame = evaluation.queue.pop())
    for (const expr of functionOf(frame.module, frame.fn).body) run(evaluation, frame, expr)
}

/** Evaluates what in an expression may lead to the database, and lets the functions in it run. */
function run(evaluation: Evaluation, frame: Frame, expr: Expr): void {
  switch (expr.k) {
    case 'call':
    case 'new':
      run(evaluation, frame, expr.callee)
      for (const arg of expr.args) run(evaluation, frame, arg)
      if (mayTouch(evaluation, frame.module.ir, expr)) evaluate(evaluation, frame, expr)
      return
    case 'tag':
      for (const hole of expr.holes) run(evaluation, frame, hole)
      evaluate(evaluation, frame, expr)
      return
    case 'function': {
      const closure = evaluate(evaluation, frame, expr)
      if (isClosure(closure)) enqueue(evaluation, symbolicFrame(frame, closure.fn, closure.self))
      return
    }
    case 'class': {
      const value = evaluate(evaluation, frame, expr)
      if (isProjectClass(value)) {
        const { base, decorators } = value.ir
        for (const one of [...(base === undefined ? [] : [base]), ...decorators])
          run(evaluation, frame, { k: 'shared', value: one })
        runClass(evaluation, value)
      }
      return
    }
    case 'object':
      runObject(evaluation, frame, expr)
      return
    case 'shared': {
      const inner = frame.module.ir.shared[expr.value]
      if (inner) runShared(evaluation, frame, expr, inner)
      return
    }
    case 'member':
      run(evaluation, frame, expr.object)
      return
    case 'index':
      run(evaluation, frame, expr.object)
      run(evaluation, frame, expr.index)
      return
    case 'template':
      for (const hole of expr.holes) run(evaluation, frame, hole)
      return
    case 'array':
      for (const item of expr.items) run(evaluation, frame, item)
      return
    case 'either':
    case 'sequence':
    case 'effects':
      for (const one of expr.of) run(evaluation, frame, one)
      return
    case 'await':
    case 'as':
    case 'spread':
      run(evaluation, frame, expr.value)
      return
    case 'add':
      run(evaluation, frame, expr.left)
      run(evaluation, frame, expr.right)
  }
}

/** A shared call is evaluated as shared, so that it is the one that others see. */
function runShared(evaluation: Evaluation, frame: Frame, expr: Expr, inner: Expr): void {
  if ((inner.k === 'call' || inner.k === 'new') && mayTouch(evaluation, frame.module.ir, inner)) evaluate(evaluation, frame, expr)
  run(evaluation, frame, inner)
}

function runObject(evaluation: Evaluation, frame: Frame, expr: Extract<Expr, { k: 'object' }>): void {
  const value = evaluate(evaluation, frame, expr)
  for (const member of expr.members) {
    if (member.k === 'get') enqueue(evaluation, symbolicFrame(frame, member.function, value))
    else if (member.k === 'value' && member.value.k === 'function') {
      const self = frame.module.ir.functions[member.value.function]?.arrow ? frame.self : value
      enqueue(evaluation, symbolicFrame(frame, member.value.function, self))
    } else run(evaluation, frame, member.value)
    if (member.k === 'computed') run(evaluation, frame, member.name)
  }
}

/** Whether the call may open an access, or hand something on to where one is opened. */
function mayTouch(evaluation: Evaluation, ir: FileIr, expr: Extract<Expr, { k: 'call' | 'new' }>): boolean {
  const { names, functions } = evaluation.touching
  const { callee } = expr
  if (expr.args.some((arg) => arg.k === 'function' && functions.get(ir)?.has(arg.function))) return true
  switch (callee.k) {
    case 'member':
    case 'global':
      return names.has(callee.name)
    case 'ref':
      return callsSlot(ir, callee.slot, names)
    case 'super':
      return false
    default:
      return true
  }
}
