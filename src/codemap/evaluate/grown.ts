import type { Assignment, Slot } from '../ir.ts'
import { type Atom, array, atomsOf, type ObjectValue, union, type Value } from '../value.ts'
import type { Evaluation, Frame } from './evaluation.ts'
import { frameFor } from './frames.ts'
import { sharedValue } from './slots.ts'

/** A variable's value with what `name.member = …` and `name.push(…)` add to it. */
export function grown(evaluation: Evaluation, owner: Frame, { sets, pushes }: Slot, value: Value): Value {
  if (!sets && !pushes) return value
  const assigned = ({ value: number, within }: Omit<Assignment, 'name'>): Value =>
    sharedValue(evaluation, frameFor(evaluation, owner, within), number)
  return union(
    atomsOf(value).map((atom): Value => {
      if (atom.kind === 'array' && pushes) return array([...atom.items, ...pushes.map(assigned)], false)
      return sets ? withMembers(atom, sets, assigned) : atom
    }),
  )
}

/** Members are evaluated when somebody asks for them, since they may be made of the variable itself. */
function withMembers(atom: Atom, sets: readonly Assignment[], assigned: (set: Assignment) => Value): Value {
  const names = [...new Set(sets.map(({ name }) => name))]
  const before = (name: string): Value | undefined => (atom.kind === 'object' ? atom.get(name) : undefined)
  const made: ObjectValue = {
    kind: 'object',
    complete: atom.kind === 'object' && atom.complete,
    names: () => [...new Set([...(atom.kind === 'object' ? atom.names() : []), ...names])],
    get: (name) => {
      const set = sets.filter((one) => one.name === name)
      const old = before(name)
      if (set.length === 0) return old
      const values = set.map(assigned)
      return old && !isNothing(old) ? union([old, ...values]) : union(values)
    },
  }
  switch (atom.kind) {
    case 'object':
    case 'unknown':
      return made
    case 'library':
      return atom.style === 'javascript' ? made : atom
    default:
      return atom
  }
}

function isNothing(value: Value): boolean {
  return value.kind === 'unknown' || (value.kind === 'literal' && (value.value === undefined || value.value === null))
}
