import { array, atomsOf, UNDEFINED, union, unknown, type Value } from '../value.ts'
import type { Evaluation, Frame } from './evaluation.ts'
import { functionOf } from './frames.ts'
import { orElse, sharedValue } from './slots.ts'
import { refine, typeValue } from './types.ts'

/** What a parameter is in this frame: what the call gives, else what its type says. */
export function parameterValue(evaluation: Evaluation, frame: Frame, index: number): Value {
  const ir = functionOf(frame.module, frame.fn)
  const parameter = ir.parameters[index]
  if (!parameter) return UNDEFINED
  const { type, default: otherwise, rest } = parameter
  const given = frame.args
  const asTyped = (value: Value): Value => (type ? refine(value, () => typeValue(evaluation, frame, type)) : value)
  if (given === null) {
    const anything = unknown(`it is the parameter "${parameter.name}" of ${ir.name ?? 'a function'}`)
    const typed = assume(asTyped(anything))
    return otherwise === undefined ? typed : union([sharedValue(evaluation, frame, otherwise), typed])
  }
  if (rest) return array(given.slice(index), true)
  const value = asTyped(given[index] ?? UNDEFINED)
  return otherwise === undefined ? value : orElse(value, () => sharedValue(evaluation, frame, otherwise))
}

/** What callers are only allowed to give. */
function assume(value: Value): Value {
  return union(atomsOf(value).map((atom) => (atom.kind === 'text' ? { ...atom, assumed: true } : atom)))
}
