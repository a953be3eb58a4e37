import { parameter, type SqlPart, type SqlText, unknownText, words } from '../../sql/sql-text.ts'
import type { Template } from '../../style.ts'
import { type Atom, atomsOf, type Value } from '../../value.ts'
import { parameterOf } from '../sql/text-of-value.ts'
import { kindOfAtom, type Naming } from './kinds.ts'
import { sqlOfHelper } from './rows-and-names.ts'

/** The template that takes others in. */
export interface Around {
  readonly function: string | null
  readonly naming: Naming
  /** Is told the places of the templates that are taken in. */
  readonly embed: (place: string) => void
}

/** The SQL of a template. */
export function sqlOfTemplate({ parts, holes }: Template, around: Around): SqlText {
  let before = ''
  return parts.flatMap((part, at): SqlText => {
    before += part
    const hole = holes[at]
    return hole ? [words(part), ...sqlOfHole(hole, before, around)] : [words(part)]
  })
}

function sqlOfHole(hole: Value, before: string, around: Around): SqlText {
  const of = atomsOf(hole).map((atom) => sqlOfAtom(atom, before, around))
  return of.length === 1 ? (of[0] ?? []) : [{ kind: 'choice', of }]
}

/** A fragment, a helper, a list of fragments; all else is a value that is sent beside the text. */
function sqlOfAtom(atom: Atom, before: string, around: Around): SqlText {
  const of = kindOfAtom(atom)
  if (of?.is === 'query') {
    around.embed(of.place)
    return of.function === around.function ? of.sql : of.sql.map(withoutPlace)
  }
  if (of?.is === 'helper') return sqlOfHelper(of.args, before, around.naming)
  if (of?.is === 'value') return [parameter()]
  if (atom.kind === 'unknown') return [unknownText(atom.reason)]
  if (atom.kind !== 'array' || !atom.items.some((item) => atomsOf(item).some(isFragment))) return [parameterOf(atom)]
  // Of a list that may hold others nobody knows how many.
  if (!atom.complete) return [unknownText('it is a list that may hold other fragments')]
  return atom.items.flatMap((item) => [words(' '), ...sqlOfHole(item, before, around)])
}

/** What another function has written stands where it is taken in: a place goes with the function around it. */
function withoutPlace(part: SqlPart): SqlPart {
  if (part.kind === 'choice') return { ...part, of: part.of.map((text) => text.map(withoutPlace)) }
  return part.kind === 'words' ? words(part.text) : part
}

function isFragment(atom: Atom): boolean {
  return kindOfAtom(atom)?.is === 'query'
}
