import { type Atom, atomsOf, type Value, type Via } from '../value.ts'

const ids = new WeakMap<object, number>()
let last = 0

/** A number that is the same for the same object. */
export function identityOf(value: object): number {
  const known = ids.get(value)
  if (known !== undefined) return known
  last += 1
  ids.set(value, last)
  return last
}

/**
 * What tells a value from others as an argument; empty for one of which nothing is known that could matter inside. Calls
 * with equal keys are one.
 */
export function argumentKey(value: Value): string {
  return atomsOf(value)
    .map(atomKey)
    .filter((key) => key !== '')
    .join('/')
}

function atomKey(atom: Atom): string {
  switch (atom.kind) {
    case 'literal':
    case 'unknown':
      return ''
    case 'text':
      return `'${atom.text}'${viaKey(atom.via)}`
    case 'template':
      return `\`${atom.parts.join('$')}\`${viaKey(atom.via)}`
    case 'array': {
      const keys = atom.items.map(argumentKey)
      return keys.some((key) => key !== '') ? `[${keys.join(',')}]` : ''
    }
    case 'object':
      return atom.names().some((name) => argumentKey(atom.get(name) ?? NONE) !== '') ? `#${identityOf(atom)}` : ''
    case 'method':
      return `${argumentKey(atom.self)}.${atom.name}`
    default:
      return `#${identityOf(atom)}`
  }
}

const NONE: Value = { kind: 'literal', value: undefined }

function viaKey(via: readonly Via[]): string {
  return via.map(({ place }) => `@${place.file}:${place.line}:${place.column}`).join('')
}
