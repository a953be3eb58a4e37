import { literalsOf } from '../read-value.ts'
import { nameText, parameter, type SqlText, unknownText, words } from '../sql/sql-text.ts'
import { atomsOf, type LibraryValue, type Value } from '../value.ts'

/** What something of the library is as text; undefined where it is none. */
export type LibraryText = (value: LibraryValue) => SqlText | undefined

/** Text that is SQL as it stands. The origin of its words is the way by which they were handed in. */
export function rawText(value: Value | undefined, ofLibrary?: LibraryText): SqlText {
  if (value === undefined) return []
  const choices = atomsOf(value).map((atom): SqlText => {
    if (atom.kind === 'text') return [words(atom.text, atom.via)]
    if (atom.kind === 'literal') return [words(String(atom.value))]
    const made = atom.kind === 'library' ? ofLibrary?.(atom) : undefined
    if (made) return made
    if (atom.kind !== 'template') return [unknownText(atom.kind === 'unknown' ? atom.reason : 'it is no text')]
    return atom.parts.flatMap((part, at) => {
      const hole = atom.holes[at]
      return hole === undefined ? [words(part, atom.via)] : [words(part, atom.via), ...rawText(hole, ofLibrary)]
    })
  })
  return oneOf(choices)
}

/** `blog.posts.id` as names in quotes; with `*` as it is. */
export function pathText(value: Value | undefined): SqlText {
  if (value === undefined) return []
  return oneOf(
    atomsOf(value).map((atom): SqlText => {
      if (atom.kind !== 'text')
        return [{ kind: 'unknown', reason: atom.kind === 'unknown' ? atom.reason : 'it is no name', name: true }]
      const path = atom.text.split('.').map((part) => part.replace(/^"(.*)"$/, '$1'))
      return path.flatMap((part, at) => [
        ...(at === 0 ? [] : [words('.')]),
        part === '*' ? words('*') : nameText(part, atom.via),
      ])
    }),
  )
}

/** A value that is sent beside the statement. */
export function valueText(value: Value | undefined): SqlText {
  return [parameter(value ? literalsOf(value) : [])]
}

/** A value that is written into the statement: where only a constant may stand, a `$n` would not do. */
export function literalText(value: Value | undefined): SqlText {
  if (value === undefined) return []
  return oneOf(
    atomsOf(value).map((atom): SqlText => {
      if (atom.kind === 'text') return [words(`'${atom.text.replaceAll("'", "''")}'`)]
      return atom.kind === 'literal' && atom.value !== undefined ? [words(String(atom.value))] : valueText(atom)
    }),
  )
}

export function oneOf(choices: readonly SqlText[]): SqlText {
  const [only] = choices
  return choices.length === 1 && only !== undefined ? only : [{ kind: 'choice', of: choices }]
}
