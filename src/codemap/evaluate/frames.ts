import type { Place } from '../interaction.ts'
import { type FunctionIr, unpackPosition } from '../ir.ts'
import { walkFunction } from '../parts-of.ts'
import type { Module } from '../program.ts'
import type { FunctionValue, Value } from '../value.ts'
import { type ProjectInstance, symbolicInstance } from './classes.ts'
import { type Evaluation, type Frame, makeFrame } from './evaluation.ts'
import { identityOf } from './identity.ts'
import { ownersIn } from './relevance.ts'

/** A function together with what it can see. */
export interface Closure extends FunctionValue {
  readonly fn: number
  readonly frame: Frame
  /** What `this` is in it; null where that is for the caller to say. */
  readonly self: Value | null
}

export function makeClosure(frame: Frame, fn: number, self: Value | null): Closure {
  return { kind: 'function', name: functionOf(frame.module, fn).name, fn, frame, self }
}

export function isClosure(value: Value): value is Closure {
  return value.kind === 'function' && 'frame' in value
}

export function functionOf(module: Module, fn: number): FunctionIr {
  return module.ir.functions[fn] as FunctionIr
}

export function placeAt(module: Module, position: number): Place {
  return { file: module.file, ...unpackPosition(position) }
}

/** The frame in which a function inside `frame` runs as whoever may call it. */
export function symbolicFrame(frame: Frame, fn: number, self: Value | null): Frame {
  const key = self ? `${fn}|${identityOf(self)}` : `${fn}`
  const known = frame.inner.get(key)
  if (known) return known
  const made = makeFrame({ module: frame.module, fn, parent: frame, args: null, self, caller: null })
  frame.inner.set(key, made)
  return made
}

/** Lets the body of a frame be run later, once. False where there is nothing in it to run. */
export function enqueue(evaluation: Evaluation, frame: Frame): boolean {
  const isRun = frame.bearing || evaluation.touching.functions.get(frame.module.ir)?.has(frame.fn) === true
  if (isRun && !frame.queued) evaluation.queue.push(frame)
  frame.queued = true
  return isRun
}

const closed = new WeakMap<FunctionIr, boolean>()

/** Of the run for one call nothing is asked any more when it is over, unless something in it is evaluated later. */
export function closeAfterCall(frame: Frame): void {
  if (frame.args === null || frame.returned === undefined) return
  const fn = functionOf(frame.module, frame.fn)
  const isClosed = closed.get(fn) ?? !holdsLater(frame)
  closed.set(fn, isClosed)
  if (isClosed) frame.close()
}

/** Functions, classes and members of objects are evaluated when somebody asks for them. */
function holdsLater({ module, fn }: Frame): boolean {
  let holds = false
  walkFunction(module.ir, fn, ({ k }) => {
    holds ||= k === 'function' || k === 'class' || k === 'object'
  })
  return holds || module.ir.functions.some(({ parent }) => parent === fn)
}

/**
 * Whether a function inside `frame` may do something else there than in the symbolic run of what is around it, which is
 * run in any case: an argument of a call comes into it, or the instance on which a method is called.
 */
export function differsWithin({ touching }: Evaluation, frame: Frame, fn: number): boolean {
  const { ir } = frame.module
  let isCall = false
  for (let at: Frame | null = frame; at?.parent; at = at.parent) {
    if (at.args !== null && ownersIn(ir, fn, touching).has(at.fn)) return true
    if (at.self) return true
    isCall ||= at.args !== null
  }
  return !isCall
}

/**
 * How many things around this run are only what could happen, while nobody is seen to make it happen: functions of which
 * no call is seen, instances that nobody makes. 0 for what certainly happens.
 */
function doubtIn(frame: Frame, seen: Set<Frame> = new Set()): number {
  let doubt = 0
  for (let at: Frame | null = frame; at?.parent; at = at.parent) {
    if (at.args === null && isOpen(at) && !isConfirmed(at, seen)) doubt += 1
    const { self } = at
    if (self && isInstance(self)) doubt += self.doubt()
  }
  return doubt
}

/** The same, found out once; to be asked when the whole program has been walked. */
export function settledDoubt(frame: Frame): number {
  const known = doubts.get(frame)
  if (known !== undefined) return known
  const doubt = doubtIn(frame)
  doubts.set(frame, doubt)
  return doubt
}

const doubts = new WeakMap<object, number>()

/** That of the run so many calls further out, the least where several make the call. */
export function doubtOfCaller(frame: Frame, calls: number): number {
  if (calls === 0) return settledDoubt(frame)
  let called: Frame | null = frame
  while (called && (called.args === null || called.caller === null)) called = called.parent
  if (!called?.caller) return settledDoubt(frame)
  let least = doubtOfCaller(called.caller, calls - 1)
  for (const caller of called.confirmedBy) if (least > 0) least = Math.min(least, doubtOfCaller(caller, calls - 1))
  return least
}

/** Of all runs of its function. */
export function leastDoubt({ runs }: Evaluation, frame: Frame): number {
  const all = runs.get(functionOf(frame.module, frame.fn)) ?? [frame]
  const known = doubts.get(all)
  if (known !== undefined) return known
  const least = all.reduce((doubt, one) => (doubt === 0 ? 0 : Math.min(doubt, settledDoubt(one))), Number.MAX_VALUE)
  doubts.set(all, least)
  return least
}

/** Whether something in the function is for its caller to say: parameters, or the `this` of a callback. */
function isOpen({ module, fn, self }: Frame): boolean {
  const { parameters, arrow, own } = functionOf(module, fn)
  return parameters.length > 0 || (!arrow && !own && self === null)
}

/** A call for which the symbolic run stands, by something that certainly happens. */
function isConfirmed({ confirmedBy }: Frame, seen: Set<Frame>): boolean {
  return confirmedBy.some((caller) => {
    if (seen.has(caller)) return false
    seen.add(caller)
    return doubtIn(caller, seen) === 0
  })
}

function isInstance(value: Value): value is ProjectInstance {
  return value.kind === 'instance' && 'doubt' in value
}

/** The frame, from here outwards, of a function around this point. */
export function frameAround(frame: Frame, fn: number): Frame | null {
  for (let at: Frame | null = frame; at; at = at.parent) if (at.fn === fn) return at
  return null
}

/** The frame of any function of the module, as seen from here: symbolic from where the ways part. */
export function frameFor(evaluation: Evaluation, frame: Frame, fn: number): Frame {
  const around = frameAround(frame, fn)
  if (around) return around
  const { parent, arrow, class: of, static: isStatic } = functionOf(frame.module, fn)
  const outer = frameFor(evaluation, frame, parent)
  return symbolicFrame(
    outer,
    fn,
    arrow ? outer.self : of === null ? null : symbolicInstance(evaluation, outer, of, isStatic),
  )
}
