import type { Expr, Position } from '../ir.ts'
import { type Atom, atomsOf, type ClassValue, text, UNDEFINED, union, unknown, type Value } from '../value.ts'
import { instanceMember, isProjectClass, isProjectInstance, staticMember } from './classes.ts'
import type { Evaluation, Frame } from './evaluation.ts'
import { evaluate } from './expressions.ts'
import { makeSite } from './site.ts'
import { itemOf } from './slots.ts'
import { textsIn } from './texts.ts'

/** `value.name`, whatever the value is. */
export function memberOf(evaluation: Evaluation, frame: Frame, value: Value, name: string, at: Position): Value {
  const atoms = atomsOf(value)
  if (atoms.length === 0) return value
  return union(atoms.map((atom) => memberOfAtom(evaluation, frame, atom, name, at)))
}

function memberOfAtom(evaluation: Evaluation, frame: Frame, atom: Atom, name: string, at: Position): Value {
  switch (atom.kind) {
    case 'library': {
      const model = evaluation.models.get(atom.style)
      const site = makeSite(evaluation, frame, at, { self: atom })
      return atom.added?.get(name) ?? model?.member?.(atom, name, site) ?? { kind: 'method', self: atom, name }
    }
    case 'object':
      return atom.get(name) ?? (atom.complete ? UNDEFINED : unknown(`"${name}" comes from elsewhere`))
    case 'instance':
      return orOfBase(isProjectInstance(atom) ? instanceMember(evaluation, atom, name) : null, atom.of, () =>
        ofBase(evaluation, frame, atom, atom.of, name, at),
      )
    case 'class': {
      const own = isProjectClass(atom) ? staticMember(evaluation, atom, name) : null
      if (own) return own
      return name === 'name' ? text(atom.name) : ofBase(evaluation, frame, atom, atom, name, at)
    }
    case 'array':
      if (/^\d+$/.test(name)) return itemOf(atom, Number(name))
      return name === 'length' ? unknown('it is a length') : method(atom, name)
    case 'unknown':
      return unknown(atom.reason)
    case 'literal':
      return atom.value === undefined || atom.value === null ? UNDEFINED : method(atom, name)
    default:
      return method(atom, name)
  }
}

/** A field that is only declared (`declare getPosts: …`) is the library's, where the class extends one. */
function orOfBase(own: Value | null, of: ClassValue, inherited: () => Value): Value {
  if (own && (own.kind !== 'unknown' || !libraryBase(of))) return own
  return inherited()
}

function method(self: Atom, name: string): Value {
  return { kind: 'method', self, name }
}

/** A member that a class of the project has from a library's. */
function ofBase(
  evaluation: Evaluation,
  frame: Frame,
  self: Atom,
  of: Extract<Atom, { kind: 'class' }>,
  name: string,
  at: Position,
): Value {
  const base = libraryBase(of)
  if (!base) return unknown(`${of.name} has no "${name}" in the code`)
  const site = makeSite(evaluation, frame, at, { self })
  return evaluation.models.get(base.style)?.member?.(base, name, site) ?? method(self, name)
}

/** The class of a library that a class of the project extends, over as many steps as it takes. */
export function libraryBase(of: Extract<Atom, { kind: 'class' }>): Extract<Atom, { kind: 'library' }> | null {
  const base = of.base()
  if (!base) return null
  for (const atom of atomsOf(base)) {
    if (atom.kind === 'library') return atom
    const further = atom.kind === 'class' && atom !== of ? libraryBase(atom) : null
    if (further) return further
  }
  return null
}

/** `value[index]`. */
export function evaluateIndex(evaluation: Evaluation, frame: Frame, expr: Extract<Expr, { k: 'index' }>): Value {
  const value = evaluate(evaluation, frame, expr.object)
  const names = textsIn(evaluate(evaluation, frame, expr.index))
  return union(
    names.map((name) => (name === null ? anyMember(value) : memberOf(evaluation, frame, value, name, expr.at))),
  )
}

/** Which member isn't known: any that the code names. */
function anyMember(value: Value): Value {
  return union(
    atomsOf(value).flatMap((atom): Value[] => {
      if (atom.kind === 'object' && atom.complete) return atom.names().flatMap((name) => atom.get(name) ?? [])
      if (atom.kind === 'array' && atom.complete) return [...atom.items]
      return [unknown('its name is computed')]
    }),
  )
}
