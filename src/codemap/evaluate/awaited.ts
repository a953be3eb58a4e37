import { atomsOf, union, unknown, type Value } from '../value.ts'
import { type CallSite, callAtom } from './calls.ts'
import type { Evaluation, Frame } from './evaluation.ts'
import { functionOf } from './frames.ts'
import { makeSite } from './site.ts'

/** What `await value` gives. Promises are not told from what they promise, so only a library's own kinds change. */
export function awaited(evaluation: Evaluation, frame: Frame, value: Value): Value {
  return union(
    atomsOf(value).map((atom) => {
      if (atom.kind !== 'library') return atom
      const site = makeSite(evaluation, frame, functionOf(frame.module, frame.fn).at, { self: atom })
      return evaluation.models.get(atom.style)?.awaited?.(atom, site) ?? atom
    }),
  )
}

/** `.then(…)`, `.catch(…)`, `.finally(…)` of anything; undefined for other methods. */
export function callPromiseMethod(
  evaluation: Evaluation,
  frame: Frame,
  receiver: Value,
  name: string,
  args: readonly Value[],
  site: CallSite,
): Value | undefined {
  if (name === 'then') {
    const value = awaited(evaluation, frame, receiver)
    const [done, failed] = args
    const results = [
      ...(done ? callAll(evaluation, frame, done, [value], site) : [value]),
      ...(failed ? callAll(evaluation, frame, failed, [unknown('it is an error')], site) : []),
    ]
    return union(results)
  }
  if (name !== 'catch' && name !== 'finally') return undefined
  const results = args.flatMap((one) => callAll(evaluation, frame, one, [], site))
  const value = awaited(evaluation, frame, receiver)
  return name === 'catch' ? union([value, ...results]) : value
}

function callAll(evaluation: Evaluation, frame: Frame, callee: Value, args: readonly Value[], site: CallSite): Value[] {
  return atomsOf(callee).map((atom) => callAtom(evaluation, frame, atom, args, { ...site, handedOn: true }))
}
