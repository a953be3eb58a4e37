import { literalsOf } from '../../read-value.ts'
import { parameter, type SqlParameter, type SqlText, unknownText, words } from '../../sql/sql-text.ts'
import type { Template } from '../../style.ts'
import { type Atom, atomsOf, type Value, type Via } from '../../value.ts'

/** The `origin` of a part of SQL that comes from a value: the calls that handed it in. */
export type Origin = readonly Via[]

/** How many parts a statement has before it is no longer looked at in detail. */
const MOST_PARTS = 1500

interface Budget {
  parts: number
}

/** SQL as a value holds it: a text, a template with holes, or one of several. What isn't a string is an unknown part. */
export function sqlOfValue(value: Value): SqlText {
  return sqlOf(value, [], { parts: MOST_PARTS })
}

function sqlOf(value: Value, around: Origin, budget: Budget): SqlText {
  const of = atomsOf(value).map((atom) => sqlOfAtom(atom, around, budget))
  return of.length === 1 ? (of[0] ?? []) : [{ kind: 'choice', of }]
}

function sqlOfAtom(atom: Atom, around: Origin, budget: Budget): SqlText {
  budget.parts -= 1
  if (budget.parts < 0) return [unknownText('it is put together in too many ways', around)]
  switch (atom.kind) {
    case 'text':
      return (atom.pieces ?? [atom]).map((piece) => words(piece.text, longer(piece.via, around)))
    case 'literal':
      return [words(String(atom.value), around)]
    case 'template': {
      const via = longer(atom.via, around)
      return atom.parts.flatMap((part, at) => {
        const hole = atom.holes[at]
        return hole ? [words(part, via), ...sqlOf(hole, via, budget)] : [words(part, via)]
      })
    }
    case 'unknown':
      return [unknownText(atom.reason, around)]
    default:
      return [unknownText('it is not a string', around)]
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
