import { array, atomsOf, UNDEFINED, union, unknown, type Value } from '../value.ts'
import type { Evaluation, Frame } from './evaluation.ts'
import { functionOf, isClosure } from './frames.ts'
import { orElse, sharedValue } from './slots.ts'
import { isTypedFunction, refine, typeValue } from './types.ts'

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
    const typed = assume(type ? asTyped(anything) : refine(anything, () => expectedOf(frame, index)))
    return otherwise === undefined ? typed : union([sharedValue(evaluation, frame, otherwise), typed])
  }
  if (rest) return array(given.slice(index), true)
  const value = asTyped(given[index] ?? UNDEFINED)
  return otherwise === undefined ? value : orElse(value, () => sharedValue(evaluation, frame, otherwise))
}

/** Of a function without types of its own that is handed to one which has them: `run(async (client) => …)`. */
function expectedOf({ parent, fn }: Frame, index: number): Value {
  return union(
    atomsOf(parent?.expected.get(fn) ?? UNDEFINED).map((atom) =>
      isTypedFunction(atom) ? atom.parameter(index) : unknown('its type says nothing'),
    ),
  )
}

/** Tells functions that are handed in which type they have there. */
export function expectTypes(arg: Value | undefined, typed: () => Value): void {
  for (const atom of arg ? atomsOf(arg) : []) {
    if (!isClosure(atom)) continue
    const { frame, fn } = atom
    const { parameters } = functionOf(frame.module, fn)
    if (frame.expected.has(fn) || !parameters.some(({ type }) => type === undefined)) continue
    frame.expected.set(fn, typed())
  }
}

/** What callers are only allowed to give. */
function assume(value: Value): Value {
  return union(atomsOf(value).map((atom) => (atom.kind === 'text' ? { ...atom, assumed: true } : atom)))
}
