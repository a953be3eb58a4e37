import type { TypeIr } from '../ir.ts'
import { mayExport } from '../modules/exported-names.ts'
import type { Module } from '../program.ts'
import { type Atom, array, atomsOf, type ObjectValue, text, union, unknown, type Value } from '../value.ts'
import { callAtom, constructAtom } from './calls.ts'
import { classValue, isProjectClass } from './classes.ts'
import type { Evaluation, Frame } from './evaluation.ts'
import { evaluate } from './expressions.ts'
import { frameFor, functionOf, isClosure, symbolicFrame } from './frames.ts'
import { instanceOf } from './instances.ts'
import { memberOf } from './members.ts'
import { importedFrom, moduleFrame, targetModule } from './modules.ts'
import { mergeObjects } from './objects.ts'
import { returnValue } from './returns.ts'
import { slotValue } from './slots.ts'
import { inferredType, parametersOf } from './type-arguments.ts'

const MAX_DEPTH = 12
let depth = 0

/** Something of this type, as far as the type says what that is. */
export function typeValue(evaluation: Evaluation, frame: Frame, type: TypeIr): Value {
  if (depth > MAX_DEPTH) return unknown('its type is too deep')
  depth += 1
  try {
    return valueOfType(evaluation, frame, type)
  } finally {
    depth -= 1
  }
}

function valueOfType(evaluation: Evaluation, frame: Frame, type: TypeIr): Value {
  const of = (one: TypeIr): Value => typeValue(evaluation, frame, one)
  switch (type.k) {
    case 'literal':
      return typeof type.value === 'string' ? text(type.value) : { kind: 'literal', value: type.value }
    case 'union':
      return unionOfTypes(type.of.map(of))
    case 'intersection':
      return intersect(type.of.map(of))
    case 'object':
      return typedObject(evaluation, frame, type)
    case 'array':
      return array([of(type.of)], false)
    case 'tuple':
      return array(type.of.map(of))
    case 'typeof':
      return evaluate(evaluation, frame, type.value)
    case 'index':
      return indexed(evaluation, frame, of(type.object), of(type.index))
    case 'global':
      return globalType(evaluation, frame, type.name, type.args ?? [])
    case 'import':
      return importedType(evaluation, frame.module, type.from, type.name, (type.args ?? []).map(of))
    case 'ref':
      return referredType(evaluation, frame, type)
    case 'function':
      return typedFunction(evaluation, frame, type)
    case 'unknown':
      return unknown('its type says nothing')
  }
}

/** The value where it is known, else what its type says. */
export function refine(value: Value, typed: () => Value): Value {
  const atoms = atomsOf(value)
  const known = atoms.filter((atom) => !saysNothing(atom))
  if (known.length === atoms.length && atoms.length > 0) return value
  if (known.some((atom) => atom.kind === 'library' || atom.kind === 'instance' || atom.kind === 'function'))
    return value
  const type = typed()
  if (atomsOf(type).every((atom) => atom.kind === 'unknown' || atom.kind === 'literal')) return value
  return union([...known, ...atomsOf(type).filter((atom) => atom.kind !== 'unknown')])
}

/** Also what is read from `globalThis` and nobody puts there in the code. */
function saysNothing(atom: Atom): boolean {
  if (atom.kind === 'literal') return atom.value === null || atom.value === undefined
  return atom.kind === 'unknown' || (atom.kind === 'library' && atom.style === 'javascript')
}

/** `Client | null` is a client where anything is done with it. */
function unionOfTypes(values: readonly Value[]): Value {
  const told = values.flatMap(atomsOf).filter((atom) => atom.kind !== 'literal')
  return told.length > 0 ? union(told) : union(values)
}

function intersect(values: readonly Value[]): Value {
  const atoms = values.flatMap(atomsOf)
  const [first] = atoms.filter((atom) => atom.kind === 'library' || atom.kind === 'instance')
  return first ?? mergeObjects(atoms.filter((atom) => atom.kind === 'object'))
}

function typedObject(evaluation: Evaluation, frame: Frame, type: Extract<TypeIr, { k: 'object' }>): ObjectValue {
  const members = new Map(type.members)
  const found = new Map<string, Value>()
  const bases = (): ObjectValue[] =>
    (type.extends ?? [])
      .flatMap((one) => atomsOf(typeValue(evaluation, frame, one)))
      .filter((atom) => atom.kind === 'object')
  return {
    kind: 'object',
    complete: false,
    names: () => [...new Set([...members.keys(), ...bases().flatMap((one) => one.names())])],
    needs: () => [
      ...[...members.keys()].filter((name) => !type.optional?.includes(name)),
      ...bases().flatMap((one) => one.needs?.() ?? []),
    ],
    get: (name) => {
      const known = found.get(name)
      if (known) return known
      const member = members.get(name)
      const value = member
        ? typeValue(evaluation, frame, member)
        : bases().reduce<Value | undefined>((before, base) => before ?? base.get(name), undefined)
      if (value) found.set(name, value)
      return value
    },
  }
}

/** Called, it gives something of the type that it returns. */
export interface TypedFunction {
  readonly kind: 'function'
  readonly name: null
  returns(): Value
  /** What whoever calls it hands in. */
  parameter(index: number): Value
}

function typedFunction(evaluation: Evaluation, frame: Frame, type: Extract<TypeIr, { k: 'function' }>): Value {
  const made: TypedFunction = {
    kind: 'function',
    name: null,
    returns: () => typeValue(evaluation, frame, type.returns),
    parameter: (index) => typeValue(evaluation, frame, type.parameters?.[index] ?? { k: 'unknown' }),
  }
  return made
}

export function isTypedFunction(value: Value): value is TypedFunction {
  return value.kind === 'function' && 'returns' in value
}

function indexed(evaluation: Evaluation, frame: Frame, object: Value, index: Value): Value {
  return union(
    atomsOf(object).flatMap((atom) =>
      atomsOf(index).map((name): Value => {
        if (atom.kind === 'object' && name.kind === 'text')
          return atom.get(name.text) ?? unknown('it has no such member')
        if (atom.kind === 'library' && name.kind === 'text')
          return memberOf(evaluation, frame, atom, name.text, functionOf(frame.module, frame.fn).at)
        if (atom.kind === 'array' && name.kind === 'literal')
          return atom.items[Number(name.value)] ?? unknown('it has no such item')
        return unknown('its type is looked up')
      }),
    ),
  )
}

const SAME = new Set([
  'Promise',
  'PromiseLike',
  'Awaited',
  'Readonly',
  'Partial',
  'Required',
  'NonNullable',
  'Pick',
  'Omit',
])
const LISTS = new Set(['Array', 'ReadonlyArray', 'Set', 'Iterable', 'AsyncIterable'])

function globalType(evaluation: Evaluation, frame: Frame, name: string, args: readonly TypeIr[]): Value {
  const [first, second] = args
  if (!first) return unknown('its type says nothing')
  const of = (): Value => typeValue(evaluation, frame, first)
  if (SAME.has(name)) return of()
  if (LISTS.has(name)) return array([of()], false)
  if (name === 'Parameters') return parametersOf(evaluation, of())
  if (name === 'ReturnType') return union(atomsOf(of()).map((atom) => returnOf(evaluation, frame, atom)))
  if (name === 'InstanceType')
    return union(
      atomsOf(of()).map((atom) =>
        isProjectClass(atom) ? instanceOf(atom, null) : constructed(evaluation, frame, atom),
      ),
    )
  if (name === 'Record' && second)
    return { kind: 'object', complete: false, names: () => [], get: () => typeValue(evaluation, frame, second) }
  return unknown('its type says nothing')
}

function returnOf(evaluation: Evaluation, frame: Frame, atom: Atom): Value {
  if (isClosure(atom)) return returnValue(evaluation, symbolicFrame(atom.frame, atom.fn, atom.self))
  if (atom.kind === 'function' && 'returns' in atom) return (atom as TypedFunction).returns()
  return callAtom(evaluation, frame, atom, [], { at: functionOf(frame.module, frame.fn).at, self: atom })
}

function constructed(evaluation: Evaluation, frame: Frame, atom: Atom): Value {
  return constructAtom(evaluation, frame, atom, [], functionOf(frame.module, frame.fn).at)
}

function referredType(evaluation: Evaluation, frame: Frame, type: Extract<TypeIr, { k: 'ref' }>): Value {
  const { slot: number, path = [], args = [] } = type
  const slot = frame.module.ir.slots[number]
  if (!slot) return unknown('its type is not there')
  const owner = frameFor(evaluation, frame, slot.owner)
  const values = (): Value[] => args.map((one) => typeValue(evaluation, frame, one))
  const [def] = slot.defs
  if (def?.k === 'import') {
    const [first, ...rest] = path
    // `import pg from 'pg'`, `import * as pg from 'pg'`: pg.Pool is a type of the module.
    if (first !== undefined && rest.length === 0)
      return importedType(evaluation, frame.module, def.from, first, values())
    return importedType(evaluation, frame.module, def.from, def.name, values())
  }
  const inferred = slot.defs.length === 0 ? inferredType(evaluation, frame, number) : undefined
  if (inferred) return inferred
  if (slot.means) return typeValue(evaluation, owner, slot.means)
  if (def?.k === 'class') {
    const within = frame.module.ir.classes[def.class]?.within ?? 0
    return instanceOf(classValue(evaluation, frameFor(evaluation, owner, within), def.class), null)
  }
  if (def?.k === 'enum') {
    const value = slotValue(evaluation, owner, number)
    const [member] = path
    if (value.kind !== 'object') return value
    return member === undefined
      ? union(value.names().flatMap((name) => value.get(name) ?? []))
      : (value.get(member) ?? value)
  }
  return unknown('its type says nothing')
}

/** Something of a type that another module exports. */
function importedType(
  evaluation: Evaluation,
  importer: Module,
  from: string,
  name: string,
  args: readonly Value[],
): Value {
  const target = targetModule(evaluation, importer, from)
  if (target) return exportedType(evaluation, target, name, args) ?? unknown('its type is not there')
  const source = importedFrom(evaluation, importer, from)
  for (const model of evaluation.models.values()) {
    const value = model.typed?.(source, name, args)
    if (value) return value
  }
  return unknown(`its type comes from ${from}`)
}

function exportedType(evaluation: Evaluation, target: Module, name: string, args: readonly Value[]): Value | undefined {
  const frame = moduleFrame(evaluation, target)
  for (const one of target.ir.exports) {
    if (one.k === 'all') continue
    if (one.name !== name) continue
    if (one.k === 'from') return importedType(evaluation, target, one.from, one.imported, args)
    if (one.k === 'slot') {
      const value = typeValue(evaluation, frame, { k: 'ref', slot: one.slot })
      if (value.kind !== 'unknown') return value
    }
    if (one.k === 'value') {
      const value = evaluate(evaluation, frame, { k: 'shared', value: one.value })
      if (isProjectClass(value)) return instanceOf(value, null)
    }
  }
  for (const one of target.ir.exports) {
    if (one.k !== 'all') continue
    const next = targetModule(evaluation, target, one.from)
    if (next && !mayExport(evaluation.program, next, name)) continue
    const value = importedType(evaluation, target, one.from, name, args)
    if (value.kind !== 'unknown') return value
  }
  return undefined
}
