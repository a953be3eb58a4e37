import { UNDEFINED, union, type Value } from '../value.ts'
import type { Evaluation, Frame } from './evaluation.ts'
import { NOTHING } from './expressions.ts'
import { functionOf } from './frames.ts'
import { sharedValue } from './slots.ts'
import { refine, typeValue } from './types.ts'

/** What the function gives back in this frame; promises are what they promise. */
export function returnValue(evaluation: Evaluation, frame: Frame): Value {
  if (frame.returned) return frame.returned
  frame.returned = NOTHING
  const { returns, returnType } = functionOf(frame.module, frame.fn)
  const found = returns.length === 0 ? UNDEFINED : union(returns.map((one) => sharedValue(evaluation, frame, one)))
  frame.returned = returnType ? refine(found, () => typeValue(evaluation, frame, returnType)) : found
  return frame.returned
}
