import type { LibraryModel, StyleModel } from '../style.ts'
import { type Atom, array, atomsOf, union, unknown, type Value } from '../value.ts'
import { callPromiseMethod } from './awaited.ts'
import { callArrayMethod } from './built-in-methods.ts'
import { type CallSite, callAtom, siteOf } from './calls.ts'
import type { Evaluation, Frame } from './evaluation.ts'
import { isClosure } from './frames.ts'
import { implementationsOf } from './implementations.ts'
import { expectTypes } from './parameters.ts'
import { refine, type TypedFunction } from './types.ts'

/** A function of such a name may run what it is handed, also where it is no method: `const { query } = useDatabase()`. */
const BARE = new Set(['query'])

/**
 * Of the receiver nothing is known: the functions that are handed in may run, and a style may know the shape. What wraps
 * a function (`startSpan(options, () => new Pool())`) is taken to give what that gives, if it is something to follow.
 */
export function callUnknown(
  evaluation: Evaluation,
  frame: Frame,
  atom: Extract<Atom, { kind: 'unknown' }>,
  name: string | null,
  args: readonly Value[],
  site: CallSite,
): Value {
  const method = name ?? bareName(frame, site)
  const suspected = method === null ? undefined : askSuspects(evaluation, frame, atom.reason, method, args, site)
  if (suspected) return suspected
  if (name !== null) {
    const value =
      callPromiseMethod(evaluation, frame, atom, name, args, site) ??
      callListMethod(evaluation, frame, atom, name, args, site)
    if (value) return value
  }
  const given = args
    .flatMap(atomsOf)
    .filter(isClosure)
    .map((arg) => callAtom(evaluation, frame, arg, [], site))
    .filter(isFollowed)
  return given.length > 0 ? union(given) : unknown(atom.reason)
}

/** What a style makes of a call whose shape it knows, on something of which only the reason is known why it isn't. */
function askSuspects(
  evaluation: Evaluation,
  frame: Frame,
  reason: string,
  method: string,
  args: readonly Value[],
  site: CallSite,
): Value | undefined {
  for (const model of evaluation.models.values()) {
    if (!isStyle(model)) continue
    const value = model.suspect?.(reason, method, args, siteOf(evaluation, frame, site, model.name))
    if (value) return value
  }
  return undefined
}

function isFollowed(value: Value): boolean {
  return atomsOf(value).some(
    (one) => one.kind === 'object' || one.kind === 'instance' || (one.kind === 'library' && one.style !== 'javascript'),
  )
}

function bareName(frame: Frame, { expr }: CallSite): string | null {
  const callee = expr?.callee
  const name =
    callee?.k === 'ref'
      ? frame.module.ir.slots[callee.slot]?.name
      : callee?.k === 'member' || callee?.k === 'global'
        ? callee.name
        : undefined
  return name !== undefined && BARE.has(name) ? name : null
}

function isStyle(model: LibraryModel): model is StyleModel {
  return 'suspect' in model
}

/** A method of a list of which nothing is known: the function that it is handed runs for something unknown. */
function callListMethod(
  evaluation: Evaluation,
  frame: Frame,
  atom: Atom,
  name: string,
  args: readonly Value[],
  site: CallSite,
): Value | undefined {
  const [first] = args
  if ((name !== 'map' && name !== 'flatMap') || !first || !atomsOf(first).some(isClosure)) return undefined
  return callArrayMethod(evaluation, frame, array([atom], false), name, args, site)
}

/**
 * Of a method of an interface only its type is known. What the program has of that type is followed; a style may know
 * the shape of a call that leads nowhere then.
 */
export function callTyped(
  evaluation: Evaluation,
  frame: Frame,
  atom: TypedFunction,
  args: readonly Value[],
  site: CallSite,
): Value {
  args.forEach((arg, index) => {
    expectTypes(arg, () => atom.parameter(index))
  })
  const callee = site.expr?.callee
  const method = callee?.k === 'member' ? callee.name : null
  const needs = site.self.kind === 'object' ? site.self.needs?.() : undefined
  const behind = method !== null && needs ? implementationsOf(evaluation, frame.module, needs, method) : []
  const reason = 'only its type is known, an interface of the program'
  const suspected =
    method === null
      ? undefined
      : askSuspects(evaluation, frame, reason, method, args, behind.length > 0 ? { ...site, followed: true } : site)
  const given = behind.map((one) => callAtom(evaluation, frame, one, args, { ...site, oneOf: true }))
  return given.length > 0 ? refine(atom.returns(), () => union(given)) : (suspected ?? atom.returns())
}
