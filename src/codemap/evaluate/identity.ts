import { hash } from 'node:crypto'
import {
  type Atom,
  atomsOf,
  type ObjectValue,
  type TemplateValue,
  type TextValue,
  UNDEFINED,
  type Value,
  type Via,
} from '../value.ts'
import type { Frame } from './evaluation.ts'
import { type Closure, isClosure } from './frames.ts'
import { knownOwners } from './relevance.ts'
import { beforeHanded } from './texts.ts'
import { isTypedFunction } from './types.ts'

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
export function argumentKey(value: Value, depth = 0): string {
  return atomsOf(value)
    .map((atom) => atomKey(atom, depth))
    .filter((key) => key !== '')
    .join('/')
}

/** Whether a text is among the arguments of such a key: quotes in it are those of texts. */
export function holdsText(key: string): boolean {
  return /['`]/.test(key)
}

/** A statement may be as long as a script, and each of its calls is remembered by its key. */
const LONGEST_TEXT = 100

const shortTexts = new WeakMap<TextValue | TemplateValue, string>()

function shortText(atom: TextValue | TemplateValue): string {
  if (atom.kind === 'text' && atom.text.length <= LONGEST_TEXT) return atom.text
  const known = shortTexts.get(atom)
  if (known !== undefined) return known
  const text = atom.kind === 'text' ? atom.text : atom.parts.join('$')
  const made = text.length > LONGEST_TEXT ? hash('sha1', text, 'base64') : text
  shortTexts.set(atom, made)
  return made
}

/** How deep objects are looked into. */
const MAX_DEPTH = 3

function atomKey(atom: Atom, depth: number): string {
  switch (atom.kind) {
    case 'literal':
    case 'unknown':
      return ''
    case 'text':
      return `'${shortText(atom)}'${viaKey(atom.via)}`
    case 'template':
      return `\`${shortText(atom)}\`${viaKey(atom.via)}`
    case 'array': {
      const keys = depth < MAX_DEPTH ? atom.items.map((item) => argumentKey(item, depth + 1)) : []
      return keys.some((key) => key !== '') ? `[${keys.join(',')}]` : ''
    }
    case 'object':
      return objectKey(atom, depth)
    case 'function':
      if (isClosure(atom)) return closureKey(atom)
      return isTypedFunction(atom) ? '' : `#${identityOf(atom)}`
    case 'method':
      return `${argumentKey(atom.self, depth + 1)}.${atom.name}`
    default:
      return `#${identityOf(atom)}`
  }
}

/** Functions that have come into being in several runs are one where nothing of these runs comes into them. */
function closureKey({ frame, fn, self }: Closure): string {
  const by = self ? `.${identityOf(self)}` : ''
  return isBound(frame, fn) ? `f${frame.id}:${fn}${by}` : `f${identityOf(frame.module)}:${fn}${by}`
}

/** Objects of one shape are one, where their members are; one that only a type describes says no more than the type. */
function objectKey(value: ObjectValue, depth: number): string {
  const known = objectKeys.get(value)?.[depth]
  if (known !== undefined) return known
  const all = objectKeys.get(value) ?? []
  objectKeys.set(value, all)
  all[depth] = ''
  const before = beforeHanded(value)
  const keyBefore = before && objectKey(before, depth)
  const key = keyBefore === undefined || holdsText(keyBefore) ? keyOfMembers(value, depth) : keyBefore
  all[depth] = key
  return key
}

const objectKeys = new WeakMap<ObjectValue, string[]>()

function keyOfMembers(value: ObjectValue, depth: number): string {
  if (depth >= MAX_DEPTH) return ''
  const keys = value.names().map((name) => [name, argumentKey(value.get(name) ?? UNDEFINED, depth + 1)])
  return value.complete || keys.some(([, key]) => key !== '') ? `{${keys.map((pair) => pair.join(':')).join(',')}}` : ''
}

/** The outermost call is where a text is named; by which ways it came from there is all the same. */
function viaKey([outermost]: readonly Via[]): string {
  if (!outermost) return ''
  const { file, line, column } = outermost.place
  return `@${file}:${line}:${column}`
}

/** Whether an argument of a call around the function comes into it. */
function isBound(frame: Frame, fn: number): boolean {
  const owners = knownOwners(frame.module.ir, fn)
  for (let at: Frame | null = frame; at?.parent; at = at.parent)
    if (at.self || (at.args !== null && (owners?.has(at.fn) ?? true))) return true
  return false
}
