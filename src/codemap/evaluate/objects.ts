import type { ObjectMember } from '../ir.ts'
import { atomsOf, type ObjectValue, union, unknown, type Value } from '../value.ts'
import type { Evaluation, Frame } from './evaluation.ts'
import { evaluate } from './expressions.ts'
import { enqueue, isClosure, symbolicFrame } from './frames.ts'
import { returnValue } from './returns.ts'
import { textsIn } from './texts.ts'

/** An object literal. Members are evaluated when somebody asks for them. */
export function evaluateObject(evaluation: Evaluation, frame: Frame, members: readonly ObjectMember[]): ObjectValue {
  const found = new Map<string, Value | undefined>()
  // An object that is spread into itself (`all = { ...all, one }`) has then no other members than those seen so far.
  let names: readonly string[] | undefined
  let complete: boolean | undefined
  const made: ObjectValue = {
    kind: 'object',
    names: () => {
      if (names) return names
      names = []
      names = namesOf(evaluation, frame, members)
      return names
    },
    get complete() {
      if (complete !== undefined) return complete
      complete = true
      complete = members.every((one) => isKnown(evaluation, frame, one))
      return complete
    },
    get: (name) => {
      if (!found.has(name)) {
        found.set(name, undefined)
        found.set(name, findMember(evaluation, frame, members, name, made))
      }
      return found.get(name)
    },
  }
  return made
}

/** What stands last counts. */
function findMember(
  evaluation: Evaluation,
  frame: Frame,
  members: readonly ObjectMember[],
  name: string,
  self: ObjectValue,
): Value | undefined {
  for (const member of members.toReversed()) {
    const value = memberValue(evaluation, frame, member, name, self)
    if (value) return value
  }
  return undefined
}

function memberValue(
  evaluation: Evaluation,
  frame: Frame,
  member: ObjectMember,
  name: string,
  self: ObjectValue,
): Value | undefined {
  switch (member.k) {
    case 'value':
      return member.name === name ? ownMethod(evaluate(evaluation, frame, member.value), self) : undefined
    case 'get': {
      if (member.name !== name) return undefined
      const inner = symbolicFrame(frame, member.function, self)
      enqueue(evaluation, inner)
      return returnValue(evaluation, inner)
    }
    case 'computed':
      return textsIn(evaluate(evaluation, frame, member.name)).includes(name)
        ? evaluate(evaluation, frame, member.value)
        : undefined
    case 'spread': {
      const values = atomsOf(evaluate(evaluation, frame, member.value)).flatMap((atom) =>
        atom.kind === 'object' ? (atom.get(name) ?? []) : [],
      )
      return values.length > 0 ? union(values) : undefined
    }
  }
}

/** A function that is a member has the object as `this`, unless it is an arrow function. */
function ownMethod(value: Value, self: ObjectValue): Value {
  if (!isClosure(value) || value.self || value.frame.module.ir.functions[value.fn]?.arrow) return value
  const method: typeof value = { ...value, self }
  return method
}

function namesOf(evaluation: Evaluation, frame: Frame, members: readonly ObjectMember[]): string[] {
  const names = members.flatMap((member) => {
    if (member.k === 'value' || member.k === 'get') return [member.name]
    if (member.k === 'computed')
      return textsIn(evaluate(evaluation, frame, member.name)).filter((name) => name !== null)
    return atomsOf(evaluate(evaluation, frame, member.value)).flatMap((atom) =>
      atom.kind === 'object' ? atom.names() : [],
    )
  })
  return [...new Set(names)]
}

function isKnown(evaluation: Evaluation, frame: Frame, member: ObjectMember): boolean {
  if (member.k === 'value' || member.k === 'get') return true
  if (member.k === 'computed') return !textsIn(evaluate(evaluation, frame, member.name)).includes(null)
  return atomsOf(evaluate(evaluation, frame, member.value)).every(
    (atom) => (atom.kind === 'object' && atom.complete) || (atom.kind === 'literal' && typeof atom.value !== 'number'),
  )
}

/** The object that has the members of both; the second counts. */
export function mergeObjects(all: readonly ObjectValue[]): Value {
  if (all.length === 0) return unknown('it is an object')
  return {
    kind: 'object',
    complete: all.every((one) => one.complete),
    names: () => [...new Set(all.flatMap((one) => one.names()))],
    get: (name) => {
      for (const one of all.toReversed()) {
        const value = one.get(name)
        if (value) return value
      }
      return undefined
    },
  }
}
