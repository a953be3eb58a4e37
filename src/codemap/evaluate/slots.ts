import type { Def, Slot, Step } from '../ir.ts'
import {
  array,
  atomsOf,
  type ObjectValue,
  type TemplateValue,
  type TextValue,
  text,
  UNDEFINED,
  union,
  unknown,
  type Value,
} from '../value.ts'
import { classValue } from './classes.ts'
import type { Evaluation, Frame } from './evaluation.ts'
import { evaluate, NOTHING } from './expressions.ts'
import { frameAround, frameFor, functionOf, makeClosure } from './frames.ts'
import { grown } from './grown.ts'
import { memberOf } from './members.ts'
import { importedValue } from './modules.ts'
import { parameterValue } from './parameters.ts'
import { textsIn } from './texts.ts'
import { refine, typeValue } from './types.ts'

/** All that a variable may hold. */
export function slotValue(evaluation: Evaluation, frame: Frame, number: number): Value {
  const slot = frame.module.ir.slots[number] as Slot
  const owner = frameAround(frame, slot.owner) ?? frameFor(evaluation, frame, slot.owner)
  const known = owner.slots.get(number)
  if (known) return known
  // A variable that is made of itself (`query = query.eq(…)`) is so far what was put there before.
  owner.slots.set(number, NOTHING)
  const found: Value[] = []
  let soFar = NOTHING
  for (const def of slot.defs) {
    const value = defValue(evaluation, owner, def, slot)
    found.push(value)
    soFar = withoutShorter(found.length === 1 ? value : union([soFar, value]))
    owner.slots.set(number, soFar)
  }
  const { type } = slot
  const all = slot.defs.length === 0 ? unknown(`nothing is put into "${slot.name}"`) : union(found)
  const typed = type ? refine(all, () => typeValue(evaluation, owner, type)) : all
  const value = grown(evaluation, owner, slot, typed)
  owner.slots.set(number, value)
  return value
}

/** How many strings a variable may be to which more and more is added. */
const MAX_STRINGS = 12

/** Of a text that grows with each `+=`, under one condition or another, the longest stands for all when it is too many. */
function withoutShorter(value: Value): Value {
  const atoms = atomsOf(value)
  const strings = atoms.filter((atom) => atom.kind === 'text' || atom.kind === 'template')
  if (strings.length <= MAX_STRINGS || strings.length === new Set(strings.map(startOf)).size) return value
  const longest = strings.reduce((a, b) => (lengthOf(b) > lengthOf(a) ? b : a))
  return union([...atoms.filter((atom) => atom.kind !== 'text' && atom.kind !== 'template'), longest])
}

type Text = TextValue | TemplateValue

function startOf(atom: Text): string {
  return (atom.kind === 'text' ? atom.text : (atom.parts[0] ?? '')).slice(0, 8)
}

function lengthOf(atom: Text): number {
  return atom.kind === 'text' ? atom.text.length : atom.parts.join('').length + atom.holes.length
}

/** An expression that several things refer to, in its own frame. */
export function sharedValue(evaluation: Evaluation, frame: Frame, number: number): Value {
  const known = frame.shared.get(number)
  if (known) return known
  const expr = frame.module.ir.shared[number]
  if (!expr) return unknown('it is not there')
  frame.shared.set(number, NOTHING)
  const value = evaluate(evaluation, frame, expr)
  frame.shared.set(number, value)
  return value
}

function defValue(evaluation: Evaluation, owner: Frame, def: Def, slot: Slot): Value {
  switch (def.k) {
    case 'value': {
      const frame = frameFor(evaluation, owner, def.within)
      return followSteps(evaluation, frame, sharedValue(evaluation, frame, def.value), def.path)
    }
    case 'parameter':
      return followSteps(evaluation, owner, parameterValue(evaluation, owner, def.index), def.path)
    case 'function':
      return makeClosure(owner, def.function, null)
    case 'class':
      return classValue(
        evaluation,
        frameFor(evaluation, owner, owner.module.ir.classes[def.class]?.within ?? 0),
        def.class,
      )
    case 'import':
      return importedValue(evaluation, owner.module, def.from, def.name)
    case 'enum':
      return enumValue(evaluation, owner, def.members)
    case 'other':
      return unknown(`"${slot.name}" is ${def.what}`)
  }
}

function enumValue(evaluation: Evaluation, frame: Frame, members: readonly [string, number | null][]): ObjectValue {
  const values = new Map(members)
  return {
    kind: 'object',
    complete: true,
    names: () => [...values.keys()],
    get: (name) => {
      const value = values.get(name)
      if (value === undefined) return undefined
      return value === null ? unknown('it is a number of an enum') : sharedValue(evaluation, frame, value)
    },
  }
}

/** The part of a value to which the steps lead. */
function followSteps(evaluation: Evaluation, frame: Frame, value: Value, path: readonly Step[] = []): Value {
  return path.reduce((at, step) => followStep(evaluation, frame, at, step), value)
}

function followStep(evaluation: Evaluation, frame: Frame, value: Value, step: Step): Value {
  const at = functionOf(frame.module, frame.fn).at
  switch (step.k) {
    case 'member':
      return memberOf(evaluation, frame, value, step.name, at)
    case 'computed':
      return union(
        textsIn(sharedValue(evaluation, frame, step.value)).map((name) =>
          name === null ? unknown('its name is computed') : memberOf(evaluation, frame, value, name, at),
        ),
      )
    case 'item':
      return itemOf(value, step.index)
    case 'restItems':
      return mapAtoms(value, (atom) =>
        atom.kind === 'array' ? array(atom.items.slice(step.from), atom.complete) : unknown('it is a rest'),
      )
    case 'rest':
      return mapAtoms(value, (atom) => (atom.kind === 'object' ? withoutMembers(atom, step.without) : atom))
    case 'each':
      return eachOf(value)
    case 'key':
      return mapAtoms(value, (atom) =>
        atom.kind === 'object' && atom.complete
          ? union(atom.names().map((name) => text(name)))
          : unknown('it is a key'),
      )
    case 'default':
      return orElse(value, () => sharedValue(evaluation, frame, step.value))
  }
}

function mapAtoms(value: Value, map: (atom: ReturnType<typeof atomsOf>[number]) => Value): Value {
  return union(atomsOf(value).map(map))
}

export function itemOf(value: Value, index: number): Value {
  return mapAtoms(value, (atom) => {
    if (atom.kind !== 'array') return unknown('it is an item of something unknown')
    return atom.items[index] ?? (atom.complete ? UNDEFINED : (atom.items[0] ?? unknown('it is an item of a list')))
  })
}

/** Any item of a list. */
export function eachOf(value: Value): Value {
  return mapAtoms(value, (atom) => {
    if (atom.kind !== 'array') return unknown('it is an item of something unknown')
    return union(atom.items)
  })
}

function withoutMembers(value: ObjectValue, without: readonly string[]): ObjectValue {
  return {
    kind: 'object',
    complete: value.complete,
    names: () => value.names().filter((name) => !without.includes(name)),
    get: (name) => (without.includes(name) ? undefined : value.get(name)),
  }
}

/** The value, or what stands in for it where it may be undefined or isn't known. */
export function orElse(value: Value, otherwise: () => Value): Value {
  const there = atomsOf(value).filter((atom) => atom.kind !== 'literal' || atom.value !== undefined)
  if (there.length === atomsOf(value).length && !there.some((atom) => atom.kind === 'unknown')) return value
  return there.length === 0 ? otherwise() : union([...there, otherwise()])
}
