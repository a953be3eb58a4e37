import type { Expr } from '../ir.ts'
import { array, atomsOf, text, UNDEFINED, union, unknown, type Value } from '../value.ts'
import { awaited } from './awaited.ts'
import { evaluateCall, evaluateNew, evaluateTag } from './calls.ts'
import { classValue } from './classes.ts'
import type { Evaluation, Frame } from './evaluation.ts'
import { makeClosure } from './frames.ts'
import { loadedValue } from './loaded-modules.ts'
import { evaluateIndex, memberOf } from './members.ts'
import { globalValue, importedValue } from './modules.ts'
import { evaluateObject } from './objects.ts'
import { sharedValue, slotValue } from './slots.ts'
import { concatenate } from './texts.ts'
import { refine, typeValue } from './types.ts'

/** Nothing yet: what an expression gives while it is being evaluated further out. */
export const NOTHING: Value = { kind: 'union', of: [] }

/** What the expression may be in this frame. Calls on the way do what they do. */
export function evaluate(evaluation: Evaluation, frame: Frame, expr: Expr): Value {
  switch (expr.k) {
    case 'text':
      return text(expr.text)
    case 'literal':
      return expr.value === undefined ? UNDEFINED : { kind: 'literal', value: expr.value }
    case 'ref':
      return slotValue(evaluation, frame, expr.slot)
    case 'global':
      return globalValue(evaluation, frame, expr.name)
    case 'shared':
      return sharedValue(evaluation, frame, expr.value)
    case 'this':
      return frame.self ?? unknown('it is a "this" that only the caller knows')
    case 'await':
      return awaited(evaluation, frame, evaluate(evaluation, frame, expr.value))
    case 'as': {
      const value = evaluate(evaluation, frame, expr.value)
      return refine(value, () => typeValue(evaluation, frame, expr.type))
    }
    case 'sequence':
    case 'effects':
      return lastOf(evaluation, frame, expr)
    case 'super':
      return unknown('it is super')
    case 'spread':
      return evaluate(evaluation, frame, expr.value)
    default:
      return remembered(evaluation, frame, expr)
  }
}

/**
 * Any of these; of `globalThis.db ?? makeDb()`, where nobody puts anything into the global in the code, what the code
 * makes.
 */
function oneOf(values: readonly Value[]): Value {
  const atoms = values.flatMap(atomsOf)
  const known = atoms.filter((atom) => atom.kind !== 'library' || atom.style !== 'javascript')
  const isKnown = known.some((atom) => atom.kind === 'library' || atom.kind === 'instance')
  return union(isKnown ? known : values)
}

/** Of these one evaluation per frame is enough, and calls must not be made twice. */
function remembered(evaluation: Evaluation, frame: Frame, expr: Expr): Value {
  const known = frame.values.get(expr)
  if (known) return known
  frame.values.set(expr, NOTHING)
  const value = evaluateAnew(evaluation, frame, expr)
  frame.values.set(expr, value)
  return value
}

function evaluateAnew(evaluation: Evaluation, frame: Frame, expr: Expr): Value {
  switch (expr.k) {
    case 'template':
      return concatenate(
        expr.parts.flatMap((part, at) => {
          const hole = expr.holes[at]
          return hole ? [text(part), evaluate(evaluation, frame, hole)] : [text(part)]
        }),
      )
    case 'add':
      return concatenate([evaluate(evaluation, frame, expr.left), evaluate(evaluation, frame, expr.right)])
    case 'member':
      return memberOf(evaluation, frame, evaluate(evaluation, frame, expr.object), expr.name, expr.at)
    case 'index':
      return evaluateIndex(evaluation, frame, expr)
    case 'call':
      return evaluateCall(evaluation, frame, expr)
    case 'new':
      return evaluateNew(evaluation, frame, expr)
    case 'tag':
      return evaluateTag(evaluation, frame, expr)
    case 'function':
      return makeClosure(frame, expr.function, frame.module.ir.functions[expr.function]?.arrow ? frame.self : null)
    case 'class':
      return classValue(evaluation, frame, expr.class)
    case 'object':
      return evaluateObject(evaluation, frame, expr.members)
    case 'array':
      return evaluateArray(evaluation, frame, expr.items)
    case 'either':
      return oneOf(expr.of.map((one) => evaluate(evaluation, frame, one)))
    case 'import':
      return importedValue(evaluation, frame.module, expr.from, '*require')
    case 'load':
      return union(expr.of.map((one) => loadedValue(evaluation, frame.module, evaluate(evaluation, frame, one))))
    default:
      return unknown('it is not followed')
  }
}

function evaluateArray(evaluation: Evaluation, frame: Frame, items: readonly Expr[]): Value {
  const found: Value[] = []
  let complete = true
  for (const item of items) {
    const value = evaluate(evaluation, frame, item)
    if (item.k !== 'spread') found.push(value)
    else if (value.kind === 'array') {
      found.push(...value.items)
      complete &&= value.complete
    } else {
      found.push(unknown('it is spread into a list'))
      complete = false
    }
  }
  return array(found, complete)
}

/** What comes before the last, and the parts of a sum, are of no use to the value; whoever runs the function runs them. */
function lastOf(evaluation: Evaluation, frame: Frame, expr: Extract<Expr, { k: 'sequence' | 'effects' }>): Value {
  const last = expr.k === 'sequence' ? expr.of.at(-1) : undefined
  return last ? evaluate(evaluation, frame, last) : unknown('it is computed')
}
