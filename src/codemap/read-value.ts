import type { Literal } from './interaction.ts'
import { atomsOf, type Value } from './value.ts'

/** The strings that a value may be; `known` is false where it may be something else as well. */
export function textsOf(value: Value | undefined): { texts: string[]; known: boolean } {
  if (!value) return { texts: [], known: true }
  const atoms = atomsOf(value)
  const texts = atoms.flatMap((atom) => (atom.kind === 'text' ? [atom.text] : []))
  return { texts, known: texts.length === atoms.length && atoms.length > 0 }
}

/** The one string that a value is; null where it is several, or isn't known. */
export function textOf(value: Value | undefined): string | null {
  const { texts, known } = textsOf(value)
  return known && texts.length === 1 ? (texts[0] as string) : null
}

/** The literals that a value may be: strings, numbers, booleans, null. */
export function literalsOf(value: Value | undefined): Literal[] {
  if (!value) return []
  return atomsOf(value).flatMap((atom): Literal[] => {
    if (atom.kind === 'text') return [atom.text]
    if (atom.kind === 'literal' && atom.value !== undefined) return [atom.value]
    return atom.kind === 'array' ? atom.items.flatMap(literalsOf) : []
  })
}

/** The members of all objects that a value may be. `complete` is false where there may be others. */
export function membersOf(value: Value | undefined): { members: [name: string, value: Value][]; complete: boolean } {
  if (!value) return { members: [], complete: true }
  const members: [string, Value][] = []
  let complete = true
  for (const atom of atomsOf(value)) {
    if (atom.kind !== 'object') {
      complete &&= atom.kind === 'literal'
      continue
    }
    complete &&= atom.complete
    for (const name of atom.names()) {
      const member = atom.get(name)
      if (member) members.push([name, member])
    }
  }
  return { members, complete }
}

/** `value.name` of an object; undefined where no object in it has that member. */
export function memberValue(value: Value | undefined, name: string): Value | undefined {
  return membersOf(value).members.find(([member]) => member === name)?.[1]
}

/** The items of all lists that a value may be; what is no list is an item itself. */
export function itemsOf(value: Value | undefined): { items: Value[]; complete: boolean } {
  if (!value) return { items: [], complete: true }
  const items: Value[] = []
  let complete = true
  for (const atom of atomsOf(value)) {
    if (atom.kind !== 'array') items.push(atom)
    else {
      items.push(...atom.items)
      complete &&= atom.complete
    }
  }
  return { items, complete }
}
