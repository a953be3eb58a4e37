import { itemsOf, membersOf, textOf } from '../../read-value.ts'
import { listText, nameText, parameter, type SqlText, unknownText, words } from '../../sql/sql-text.ts'
import { type Atom, atomsOf, type Value } from '../../value.ts'
import { parameterOf } from '../sql/text-of-value.ts'
import type { Naming } from './kinds.ts'

const KEYWORDS = 'values|in|insert|update|set|select|as|returning|where|from|join|by|into|on|and|or'
const KEYWORD = new RegExp(`(?:^|[\\s(])(${KEYWORDS})(?=$|[\\s(])`, 'gi')

/**
 * `sql(first, ...rest)`: rows of an insert, columns that are set, a list of values, or names. Which of them it is
 * postgres.js tells by the last keyword in front of the hole.
 */
export function sqlOfHelper([first, ...rest]: readonly Value[], before: string, naming: Naming): SqlText {
  if (first === undefined) return [unknownText('sql() is called with nothing')]
  const word = [...before.matchAll(KEYWORD)].at(-1)?.[1]?.toLowerCase() ?? ''
  const hasRows = rest.length > 0 || atomsOf(first).some((atom) => atom.kind === 'object' || isListOfRows(atom))
  if (word === 'values') return rowsOf(first)
  if (word === 'in') return [words('('), parameterOf(first), words(')')]
  if (word === 'update' || word === 'set') return hasRows ? assigned(first, rest, naming) : namesOf(first, naming)
  if (word === 'insert' || word === 'into')
    return hasRows || isUnknown(first, before) ? inserted(first, rest, naming) : namesOf(first, naming)
  return hasRows ? listText(columnsOf(first, rest, naming)) : namesOf(first, naming)
}

function isListOfRows(atom: Atom): boolean {
  return atom.kind === 'array' && atom.items.some((item) => atomsOf(item).some((one) => one.kind === 'object'))
}

/** `insert into users ${sql(rows)}`: behind the name of a table stand rows, whatever they are. */
function isUnknown(value: Value, before: string): boolean {
  return atomsOf(value).every((atom) => atom.kind !== 'text') && /into\s+\S+\s+$/i.test(before)
}

function inserted(rows: Value, columns: readonly Value[], naming: Naming): SqlText {
  const names = columnsOf(rows, columns, naming)
  return [words('('), ...listText(names), words(') values ('), ...listText(valuesOf(rows, columns)), words(')')]
}

function assigned(row: Value, columns: readonly Value[], naming: Naming): SqlText {
  const values = valuesOf(row, columns)
  return listText(
    columnsOf(row, columns, naming).map((name, at) => [...name, words(' = '), ...(values[at] ?? [parameter()])]),
  )
}

function columnsOf(rows: Value, columns: readonly Value[], naming: Naming): SqlText[] {
  const { names, complete } = namedColumns(rows, columns)
  const all = names.map((name): SqlText => [nameText(columnName(name, naming))])
  return complete ? all : [...all, [{ kind: 'unknown', reason: 'an object names the columns', name: true }]]
}

function valuesOf(rows: Value, columns: readonly Value[]): SqlText[] {
  const { names, complete } = namedColumns(rows, columns)
  const members = itemsOf(rows).items.flatMap((item) => membersOf(item).members)
  const values = names.map((name): SqlText => {
    const of = members.filter(([member]) => member === name).map(([, value]) => parameterOf(value))
    return [parameter(of.flatMap(({ literals }) => literals))]
  })
  return complete ? values : [...values, [parameter()]]
}

/** The columns that are named behind the rows, else those that the rows have. */
function namedColumns(rows: Value, columns: readonly Value[]): { names: string[]; complete: boolean } {
  if (columns.length > 0) {
    const given = columns.map((column) => itemsOf(column))
    const names = given.flatMap((one) => one.items.map(textOf))
    const complete = !names.includes(null) && given.every((one) => one.complete)
    return { names: names.flatMap((name) => name ?? []), complete }
  }
  const { items, complete } = itemsOf(rows)
  const members = items.map(membersOf)
  return {
    names: [...new Set(members.flatMap((one) => one.members.map(([name]) => name)))],
    complete: complete && members.length > 0 && members.every((one) => one.complete),
  }
}

/** `values ${sql([[1, 'a'], [2, 'b']])}`: as many values as the first row has. */
function rowsOf(rows: Value): SqlText {
  const [first] = itemsOf(rows).items
  const values = first?.kind === 'array' ? first.items.map((item): SqlText => [parameterOf(item)]) : [[parameter()]]
  return [words('('), ...listText(values), words(')')]
}

/** A name, with a dot between schema and table, or a list of names. */
function namesOf(value: Value, naming: Naming): SqlText {
  const { items, complete } = itemsOf(value)
  const names = items.map((item): SqlText => {
    const of = atomsOf(item).map((atom) => nameOf(atom, value.kind === 'array' ? naming : 'same'))
    return of.length === 1 ? (of[0] ?? []) : [{ kind: 'choice', of }]
  })
  return complete ? listText(names) : [unknownText('it is a list that may hold other names')]
}

function nameOf(atom: Atom, naming: Naming): SqlText {
  if (atom.kind !== 'text')
    return [{ kind: 'unknown', reason: atom.kind === 'unknown' ? atom.reason : 'it is not a string', name: true }]
  const path = atom.text.split('.').map((part) => nameText(columnName(part, naming), atom.via))
  return path.flatMap((part, at) => (at === 0 ? [part] : [words('.'), part]))
}

/** As `postgres.fromCamel` and its kin change the names of members; one name by itself is taken as it is. */
function columnName(name: string, naming: Naming): string {
  const snake = (text: string) => text.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  if (naming === 'camel') return snake(name)
  if (naming === 'pascal') return snake(name.charAt(0).toLowerCase() + name.slice(1))
  return naming === 'kebab' ? name.replaceAll('-', '_') : name
}
