import { type ClassValue, unknown, type Value, type Via } from '../value.ts'
import {
  baseArguments,
  baseClass,
  constructorFrame,
  isProjectClass,
  type ProjectClass,
  type ProjectInstance,
} from './classes.ts'
import type { Evaluation } from './evaluation.ts'
import { enqueue, symbolicFrame } from './frames.ts'
import { instanceKey, instanceOf, someInstance } from './instances.ts'
import { saysNoMore, toldApart } from './test-calls.ts'
import { handIn } from './texts.ts'

/** `new` of a class of the project: its constructor runs, and all of its methods may be called on the instance. */
export function constructClass(evaluation: Evaluation, of: ClassValue, args: readonly Value[], via: Via): Value {
  if (!isProjectClass(of)) return unknown('it is not followed')
  const files = [via.place.file, of.frame.module.file] as const
  const given = toldApart(evaluation, of.ir, files, args).map((arg) => handIn(arg, via))
  const known = saysNoMore(evaluation, of.ir, files, instanceKey(of, given), given) ? someInstance(of) : undefined
  const instance = known ?? instanceOf(of, given)
  runInstance(evaluation, instance)
  return instance
}

const run = new WeakSet<ProjectInstance>()

/** Lets run what the class and its bases do with this instance. */
function runInstance(evaluation: Evaluation, instance: ProjectInstance): void {
  if (run.has(instance)) return
  run.add(instance)
  const overridden = new Set<string>()
  let args = instance.args
  for (let of: ProjectClass | null = instance.of; of; of = baseClass(of)) {
    const frame = constructorFrame(instance, of, args)
    if (frame) enqueue(evaluation, frame)
    enqueue(evaluation, symbolicFrame(of.frame, of.ir.initial, instance))
    for (const { name, k, function: fn, static: isStatic } of of.ir.members) {
      if (fn === undefined || isStatic || k === 'constructor' || overridden.has(name)) continue
      enqueue(evaluation, symbolicFrame(of.frame, fn, instance))
    }
    for (const { name } of of.ir.members) overridden.add(name)
    args = baseArguments(evaluation, instance, of, args)
  }
}

/** What a class does where it is declared: its static members, and its methods on any instance. */
export function runClass(evaluation: Evaluation, of: ProjectClass): void {
  for (const { function: fn, static: isStatic } of of.ir.members)
    if (fn !== undefined && isStatic) enqueue(evaluation, symbolicFrame(of.frame, fn, of))
  enqueue(evaluation, symbolicFrame(of.frame, of.ir.initial, of))
  runInstance(evaluation, instanceOf(of, null))
}
