import type { Expr, Position } from '../ir.ts'
import {
  type Atom,
  array,
  atomsOf,
  type LibraryValue,
  UNDEFINED,
  union,
  unknown,
  type Value,
  type Via,
} from '../value.ts'
import { callPromiseMethod } from './awaited.ts'
import { callArrayMethod, callTextMethod } from './built-in-methods.ts'
import { callClosure, runComponent } from './closure-calls.ts'
import { constructClass } from './constructing.ts'
import type { Evaluation, Frame } from './evaluation.ts'
import { evaluate } from './expressions.ts'
import { type Closure, functionOf, isClosure, placeAt } from './frames.ts'
import { libraryBase, memberOf } from './members.ts'
import type { PackageNamespace } from './modules.ts'
import { makeSite } from './site.ts'
import { textsIn } from './texts.ts'
import { isTypedFunction } from './types.ts'
import { callTyped, callUnknown } from './unknown-calls.ts'

type Call = Extract<Expr, { k: 'call' | 'new' }>

/** Where a call stands, and what it is made on. */
export interface CallSite {
  readonly at: Position
  readonly self: Value
  readonly expr?: Call
  /** Made by the language or by a library: what it hands in is not named by a call of the program. */
  readonly handedOn?: true
  /** Of an interface, so that what may stand behind it is followed besides. */
  readonly followed?: true
  /** One of the things that may stand behind it is called. */
  readonly oneOf?: true
}

export function evaluateCall(evaluation: Evaluation, frame: Frame, expr: Call): Value {
  const { callee, at } = expr
  if (callee.k === 'super') {
    for (const arg of expr.args) evaluate(evaluation, frame, arg)
    return unknown('it is what super gives')
  }
  if (callee.k === 'member' || callee.k === 'index') {
    const own = callee.k === 'member' && callee.object.k === 'super' ? frame.self : null
    const receiver = own ?? evaluate(evaluation, frame, callee.object)
    const names = callee.k === 'member' ? [callee.name] : textsIn(evaluate(evaluation, frame, callee.index))
    const args = evaluateArguments(evaluation, frame, expr)
    return union(
      atomsOf(receiver).flatMap((atom) =>
        names.map((name) =>
          name === null
            ? unknown('its name is computed')
            : callMethod(evaluation, frame, atom, name, args, { at, self: atom, expr }),
        ),
      ),
    )
  }
  const value = evaluate(evaluation, frame, callee)
  const args = evaluateArguments(evaluation, frame, expr)
  return union(atomsOf(value).map((atom) => callAtom(evaluation, frame, atom, args, { at, self: atom, expr })))
}

function evaluateArguments(evaluation: Evaluation, frame: Frame, { args }: Call): Value[] {
  return args.flatMap((one) => {
    const value = evaluate(evaluation, frame, one)
    if (one.k !== 'spread') return [value]
    return value.kind === 'array' && value.complete ? value.items : [unknown('it is spread')]
  })
}

/** `atom.name(…args)`. */
function callMethod(
  evaluation: Evaluation,
  frame: Frame,
  atom: Atom,
  name: string,
  args: readonly Value[],
  site: CallSite,
): Value {
  switch (atom.kind) {
    case 'library':
      return callLibrary(evaluation, frame, atom, name, args, site)
    case 'function':
      return callFunctionMethod(evaluation, frame, atom, name, args, site)
    case 'array':
      return callArrayMethod(evaluation, frame, atom, name, args, site)
    case 'text':
    case 'template':
      return callTextMethod(atom, name, args)
    case 'unknown':
      return callUnknown(evaluation, frame, atom, name, args, site)
    case 'method':
      return name === 'bind' || name === 'call' || name === 'apply'
        ? callFunctionMethod(evaluation, frame, atom, name, args, site)
        : unknown('it is a member of a method')
    default: {
      const member = memberOf(evaluation, frame, atom, name, site.at)
      return union(
        atomsOf(member).map((one) =>
          (one.kind === 'method' && one.self === atom) || one === UNDEFINED
            ? callInherited(evaluation, frame, atom, name, args, site)
            : callAtom(evaluation, frame, one, args, site),
        ),
      )
    }
  }
}

/** A method of a library's class, called on a class of the project that extends it, or on an instance of that. */
function callInherited(
  evaluation: Evaluation,
  frame: Frame,
  atom: Atom,
  name: string,
  args: readonly Value[],
  site: CallSite,
): Value {
  const base = atom.kind === 'class' ? libraryBase(atom) : atom.kind === 'instance' ? libraryBase(atom.of) : null
  if (base) return callLibrary(evaluation, frame, base, name, args, { ...site, self: atom })
  return callPromiseMethod(evaluation, frame, atom, name, args, site) ?? unknown(`"${name}" is not followed`)
}

function callLibrary(
  evaluation: Evaluation,
  frame: Frame,
  receiver: LibraryValue,
  name: string,
  args: readonly Value[],
  about: CallSite,
): Value {
  const model = evaluation.models.get(receiver.style)
  const site = siteOf(evaluation, frame, about, receiver.style)
  const member = receiver.added?.get(name) ?? model?.member?.(receiver, name, site)
  if (member)
    return union(atomsOf(member).map((one) => callAtom(evaluation, frame, one, args, { ...about, self: receiver })))
  const value = model?.call(receiver, name, args, site)
  return (
    value ??
    callPromiseMethod(evaluation, frame, receiver, name, args, about) ??
    unknown(`what "${name}" gives is not known`)
  )
}

export function siteOf(evaluation: Evaluation, frame: Frame, about: CallSite, style?: string) {
  const { at, self, expr, followed } = about
  return makeSite(evaluation, frame, at, {
    self,
    ...(followed ? { followed } : {}),
    ...(style === undefined ? {} : { style }),
    ...(expr ? { ats: expr.ats, types: expr.types } : {}),
  })
}

/** `atom(…args)`. */
export function callAtom(
  evaluation: Evaluation,
  frame: Frame,
  atom: Atom,
  args: readonly Value[],
  site: CallSite,
): Value {
  switch (atom.kind) {
    case 'function':
      if (isClosure(atom))
        return site.expr?.jsx
          ? element(evaluation, frame, atom, args, site)
          : callClosure(evaluation, frame, atom, args, site.handedOn ? null : viaOf(frame, site), null)
      return isTypedFunction(atom) ? callTyped(evaluation, frame, atom, args, site) : unknown('it is not followed')
    case 'library':
      return (
        evaluation.models.get(atom.style)?.call(atom, null, args, siteOf(evaluation, frame, site, atom.style)) ??
        unknown('what the call gives is not known')
      )
    case 'method':
      return union(
        atomsOf(atom.self).map((self) => callMethod(evaluation, frame, self, atom.name, args, { ...site, self })),
      )
    case 'object': {
      const { whole } = atom as PackageNamespace
      return whole
        ? union(atomsOf(whole).map((one) => callAtom(evaluation, frame, one, args, site)))
        : unknown('it is no function')
    }
    case 'unknown':
      return callUnknown(evaluation, frame, atom, null, args, site)
    default:
      return unknown('it is no function')
  }
}

function element(
  evaluation: Evaluation,
  frame: Frame,
  closure: Closure,
  args: readonly Value[],
  site: CallSite,
): Value {
  runComponent(evaluation, frame, closure, args, viaOf(frame, site))
  return unknown('it is an element')
}

const vias = { certain: new WeakMap<object, Via>(), oneOf: new WeakMap<object, Via>() }

/** This call as the one that hands something in. */
export function viaOf(frame: Frame, { at, expr, oneOf }: CallSite): Via {
  const all = vias[oneOf ? 'oneOf' : 'certain']
  const known = expr && all.get(expr)
  if (known) return known
  const { name } = functionOf(frame.module, frame.fn)
  const via: Via = { place: placeAt(frame.module, at), function: name, ...(oneOf ? { oneOf } : {}) }
  if (expr) all.set(expr, via)
  return via
}

function callFunctionMethod(
  evaluation: Evaluation,
  frame: Frame,
  atom: Atom,
  name: string,
  args: readonly Value[],
  site: CallSite,
): Value {
  const [self, ...rest] = args
  if (name === 'bind') return atom
  const given = name === 'apply' ? (rest[0]?.kind === 'array' ? rest[0].items : []) : rest
  if (name !== 'call' && name !== 'apply') return unknown('it is a member of a function')
  if (isClosure(atom)) return callClosure(evaluation, frame, atom, given, viaOf(frame, site), self ?? null)
  return callAtom(evaluation, frame, atom, given, site)
}

export function evaluateNew(evaluation: Evaluation, frame: Frame, expr: Call): Value {
  const value = evaluate(evaluation, frame, expr.callee)
  const args = evaluateArguments(evaluation, frame, expr)
  return union(atomsOf(value).map((atom) => constructAtom(evaluation, frame, atom, args, expr.at, expr)))
}

/** `new atom(…args)`. */
export function constructAtom(
  evaluation: Evaluation,
  frame: Frame,
  atom: Atom,
  args: readonly Value[],
  at: Position,
  expr?: Call,
): Value {
  const site: CallSite = { at, self: atom, ...(expr ? { expr } : {}) }
  if (atom.kind === 'class') {
    const instance = constructClass(evaluation, atom, args, viaOf(frame, site))
    const base = instance.kind === 'instance' ? libraryBase(atom) : null
    return (
      (base && instance.kind === 'instance' && evaluation.models.get(base.style)?.made?.(base, instance, args)) ||
      instance
    )
  }
  if (atom.kind === 'library')
    return (
      evaluation.models.get(atom.style)?.construct?.(atom, args, siteOf(evaluation, frame, site, atom.style)) ??
      unknown('it is not followed')
    )
  const whole = atom.kind === 'object' ? (atom as PackageNamespace).whole : undefined
  if (whole) return union(atomsOf(whole).map((one) => constructAtom(evaluation, frame, one, args, at, expr)))
  return unknown(atom.kind === 'unknown' ? atom.reason : 'it is no class')
}

export function evaluateTag(evaluation: Evaluation, frame: Frame, expr: Extract<Expr, { k: 'tag' }>): Value {
  const tag = evaluate(evaluation, frame, expr.tag)
  const template = { parts: expr.parts, holes: expr.holes.map((hole) => evaluate(evaluation, frame, hole)) }
  return union(
    atomsOf(tag).map((atom): Value => {
      if (isClosure(atom))
        return callClosure(
          evaluation,
          frame,
          atom,
          [array(template.parts.map((part) => ({ kind: 'text', text: part, via: [] }))), ...template.holes],
          viaOf(frame, { at: expr.at, self: atom }),
          null,
        )
      const site = makeSite(evaluation, frame, expr.at, { self: atom, types: expr.types })
      if (atom.kind === 'library')
        return evaluation.models.get(atom.style)?.tag?.(atom, template, site) ?? unknown('it is not followed')
      if (atom.kind === 'method' && atom.self.kind === 'library') {
        const { style } = atom.self
        const own = makeSite(evaluation, frame, expr.at, { self: atom.self, style, types: expr.types })
        const called = evaluation.models.get(style)?.tagMethod?.(atom.self, atom.name, template, own)
        if (called) return called
      }
      return unknown(atom.kind === 'unknown' ? atom.reason : 'it is not followed')
    }),
  )
}
