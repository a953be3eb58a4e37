import { atomsOf, type TemplateValue, type TextValue, type Value, type Via } from '../value.ts'

/** How many strings an expression may be before its parts are no longer told apart. */
const MAX_TEXTS = 24

type Piece = Pick<TemplateValue, 'parts' | 'holes' | 'via'>

/** The strings that these values make one after the other; what isn't known leaves a hole. */
export function concatenate(values: readonly Value[]): Value {
  let all: Piece[] = [{ parts: [''], holes: [], via: [] }]
  for (const value of values) {
    const pieces = piecesOf(value)
    const next = pieces.length * all.length > MAX_TEXTS ? [holeOf(value)] : pieces
    all = all.flatMap((before) => next.map((piece) => join(before, piece)))
  }
  const made = all.map(({ parts, holes, via }): TextValue | TemplateValue =>
    holes.length === 0 ? { kind: 'text', text: parts[0] ?? '', via } : { kind: 'template', parts, holes, via },
  )
  const [only] = made
  return made.length === 1 && only ? only : { kind: 'union', of: made }
}

function piecesOf(value: Value): Piece[] {
  const atoms = atomsOf(value)
  if (atoms.length === 0) return []
  return atoms.map((atom) => {
    switch (atom.kind) {
      case 'text':
        return { parts: [atom.text], holes: [], via: atom.via }
      case 'template':
        return atom
      case 'literal':
        return { parts: [String(atom.value)], holes: [], via: [] }
      default:
        return holeOf(atom)
    }
  })
}

function holeOf(value: Value): Piece {
  return { parts: ['', ''], holes: [value], via: [] }
}

function join(a: Piece, b: Piece): Piece {
  const last = a.parts.at(-1) ?? ''
  const [first = '', ...rest] = b.parts
  return {
    parts: [...a.parts.slice(0, -1), last + first, ...rest],
    holes: [...a.holes, ...b.holes],
    via: a.via.length >= b.via.length ? a.via : b.via,
  }
}

/** The strings that a value may be; null stands for all that aren't known. */
export function textsIn(value: Value): (string | null)[] {
  return atomsOf(value).map((atom) => {
    if (atom.kind === 'text') return atom.text
    return atom.kind === 'literal' && typeof atom.value === 'number' ? String(atom.value) : null
  })
}

/** The value as a call hands it in: a text that stands inside is named at that call. */
export function handIn(value: Value, via: Via): Value {
  switch (value.kind) {
    case 'union':
      return { kind: 'union', of: value.of.map((atom) => handIn(atom, via) as typeof atom) }
    case 'text':
    case 'template':
      return { ...value, via: extend(value.via, via) }
    case 'array':
      return value.items.some(holdsText) ? { ...value, items: value.items.map((item) => handIn(item, via)) } : value
    case 'object':
      return value.names().some((name) => holdsText(value.get(name))) ? handedObject(value, via) : value
    default:
      return value
  }
}

const handed = new WeakMap<object, Map<object, Value>>()

/** The same object handed in by the same call is one thing. */
function handedObject(value: Extract<Value, { kind: 'object' }>, via: Via): Value {
  const known = handed.get(value)?.get(via)
  if (known) return known
  const made: Value = {
    kind: 'object',
    complete: value.complete,
    names: () => value.names(),
    get: (name) => {
      const member = value.get(name)
      return member && handIn(member, via)
    },
  }
  const all = handed.get(value) ?? new Map<object, Value>()
  handed.set(value, all.set(via, made))
  return made
}

function holdsText(value: Value | undefined): boolean {
  if (!value) return false
  return atomsOf(value).some(
    (atom) =>
      atom.kind === 'text' ||
      atom.kind === 'template' ||
      (atom.kind === 'array' && atom.items.some(holdsText)) ||
      atom.kind === 'object',
  )
}

function extend(before: readonly Via[], via: Via): readonly Via[] {
  return before.includes(via) ? before : [...before, via]
}

/** The value as the call gives it back: what was handed in has come out again. */
export function handOut(value: Value, via: Via): Value {
  switch (value.kind) {
    case 'union':
      return { kind: 'union', of: value.of.map((atom) => handOut(atom, via) as typeof atom) }
    case 'text':
    case 'template': {
      const at = value.via.indexOf(via)
      return at === -1 ? value : { ...value, via: value.via.slice(0, at) }
    }
    default:
      return value
  }
}
