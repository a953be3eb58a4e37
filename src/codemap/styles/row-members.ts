import { membersOf } from '../read-value.ts'
import { atomsOf, type ClassValue, type Value } from '../value.ts'

/**
 * The columns of a row that is written and what is put into them. An instance of a class of the project (a DTO) has at
 * least the fields that its class declares; `complete` is false where there may be others.
 */
export function rowMembers(row: Value): {
  members: readonly (readonly [name: string, value: Value])[]
  complete: boolean
} {
  const { members, complete } = membersOf(row)
  const fields = atomsOf(row).flatMap((atom) => (atom.kind === 'instance' ? fieldsOf(atom.of) : []))
  return { members: [...members, ...fields], complete }
}

function fieldsOf(of: ClassValue): (readonly [string, Value])[] {
  const own = of.fields().flatMap((field) => (field.static ? [] : [[field.name, field.type()] as const]))
  const base = of.base()
  return [
    ...own,
    ...atomsOf(base ?? { kind: 'union', of: [] }).flatMap((atom) => (atom.kind === 'class' ? fieldsOf(atom) : [])),
  ]
}
