import { isTestFile } from '../file-role.ts'
import { type Expr, unpackPosition } from '../ir.ts'
import { partsOf } from '../parts-of.ts'
import { atomsOf } from '../value.ts'
import { isProjectClass } from './classes.ts'
import { runClass } from './constructing.ts'
import type { Evaluation, Frame } from './evaluation.ts'
import { evaluate } from './expressions.ts'
import { closeAfterCall, differsWithin, enqueue, frameAround, functionOf, isClosure, symbolicFrame } from './frames.ts'
import { containsTouching, mayTouch } from './touching.ts'

/** Runs all frames that wait, and those that they bring. */
export function runAll(evaluation: Evaluation): void {
  for (let frame = evaluation.queue.pop(); frame; frame = evaluation.queue.pop()) {
    countRun(evaluation, frame)
    const fn = functionOf(frame.module, frame.fn)
    const runs = evaluation.runs.get(fn)
    if (runs) runs.push(frame)
    else evaluation.runs.set(fn, [frame])
    for (const expr of fn.body) runSafely(evaluation, frame, expr)
    closeAfterCall(frame)
  }
}

/** How much of the budget is left for tests, which try all ways to call what the program has. */
const TEST_RUNS = 3_000

function countRun({ budget }: Evaluation, { parent, module }: Frame): void {
  budget.runs += 1
  if (parent !== null || budget.isTests || !isTestFile(module.file)) return
  budget.isTests = true
  budget.most = Math.min(budget.most, budget.runs + TEST_RUNS)
}

/** What goes wrong with one expression is a fault of ours; it is told, and all others are followed. */
export function runSafely(evaluation: Evaluation, frame: Frame, expr: Expr): void {
  try {
    run(evaluation, frame, expr)
  } catch (error) {
    const { name, at } = functionOf(frame.module, frame.fn)
    const { line } = unpackPosition(at)
    const where = name === null ? `line ${line}` : `${name}, line ${line}`
    evaluation.book.faults.set(
      frame.module.file,
      `can't be followed whole (${where}): ${error instanceof Error ? error.message : error}`,
    )
  }
}

/**
 * Evaluates what in an expression may lead to the database, and lets the functions in it run. True where it holds
 * something of that kind, so that what is done with it is evaluated, too.
 */
function run(evaluation: Evaluation, frame: Frame, expr: Expr): boolean {
  const each = (...all: readonly Expr[]): boolean => all.map((one) => run(evaluation, frame, one)).includes(true)
  switch (expr.k) {
    case 'call':
    case 'new':
      return runCall(evaluation, frame, expr)
    case 'tag':
      each(...expr.holes)
      evaluate(evaluation, frame, expr)
      return true
    case 'function': {
      const closure = evaluate(evaluation, frame, expr)
      if (isClosure(closure) && differsWithin(evaluation, frame, closure.fn))
        enqueue(evaluation, symbolicFrame(frame, closure.fn, closure.self))
      return false
    }
    case 'class':
      runClassExpression(evaluation, frame, expr)
      return false
    case 'object':
      return runObject(evaluation, frame, expr)
    case 'shared': {
      const inner = frame.module.ir.shared[expr.value]
      const found = inner !== undefined && run(evaluation, frame, inner)
      // As the one expression that others refer to.
      if (found) evaluate(evaluation, frame, expr)
      return found
    }
    case 'ref':
      return holdsTouching(evaluation, frame, expr.slot)
    default:
      return each(...partsOf(expr))
  }
}

function runCall(evaluation: Evaluation, frame: Frame, expr: Extract<Expr, { k: 'call' | 'new' }>): boolean {
  const parts = [expr.callee, ...expr.args].map((one) => run(evaluation, frame, one)).includes(true)
  const found = parts || mayTouch(evaluation.touching, frame.module.ir, expr)
  if (found || isOpen(evaluation, frame, expr.callee)) evaluate(evaluation, frame, expr)
  return found
}

function runClassExpression(evaluation: Evaluation, frame: Frame, expr: Expr): void {
  const value = evaluate(evaluation, frame, expr)
  if (!isProjectClass(value)) return
  const { base, decorators } = value.ir
  for (const one of [...(base === undefined ? [] : [base]), ...decorators])
    run(evaluation, frame, { k: 'shared', value: one })
  for (const model of evaluation.models.values()) model.declares?.(value)
  runClass(evaluation, value)
}

function runObject(evaluation: Evaluation, frame: Frame, expr: Extract<Expr, { k: 'object' }>): boolean {
  const value = evaluate(evaluation, frame, expr)
  let found = false
  for (const member of expr.members) {
    if (member.k === 'get') enqueue(evaluation, symbolicFrame(frame, member.function, value))
    else if (member.k === 'value' && member.value.k === 'function') {
      const self = frame.module.ir.functions[member.value.function]?.arrow ? frame.self : value
      enqueue(evaluation, symbolicFrame(frame, member.value.function, self))
    } else if (run(evaluation, frame, member.value)) found = true
    if (member.k === 'computed') run(evaluation, frame, member.name)
  }
  return found
}

/** Whether a variable holds what a call of the kind gave: a builder that is continued later. */
function holdsTouching(evaluation: Evaluation, frame: Frame, number: number): boolean {
  const { ir } = frame.module
  const slot = ir.slots[number]
  if (!slot) return false
  const known = frameAround(frame, slot.owner)?.slots.get(number)
  if (known) return atomsOf(known).some((atom) => atom.kind === 'library' && atom.style !== 'javascript')
  return slot.defs.some((def) => {
    if (def.k === 'parameter') return frameAround(frame, slot.owner)?.bearing === true
    const expr = def.k === 'value' ? ir.shared[def.value] : undefined
    return expr !== undefined && containsTouching(evaluation.touching, ir, expr)
  })
}

/** A method of something of which nothing is known may be one that a library has made up: `order.createLine()`. */
function isOpen({ touching }: Evaluation, frame: Frame, callee: Expr): boolean {
  if (callee.k !== 'member') return false
  return !touching.own.has(callee.name) && !touching.outside.receives(frame.module.ir, callee.object)
}
