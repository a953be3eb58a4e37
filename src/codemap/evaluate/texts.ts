import {
  atomsOf,
  type ObjectValue,
  type TemplateValue,
  type TextPiece,
  type TextValue,
  type Value,
  type Via,
} from '../value.ts'

/** How many strings an expression may be before its parts are no longer told apart. */
const MAX_TEXTS = 24

/** A part of a string: what is known, with the calls that handed it in, or a hole. */
type Piece = TextPiece | { readonly hole: Value }

/** The strings that these values make one after the other; what isn't known leaves a hole. */
export function concatenate(values: readonly Value[]): Value {
  let all: Piece[][] = [[]]
  for (const value of values) {
    const pieces = piecesOf(value)
    const next = pieces.length * all.length > MAX_TEXTS ? [[{ hole: value }]] : pieces
    all = all.flatMap((before) => next.map((piece) => [...before, ...piece]))
  }
  const made = all.map((pieces) => {
    const texts = pieces.filter((piece) => 'text' in piece)
    return texts.length === pieces.length ? textOf(texts) : templateOf(pieces, texts)
  })
  const [only] = made
  return made.length === 1 && only ? only : { kind: 'union', of: made }
}

function piecesOf(value: Value): Piece[][] {
  const atoms = atomsOf(value)
  // Nobody means the word "undefined": what may be that is one of the others.
  const defined = atoms.filter((atom) => atom.kind !== 'literal' || atom.value !== undefined)
  return (defined.length > 0 ? defined : atoms).map((atom): Piece[] => {
    switch (atom.kind) {
      case 'text':
        return atom.pieces ? [...atom.pieces] : [{ text: atom.text, via: atom.via }]
      case 'template':
        return atom.parts.flatMap((text, at): Piece[] => {
          const hole = atom.holes[at]
          return hole ? [{ text, via: atom.via }, { hole }] : [{ text, via: atom.via }]
        })
      case 'literal':
        if (atom.value === undefined) return [{ hole: atom }]
        return [{ text: String(atom.value), via: [] }]
      default:
        return [{ hole: atom }]
    }
  })
}

/** What was handed in by most calls says where it is named. */
function textOf(all: readonly TextPiece[]): TextValue {
  const pieces = all.filter(({ text }) => text !== '')
  const text = pieces.map((piece) => piece.text).join('')
  const via = pieces.reduce<readonly Via[]>((most, piece) => (piece.via.length > most.length ? piece.via : most), [])
  const isOne = pieces.every((piece) => piece.via.length === via.length)
  return isOne ? { kind: 'text', text, via } : { kind: 'text', text, via, pieces }
}

/** Parts that came by more calls than the others are holes that are known. */
function templateOf(pieces: readonly Piece[], texts: readonly TextPiece[]): TemplateValue {
  const [first = { text: '', via: [] }, ...rest] = texts.filter(({ text }) => text !== '')
  const via = rest.reduce((least, piece) => (piece.via.length < least.length ? piece.via : least), first.via)
  const parts = ['']
  const holes: Value[] = []
  for (const piece of pieces) {
    if ('text' in piece && (piece.text === '' || piece.via.length === via.length)) {
      parts.push((parts.pop() ?? '') + piece.text)
    } else {
      holes.push('text' in piece ? { kind: 'text', ...piece } : piece.hole)
      parts.push('')
    }
  }
  return { kind: 'template', parts, holes, via }
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
      return onceFor(handedIn, value, via, () => ({
        kind: 'union',
        of: value.of.map((atom) => handIn(atom, via) as typeof atom),
      }))
    case 'text':
      // A statement comes to all that may stand behind an interface, one after the other.
      return value.pieces ? onceFor(handedIn, value, via, () => handedText(value, via)) : handedText(value, via)
    case 'template':
      return onceFor(handedIn, value, via, () => {
        const holes = value.holes.map((hole) => handIn(hole, via))
        return { ...value, via: extend(value.via, via), holes }
      })
    case 'array':
      return value.items.some(holdsText) ? { ...value, items: value.items.map((item) => handIn(item, via)) } : value
    case 'object':
      return handedObject(value, via)
    default:
      return value
  }
}

function handedText(value: TextValue, via: Via): TextValue {
  const pieces = value.pieces?.map((piece) => ({ ...piece, via: extend(piece.via, via) }))
  return { ...value, via: extend(value.via, via), ...(pieces ? { pieces } : {}) }
}

type ByVia = WeakMap<object, Map<Via, Value>>

const handedIn: ByVia = new WeakMap()
const handedOut: ByVia = new WeakMap()

/** The same value handed on by the same call is one thing: texts that hold texts that hold texts are shared, not copied. */
function onceFor(known: ByVia, value: Value, via: Via, make: () => Value): Value {
  const all = known.get(value) ?? new Map<Via, Value>()
  known.set(value, all)
  const made = all.get(via) ?? make()
  all.set(via, made)
  return made
}

const handedFrom = new WeakMap<ObjectValue, ObjectValue>()

/** What it was before a call handed it in: the same but for the calls by which its texts came. */
export function beforeHanded(value: ObjectValue): ObjectValue | undefined {
  return handedFrom.get(value)
}

/** Nothing in it is looked at before somebody asks for it. */
function handedObject(value: ObjectValue, via: Via): Value {
  return onceFor(handedIn, value, via, () => {
    const found = new Map<string, Value | undefined>()
    const handed: ObjectValue = {
      kind: 'object',
      get complete() {
        return value.complete
      },
      names: () => value.names(),
      ...(value.needs ? { needs: value.needs } : {}),
      get: (name) => {
        if (!found.has(name)) {
          const member = value.get(name)
          found.set(name, member && handIn(member, via))
        }
        return found.get(name)
      },
    }
    handedFrom.set(handed, value)
    return handed
  })
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

const extended = new WeakMap<readonly Via[], Map<Via, readonly Via[]>>()

/** One list for all that came by the same calls. */
function extend(before: readonly Via[], via: Via): readonly Via[] {
  if (before.includes(via)) return before
  const from = before.length === 0 ? NO_CALLS : before
  const all = extended.get(from) ?? new Map<Via, readonly Via[]>()
  extended.set(from, all)
  const made = all.get(via) ?? [...from, via]
  all.set(via, made)
  return made
}

const NO_CALLS: readonly Via[] = []

/** The value as the call gives it back: what was handed in has come out again. */
export function handOut(value: Value, via: Via): Value {
  switch (value.kind) {
    case 'union':
      return onceFor(handedOut, value, via, () => {
        const of = value.of.map((atom) => handOut(atom, via) as typeof atom)
        return of.every((atom, at) => atom === value.of[at]) ? value : { kind: 'union', of }
      })
    case 'text': {
      if (!value.via.includes(via)) return value
      const pieces = value.pieces?.map((piece) => ({ ...piece, via: before(piece.via, via) }))
      return { ...value, via: before(value.via, via), ...(pieces ? { pieces } : {}) }
    }
    case 'template':
      return onceFor(handedOut, value, via, () => {
        const holes = value.holes.map((hole) => handOut(hole, via))
        const same = !value.via.includes(via) && holes.every((hole, at) => hole === value.holes[at])
        return same ? value : { ...value, via: before(value.via, via), holes }
      })
    default:
      return value
  }
}

function before(vias: readonly Via[], via: Via): readonly Via[] {
  const at = vias.indexOf(via)
  return at === -1 ? vias : vias.slice(0, at)
}
