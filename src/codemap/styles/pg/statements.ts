import { itemsOf, membersOf, textOf } from '../../read-value.ts'
import { nameText, type SqlText, unknownText, words } from '../../sql/sql-text.ts'
import type { Site, Template } from '../../style.ts'
import { type Atom, atomsOf, type LibraryValue, unknown, type Value } from '../../value.ts'
import { parameterOf, sqlOfTemplate, sqlOfValue } from '../sql/text-of-value.ts'
import { kindOf, type Pg, statement } from './kinds.ts'

/** The SQL of a template with a tag, or of a value. */
export function templateSql(from: Template | Value): SqlText {
  if (!('parts' in from && 'holes' in from && !('kind' in from))) return textOfValue(from as Value)
  return sqlOfTemplate(from, (value) => sqlOfHole(value))
}

/** The SQL of a value, in which may be parts that these libraries have made (`${format.ident(name)}`). */
export function textOfValue(value: Value): SqlText {
  return sqlOfValue(value, sqlOfStatement)
}

/** In these tags a hole may hold another statement, a raw text or a list of such; all else is a value. */
function sqlOfHole(value: Value): SqlText | undefined {
  const parts = atomsOf(value).map((atom) => sqlOfStatement(atom))
  if (parts.every((part) => part === undefined)) return undefined
  return [{ kind: 'choice', of: parts.map((part, at) => part ?? [parameterOf(atomsOf(value)[at] as Atom)]) }]
}

/** The SQL of a statement that a library has made; undefined for anything else. */
export function sqlOfStatement(atom: Atom): SqlText | undefined {
  if (atom.kind !== 'library' || atom.style !== 'pg') return undefined
  const of = kindOf(atom)
  if (of.is !== 'statement') return undefined
  return [...of.sql, ...of.appended.map(({ sql }) => ({ kind: 'choice', of: [sql, []] }) as const)]
}

type Statement = Extract<Pg, { is: 'statement' }>

/** `query.append(SQL`…`)` changes the statement, and under an `if` it may or may not. */
export function appendTo({ appended }: Statement, receiver: LibraryValue, args: readonly Value[], site: Site): Value {
  const [more = unknown('nothing is handed in')] = args
  const { file, line, column } = site.place
  const place = `${file}:${line}:${column}`
  const sql = atomsOf(more).flatMap((atom) => textOfValue(atom))
  if (!appended.some((one) => one.place === place)) appended.push({ place, sql })
  return receiver
}

/** pg-format: `%I` is a name, `%L` a value, `%s` text as it is. */
export function formatted([template, ...args]: readonly Value[]): Value {
  const text = textOf(template)
  if (text === null) return statement([unknownText('the text of format() is not known')])
  const [first] = args
  const given = args.length === 1 && first?.kind === 'array' && first.complete ? first.items : args
  let next = 0
  return statement(
    text.split(/(%(?:\d+\$)?[sIL%])/).flatMap((part, at): SqlText => {
      if (at % 2 === 0) return [words(part)]
      if (part === '%%') return [words('%')]
      const position = /^%(\d+)\$/.exec(part)?.[1]
      if (position !== undefined) next = Number(position) - 1
      const arg = given[next++] ?? unknown('nothing is handed in')
      if (part.endsWith('L')) return [parameterOf(arg)]
      return part.endsWith('I') ? nameOf(arg) : textOfValue(arg)
    }),
  )
}

/** A value as a quoted name, or as a list of such. */
export function nameOf(value: Value): SqlText {
  const { items, complete } = itemsOf(value)
  if (!complete || items.length === 0) return [{ kind: 'unknown', reason: 'the name comes from elsewhere', name: true }]
  const names = items.map((item): SqlText => {
    const of = atomsOf(item).map((atom): SqlText => {
      if (atom.kind === 'text') return [nameText(atom.text, atom.via)]
      return [{ kind: 'unknown', reason: atom.kind === 'unknown' ? atom.reason : 'it is not a string', name: true }]
    })
    return of.length === 1 ? (of[0] ?? []) : [{ kind: 'choice', of }]
  })
  return names.flatMap((name, at) => (at === 0 ? name : [words(', '), ...name]))
}

/** Columns that an object names, as they stand in an insert; with a hole where it may have others. */
export function columnsOf(value: Value): { names: string[]; complete: boolean } {
  const { items, complete } = itemsOf(value)
  const members = items.map((item) => membersOf(item))
  return {
    names: [...new Set(members.flatMap((one) => one.members.map(([name]) => name)))],
    complete: complete && members.every((one) => one.complete) && members.length > 0,
  }
}
