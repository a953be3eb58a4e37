import type { Assignment, Expr, KeyedAssignment, Slot } from '../ir.ts'
import { type Atom, array, atomsOf, type ObjectValue, union, type Value } from '../value.ts'
import type { Evaluation, Frame } from './evaluation.ts'
import { frameFor } from './frames.ts'
import { memberOf } from './members.ts'
import { sharedValue } from './slots.ts'
import { textsIn } from './texts.ts'

/** A variable's value with what `name.member = …`, `name[key] = …` and `name.push(…)` add to it. */
export function grown(evaluation: Evaluation, owner: Frame, { sets, pushes, keyed }: Slot, value: Value): Value {
  if (!sets && !pushes && !keyed) return value
  const assigned = ({ value: number, within }: Omit<Assignment, 'name'>): Value =>
    sharedValue(evaluation, frameFor(evaluation, owner, within), number)
  const added: Added = {
    sets: sets ?? [],
    assigned,
    keyed: () => (keyed ?? []).map((one) => keyedMembers(evaluation, frameFor(evaluation, owner, one.within), one)),
  }
  return union(
    atomsOf(value).map((atom): Value => {
      if (atom.kind === 'array' && pushes) return array([...atom.items, ...pushes.map(assigned)], false)
      return sets || keyed ? withMembers(atom, added) : atom
    }),
  )
}

/** What is put into a variable besides its own value. */
interface Added {
  readonly sets: readonly Assignment[]
  readonly assigned: (set: Assignment) => Value
  readonly keyed: () => Keyed[]
}

interface Keyed {
  readonly members: readonly (readonly [name: string, value: Value])[]
  /** False where a key isn't known. */
  readonly complete: boolean
}

/**
 * `db[model.name] = model`: each of the things that `model` may be under its own name. Where key and value don't hang
 * together, each key has each value.
 */
function keyedMembers(evaluation: Evaluation, frame: Frame, { key, value }: KeyedAssignment): Keyed {
  const given = sharedValue(evaluation, frame, value)
  const keyIr = frame.module.ir.shared[key]
  const of = keyIr?.k === 'member' ? variableOf(frame, keyIr.object) : null
  if (keyIr?.k !== 'member' || of === null || of !== variableOf(frame, { k: 'shared', value })) {
    const names = textsIn(sharedValue(evaluation, frame, key))
    return {
      members: names.flatMap((name) => (name === null ? [] : [[name, given] as const])),
      complete: !names.includes(null),
    }
  }
  const members = atomsOf(given).flatMap((atom) =>
    textsIn(memberOf(evaluation, frame, atom, keyIr.name, keyIr.at)).map((name) => [name, atom] as const),
  )
  return {
    members: members.flatMap(([name, atom]) => (name === null ? [] : [[name, atom] as const])),
    complete: members.every(([name]) => name !== null),
  }
}

function variableOf(frame: Frame, expr: Expr): number | null {
  if (expr.k === 'ref') return expr.slot
  const inner = expr.k === 'shared' ? frame.module.ir.shared[expr.value] : undefined
  return inner ? variableOf(frame, inner) : null
}

/** Members are evaluated when somebody asks for them, since they may be made of the variable itself. */
function withMembers(atom: Atom, { sets, assigned, keyed }: Added): Value {
  const names = [...new Set(sets.map(({ name }) => name))]
  const before = (name: string): Value | undefined => (atom.kind === 'object' ? atom.get(name) : undefined)
  let found: Keyed[] | undefined
  const all = (): Keyed[] => {
    if (found) return found
    // What is asked for on the way sees nothing of it.
    found = []
    found = keyed()
    return found
  }
  const made: ObjectValue = {
    kind: 'object',
    get complete() {
      return atom.kind === 'object' && atom.complete && all().every((one) => one.complete)
    },
    names: () => [
      ...new Set([
        ...(atom.kind === 'object' ? atom.names() : []),
        ...names,
        ...all().flatMap(({ members }) => members.map(([name]) => name)),
      ]),
    ],
    get: (name) => {
      const set = sets.filter((one) => one.name === name)
      const old = before(name)
      const values = [
        ...set.map(assigned),
        ...all().flatMap(({ members }) => members.flatMap(([key, value]) => (key === name ? [value] : []))),
      ]
      if (values.length === 0) return old
      return old && !isNothing(old) ? union([old, ...values]) : union(values)
    },
  }
  switch (atom.kind) {
    case 'object':
    case 'unknown':
      return made
    case 'library':
      return atom.style === 'javascript' ? made : { ...atom, added: made }
    default:
      return atom
  }
}

function isNothing(value: Value): boolean {
  return value.kind === 'unknown' || (value.kind === 'literal' && (value.value === undefined || value.value === null))
}
