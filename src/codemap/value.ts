import type { Place } from './interaction.ts'

/**
 * What an expression may be when the program runs, as far as the code tells. A union holds the few things that it may
 * be; styles get receivers one by one, but arguments as they are.
 */
export type Value = Atom | UnionValue

export type Atom =
  | TextValue
  | TemplateValue
  | LiteralValue
  | ObjectValue
  | ArrayValue
  | FunctionValue
  | ClassValue
  | InstanceValue
  | LibraryValue
  | MethodValue
  | UnknownValue

export interface UnionValue {
  readonly kind: 'union'
  readonly of: readonly Atom[]
}

/** A string that is known. */
export interface TextValue {
  readonly kind: 'text'
  readonly text: string
  /** The calls of the project's own functions that handed it in, the outermost first. Nothing where it stands on the spot. */
  readonly via: readonly Via[]
  /** That a type allows it is all that is known. */
  readonly assumed?: true
  /** Of a text that was put together: its parts, where they were not all handed in by the same calls. */
  readonly pieces?: readonly TextPiece[]
}

/** A call that handed a value in, and the function around that call. */
export interface Via {
  readonly place: Place
  readonly function: string | null
  /** It goes to one of the things that may stand behind an interface. */
  readonly oneOf?: true
}

/** A string with parts that aren't known: parts[0] holes[0] parts[1] … parts[n]. */
export interface TemplateValue {
  readonly kind: 'template'
  readonly parts: readonly string[]
  readonly holes: readonly Value[]
  readonly via: readonly Via[]
}

export interface TextPiece {
  readonly text: string
  readonly via: readonly Via[]
}

export interface LiteralValue {
  readonly kind: 'literal'
  readonly value: number | boolean | null | undefined
}

/** An object literal, an enum, the namespace of a module, or something of an object or interface type. */
export interface ObjectValue {
  readonly kind: 'object'
  /** Undefined where it has no such member that the code names. */
  get(name: string): Value | undefined
  names(): readonly string[]
  /** False where it has members that the code doesn't name (a spread of something unknown, a computed name). */
  readonly complete: boolean
  /** Where only its type is known: members that whatever is of the type has. */
  needs?(): readonly string[]
}

export interface ArrayValue {
  readonly kind: 'array'
  readonly items: readonly Value[]
  /** False where it holds more of the same kind; what may be of another kind is an unknown item. */
  readonly complete: boolean
}

/** A function of the project; `site.call` runs it. */
export interface FunctionValue {
  readonly kind: 'function'
  readonly name: string | null
}

/** A class of the project. */
export interface ClassValue {
  readonly kind: 'class'
  readonly name: string
  readonly place: Place
  /** What it extends; null where it extends nothing. */
  base(): Value | null
  /** Something of each type that what it extends is given: `extends Repository<Venue>`. */
  baseTypes(): readonly Value[]
  /** What its decorators evaluate to. */
  decorators(): readonly Value[]
  /** Its own members that are no methods: fields, and parameters of the constructor that are fields too. */
  fields(): readonly ClassField[]
}

export interface ClassField {
  readonly name: string
  readonly static: boolean
  readonly place: Place
  decorators(): readonly Value[]
  /** Something of its declared type; unknown where it declares none. */
  type(): Value
  /** What it is set to where it is declared; undefined where it isn't. */
  initial(): Value | undefined
}

export interface InstanceValue {
  readonly kind: 'instance'
  readonly of: ClassValue
}

/**
 * Something of a library, made by a style: a client, a table, a builder, a condition, an option. `of` belongs to the
 * style alone, which tells its own values apart by it.
 */
export interface LibraryValue<Of = unknown> {
  readonly kind: 'library'
  readonly style: string
  readonly of: Of
  /** What the program itself has put into it: `User.associate = …`. */
  readonly added?: ObjectValue
}

/** A member that is likely to be called: `const { from } = client`. Calling it calls `name` of `self`. */
export interface MethodValue {
  readonly kind: 'method'
  readonly self: Value
  readonly name: string
}

export interface UnknownValue {
  readonly kind: 'unknown'
  /** Completes "… is not known: ": `it is the parameter "name" of save, …`. */
  readonly reason: string
  /** More of the kind of what stands beside it, of which all that the code says is there. */
  readonly more?: true
}

export const UNDEFINED: LiteralValue = { kind: 'literal', value: undefined }

export function unknown(reason: string): UnknownValue {
  return { kind: 'unknown', reason }
}

export function text(value: string, via: readonly Via[] = []): TextValue {
  return { kind: 'text', text: value, via }
}

export function library<Of>(style: string, of: Of): LibraryValue<Of> {
  return { kind: 'library', style, of }
}

export function array(items: readonly Value[], complete = true): ArrayValue {
  return { kind: 'array', items, complete }
}

/** An object of which all members are known. */
export function object(members: Readonly<Record<string, Value>>): ObjectValue {
  return {
    kind: 'object',
    get: (name) => (Object.hasOwn(members, name) ? members[name] : undefined),
    names: () => Object.keys(members),
    complete: true,
  }
}

/** How many things a value may be before it is no longer told which. */
const MAX_ATOMS = 500

/** One value that is any of these: unions are flattened, what is there twice stays once. */
export function union(values: readonly Value[]): Value {
  const [only] = values
  if (only !== undefined && values.length === 1) return only
  const atoms = new Map<unknown, Atom>()
  for (const value of values) {
    for (const atom of atomsOf(value)) {
      const key = sameAs(atom)
      if (atoms.has(key)) continue
      if (atoms.size >= MAX_ATOMS)
        return { kind: 'union', of: [...atoms.values(), unknown('it may be too many things')] }
      atoms.set(key, atom)
    }
  }
  const [first] = atoms.values()
  if (first === undefined) return unknown('nothing is ever put there')
  return atoms.size === 1 ? first : { kind: 'union', of: [...atoms.values()] }
}

export function atomsOf(value: Value): readonly Atom[] {
  return value.kind === 'union' ? value.of : [value]
}

/** Equal for atoms that are the same thing. */
function sameAs(atom: Atom): unknown {
  switch (atom.kind) {
    case 'text':
      return `'${atom.text}${viaKey(atom.via)}`
    case 'template':
      return `\`${atom.parts.join('\u0000')}${viaKey(atom.via)}`
    case 'literal':
      return `=${Object.is(atom.value, -0) ? '-0' : atom.value}`
    case 'unknown':
      return `?${atom.reason}`
    default:
      return atom
  }
}

function viaKey(via: readonly Via[]): string {
  return via.map(({ place }) => `\u0001${place.file}:${place.line}:${place.column}`).join('')
}
