import { atomsOf, UNDEFINED, unknown, type Value, type Via } from '../value.ts'
import { keyOf } from './call-key.ts'
import { callsOf, type Evaluation, type Frame, isLibrary, makeFrame } from './evaluation.ts'
import { NOTHING } from './expressions.ts'
import { type Closure, closeAfterCall, enqueue, functionOf, symbolicFrame } from './frames.ts'
import { holdsText, identityOf } from './identity.ts'
import { expectTypes } from './parameters.ts'
import { relevanceOf } from './relevance.ts'
import { returnValue } from './returns.ts'
import { mostByTests, saysNoMore, toldApart } from './test-calls.ts'
import { handIn, handOut } from './texts.ts'
import { typeValue } from './types.ts'

/** How often a function is followed into itself. */
const MAX_RECURSION = 2
/** How many calls deep arguments are followed. */
const MAX_DEPTH = 6
/** How many calls are remembered for which one run stands. */
const MAX_CONFIRMED = 50
/** How many values of calls inside of calls are looked for at once; the stack has room for about three times as many. */
const MAX_RETURNING = 60
let returning = 0
/** How many different calls of one function are told apart. */
const MAX_CALLS = 100
/** The same for calls that hand a text in: a wrapper of a client is called as often as there are statements. */
const MAX_STATEMENTS = 5_000
/** How much more of the budget these may use. */
const STATEMENT_SHARE = 3
/** The same, when the program has turned out to be one of very many calls. */
const FEW_CALLS = 4
/** The same for components, which are handed a table far more rarely than a label. */
const MAX_ELEMENTS = 100

/**
 * A call of a function of the project: its body runs with these arguments, and what it returns is the value. Calls with
 * the same arguments are one; a call that brings nothing of interest is the symbolic run. `via` is null where the call is
 * not the program's own.
 */
export function callClosure(
  evaluation: Evaluation,
  caller: Frame,
  closure: Closure,
  args: readonly Value[],
  via: Via | null,
  self: Value | null,
): Value {
  expectIn(evaluation, closure, args)
  const frame = frameOfCall(evaluation, caller, closure, args, via, closure.self ?? self)
  if (!frame) {
    // Deeper runs give what the first ones give; whatever else they do is seen by whoever may call it.
    enqueue(evaluation, symbolicFrame(closure.frame, closure.fn, closure.self ?? self))
    return NOTHING
  }
  const isRun = enqueue(evaluation, frame)
  if (returning >= MAX_RETURNING) return unknown('it comes out of too many calls')
  returning += 1
  try {
    const value = returnValue(evaluation, frame)
    if (!isRun && value !== NOTHING) closeAfterCall(frame)
    return via ? handOut(value, via) : value
  } finally {
    returning -= 1
  }
}

function expectIn(evaluation: Evaluation, { frame, fn, self }: Closure, args: readonly Value[]): void {
  functionOf(frame.module, fn).parameters.forEach(({ type }, index) => {
    if (type) expectTypes(args[index], () => typeValue(evaluation, symbolicFrame(frame, fn, self), type))
  })
}

/** An element of a component: it runs, and nobody asks what it gives. */
export function runComponent(
  evaluation: Evaluation,
  caller: Frame,
  closure: Closure,
  args: readonly Value[],
  via: Via,
): void {
  const frame = frameOfCall(evaluation, caller, closure, args, via, closure.self, MAX_ELEMENTS)
  enqueue(evaluation, frame ?? symbolicFrame(closure.frame, closure.fn, closure.self))
}

function frameOfCall(
  evaluation: Evaluation,
  caller: Frame,
  closure: Closure,
  args: readonly Value[],
  via: Via | null,
  self: Value | null,
  most = MAX_CALLS,
): Frame | null {
  const { frame, fn } = closure
  const ir = functionOf(frame.module, fn)
  const { parameters } = ir
  const files = [caller.module.file, frame.module.file] as const
  const told = toldApart(evaluation, ir, files, args).slice(
    0,
    parameters.at(-1)?.rest ? args.length : parameters.length,
  )
  const given = told.map((arg) => (via ? handIn(arg, via) : arg))
  const relevance = relevanceOf(frame.module.ir, fn, evaluation.touching)
  const key = keyOf(given, parameters, relevance)
  if (key !== '' && isTooDeep(caller, fn, frame)) return null
  const calls = callsOf(frame, fn)
  const mostTold = Math.min(mostCalls(evaluation, key, most), mostByTests(evaluation, ir, files, given))
  if (key === '' || calls.size >= mostTold) {
    const symbolic = symbolicFrame(frame, fn, self)
    // What a test hands in, and isn't looked at, is no call of the program with something unknown.
    const isBlurred = told.some((arg, at) => arg !== args[at])
    if (!isBlurred && symbolic.confirmedBy.length < MAX_CONFIRMED && caller !== symbolic)
      symbolic.confirmedBy.push(caller)
    return symbolic
  }
  const by = `${self ? identityOf(self) : ''}|`
  const whole = by + key
  const known = calls.get(whole)
  if (known) {
    if (known.confirmedBy.length < MAX_CONFIRMED && known.caller !== caller) known.confirmedBy.push(caller)
    return known
  }
  const same = saysNoMore(evaluation, ir, files, key, given) ? someCall(calls, by) : undefined
  if (same) return same
  const bearing = told.some((arg, at) => bearsLibrary(arg, relevance.get(at)))
  const made = makeFrame({ module: frame.module, fn, parent: frame, args: given, self, caller, bearing })
  calls.set(whole, made)
  return made
}

function someCall(calls: ReadonlyMap<string, Frame>, by: string): Frame | undefined {
  for (const [key, call] of calls) if (key.startsWith(by)) return call
  return undefined
}

function mostCalls({ budget }: Evaluation, key: string, most: number): number {
  const isStatement = holdsText(key)
  if (budget.runs > budget.most * (isStatement ? STATEMENT_SHARE : 1)) return FEW_CALLS
  return isStatement ? MAX_STATEMENTS : most
}

/** Whether it is, or holds in a member that matters, something of a library. */
function bearsLibrary(arg: Value, relevant: 'all' | ReadonlySet<string> | undefined): boolean {
  if (isLibrary(arg)) return true
  if (relevant === undefined) return false
  return atomsOf(arg).some((atom) => {
    if (atom.kind === 'array') return atom.items.some(isLibrary)
    if (atom.kind !== 'object') return false
    const names = relevant === 'all' ? atom.names() : [...relevant]
    return names.some((name) => isLibrary(atom.get(name) ?? UNDEFINED))
  })
}

function isTooDeep(caller: Frame, fn: number, closed: Frame): boolean {
  let same = 0
  let depth = 0
  // A function inside of a run came into being there, whoever calls it.
  for (let at: Frame | null = caller; at; at = at.caller ?? at.parent) {
    depth += 1
    if (at.fn === fn && at.module === closed.module) same += 1
  }
  return same >= MAX_RECURSION || depth >= MAX_DEPTH
}
