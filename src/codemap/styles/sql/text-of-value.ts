import { literalsOf } from '../../read-value.ts'
import { parameter, type SqlParameter, type SqlText, unknownText, words } from '../../sql/sql-text.ts'
import type { Template } from '../../style.ts'
import { type Atom, atomsOf, type Value, type Via } from '../../value.ts'

/** The `origin` of a part of SQL that comes from a value: the calls that handed it in. */
export type Origin = readonly Via[]

/** How many parts a statement has before it is no longer looked at in detail. */
const MOST_PARTS = 1500

interface Reading {
  /** How many parts it may still have. */
  parts: number
  readonly other: Other
  /** Something that a library has made is in it: more may still be put into that. */
  mayGrow: boolean
}

/** The SQL of what isn't a string: of something that a library has made. Undefined for what isn't the library's. */
export type Other = (atom: Atom) => SqlText | undefined

/** SQL as a value holds it: a text, a template with holes, or one of several. What isn't a string is an unknown part. */
export function sqlOfValue(value: Value, other: Other = NOTHING_ELSE): SqlText {
  const before = latest.find((one) => one.value === value && one.other === other)
  if (before) return before.sql
  const reading = { parts: MOST_PARTS, other, mayGrow: false }
  const sql = sqlOf(value, [], reading)
  if (reading.mayGrow) return sql
  latest.unshift({ value, other, sql })
  latest.length = Math.min(latest.length, MOST_LATEST)
  return sql
}

const NOTHING_ELSE: Other = () => undefined

/** One statement comes to all that may stand behind an interface, one after the other. */
const latest: { readonly value: Value; readonly other: Other; readonly sql: SqlText }[] = []
const MOST_LATEST = 8

function sqlOf(value: Value, around: Origin, reading: Reading): SqlText {
  const of = withoutUndefined(value).map((atom) => sqlOfAtom(atom, around, reading))
  return of.length === 1 ? (of[0] ?? []) : [{ kind: 'choice', of }]
}

/** Nobody means the word "undefined": what may be that is one of the others. */
function withoutUndefined(value: Value): readonly Atom[] {
  const atoms = atomsOf(value)
  const defined = atoms.filter((atom) => atom.kind !== 'literal' || atom.value !== undefined)
  return defined.length > 0 ? defined : atoms
}

function sqlOfAtom(atom: Atom, around: Origin, reading: Reading): SqlText {
  reading.parts -= 1
  if (reading.parts < 0) return [unknownText('it is put together in too many ways', around)]
  switch (atom.kind) {
    case 'text':
      return (atom.pieces ?? [atom]).map((piece) => words(piece.text, longer(piece.via, around)))
    case 'literal':
      if (atom.value === undefined) return [unknownText('it is undefined', around)]
      return [words(String(atom.value), around)]
    case 'template': {
      const via = longer(atom.via, around)
      return atom.parts.flatMap((part, at) => {
        const hole = atom.holes[at]
        return hole ? [words(part, via), ...sqlOf(hole, via, reading)] : [words(part, via)]
      })
    }
    case 'unknown':
      return [{ ...unknownText(atom.reason, around), ...(atom.more ? { more: true } : {}) }]
    default: {
      const made = reading.other(atom)
      if (made) reading.mayGrow = true
      return made ?? [unknownText('it is not a string', around)]
    }
  }
}

function longer(a: Origin, b: Origin): Origin {
  return a.length >= b.length ? a : b
}

/**
 * SQL as a tagged template holds it. `hole` says what the library makes of what stands in a hole: a name, a fragment,
 * a list; undefined where it is a value that is sent beside the statement.
 */
export function sqlOfTemplate(template: Template, hole: (value: Value) => SqlText | undefined): SqlText {
  return template.parts.flatMap((part, at): SqlText => {
    const value = template.holes[at]
    return value ? [words(part), ...(hole(value) ?? [parameterOf(value)])] : [words(part)]
  })
}

/** A value that is sent beside the statement. */
export function parameterOf(value: Value): SqlParameter {
  return parameter(literalsOf(value))
}
