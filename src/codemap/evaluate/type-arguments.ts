import type { TypeIr } from '../ir.ts'
import { type Atom, array, atomsOf, union, unknown, type Value } from '../value.ts'
import { callAtom } from './calls.ts'
import type { Evaluation, Frame } from './evaluation.ts'
import { functionOf, isClosure, symbolicFrame } from './frames.ts'
import { parameterValue } from './parameters.ts'
import { eachOf } from './slots.ts'

/**
 * What a type parameter stands for in a call, by the arguments of that type: of `function keep<T>(name: string, make:
 * () => T): T` it is what `make` gives. Undefined where the frame is none of a call, or no argument tells.
 */
export function inferredType(evaluation: Evaluation, frame: Frame, slot: number): Value | undefined {
  for (let at: Frame | null = frame; at; at = at.parent) {
    const { args, module, fn } = at
    if (args === null) continue
    const { parameters } = functionOf(module, fn)
    const values = parameters.flatMap(({ type }, index) => {
      const arg = args[index]
      return type && arg ? argumentsOf(evaluation, at, type, arg, slot) : []
    })
    if (values.length > 0) return union(values)
  }
  return undefined
}

function argumentsOf(evaluation: Evaluation, frame: Frame, type: TypeIr, arg: Value, slot: number): Value[] {
  if (type.k === 'ref' && type.slot === slot) return [arg]
  if (type.k === 'array') return argumentsOf(evaluation, frame, type.of, eachOf(arg), slot)
  if (type.k === 'union') return type.of.flatMap((one) => argumentsOf(evaluation, frame, one, arg, slot))
  if (type.k !== 'function' || !isPromised(type.returns, slot)) return []
  const { at } = functionOf(frame.module, frame.fn)
  return atomsOf(arg)
    .filter((atom) => isClosure(atom) && functionOf(atom.frame.module, atom.fn).parameters.length === 0)
    .map((atom) => callAtom(evaluation, frame, atom, [], { at, self: atom }))
}

function isPromised(type: TypeIr, slot: number): boolean {
  if (type.k === 'global' && type.name === 'Promise' && type.args?.[0]) return isPromised(type.args[0], slot)
  return type.k === 'union' ? type.of.some((one) => isPromised(one, slot)) : type.k === 'ref' && type.slot === slot
}

/** A function of which only the parameters are known: it is handed to a library. */
interface HandedFunction {
  readonly kind: 'function'
  readonly name: null
  readonly parameters: readonly Value[]
}

/** `Parameters<…>`: of a function of the project, of a method of a library, and of the function that one is handed. */
export function parametersOf(evaluation: Evaluation, value: Value): Value {
  return union(atomsOf(value).map((atom) => parametersOfAtom(evaluation, atom)))
}

function parametersOfAtom(evaluation: Evaluation, atom: Atom): Value {
  if (isClosure(atom)) {
    const frame = symbolicFrame(atom.frame, atom.fn, atom.self)
    return array(functionOf(frame.module, frame.fn).parameters.map((_, at) => parameterValue(evaluation, frame, at)))
  }
  if (atom.kind === 'function' && 'parameters' in atom) return array((atom as HandedFunction).parameters)
  const parameters =
    atom.kind === 'method' && atom.self.kind === 'library'
      ? evaluation.models.get(atom.self.style)?.hands?.(atom.self, atom.name)
      : undefined
  if (!parameters) return unknown('its type is that of a parameter')
  const handed: HandedFunction = { kind: 'function', name: null, parameters }
  return array([handed], false)
}
