import { itemsOf, literalsOf, textsOf } from '../../read-value.ts'
import { nameText, parameter, type SqlPart, type SqlText, unknownText, words } from '../../sql/sql-text.ts'
import type { Template } from '../../style.ts'
import { atomsOf, type Value } from '../../value.ts'
import { sqlOfValue } from '../sql/text-of-value.ts'
import { usesOf } from './terms.ts'
import { type ColumnOf, type DrizzleOf, drizzle, drizzleOf, type SqlOf, type TableOf, type Use } from './values.ts'

/** sql`… ${posts.id} …`: the text with tables and columns by their names, and what it names. */
export function sqlOf({ parts, holes }: Template): SqlOf {
  const text = parts.flatMap((part, at): SqlPart[] => {
    const hole = holes[at]
    return hole === undefined ? [words(part)] : [words(part), ...textOf(hole)]
  })
  return { is: 'sql', text, uses: holes.flatMap(usesIn), tables: holes.flatMap(tablesIn) }
}

/** What stands in the text for a value: a name for a table or a column, `$n` for a value, the text of another template. */
function textOf(value: Value): SqlText {
  const choices = atomsOf(value).map((atom): SqlText => {
    const of = drizzleOf(atom)
    if (of !== undefined) return textOfDrizzle(of)
    if (atom.kind === 'unknown') return [unknownText(atom.reason)]
    return [parameter(literalsOf(atom))]
  })
  const [only] = choices
  return choices.length === 1 && only !== undefined ? only : [{ kind: 'choice', of: choices }]
}

function textOfDrizzle(of: DrizzleOf): SqlText {
  switch (of.is) {
    case 'table':
      return tableText(of)
    case 'column':
      return [...columnText(of)]
    case 'sql':
      return of.text
    case 'term':
    case 'builder':
    case 'subquery':
      // What they touch is told by themselves.
      return [words('null')]
    default:
      return [unknownText('it is made by Drizzle')]
  }
}

function tableText({ name, schema }: TableOf): SqlText {
  const [only] = textsOf(name).texts
  if (only === undefined) return [unknownText('the name of the table is not known', name)]
  const [within] = schema === null ? [] : textsOf(schema).texts
  return within === undefined ? [nameText(only)] : [nameText(within), words('.'), nameText(only)]
}

function columnText({ table, names, key }: ColumnOf): SqlText {
  const [only] = textsOf(table.name).texts
  const [column] = names
  if (only === undefined) return [nameText(column ?? key)]
  return [nameText(only), words('.'), nameText(column ?? key)]
}

/** Tables in a template stand for their rows only where the text isn't one that selects from them. */
function usesIn(value: Value): Use[] {
  return atomsOf(value).flatMap((atom) => (drizzleOf(atom)?.is === 'table' ? [] : usesOf(atom)))
}

function tablesIn(value: Value): TableOf[] {
  return atomsOf(value).flatMap((atom) => {
    const of = drizzleOf(atom)
    if (of?.is === 'table') return [of]
    if (of?.is === 'sql') return [...of.tables]
    return atom.kind === 'array' ? itemsOf(atom).items.flatMap(tablesIn) : []
  })
}

/** `sql.raw(text)`, `sql.join(list, separator)`, `sql.identifier(name)` and their like. */
export function callSql(method: string, args: readonly Value[]): Value | undefined {
  const [first, second] = args
  switch (method) {
    case 'raw':
      return first === undefined ? undefined : drizzle({ is: 'sql', text: sqlOfValue(first), uses: [], tables: [] })
    case 'identifier': {
      const [name] = first === undefined ? [] : textsOf(first).texts
      const text = name === undefined ? [unknownText('it is a name that is not known')] : [nameText(name)]
      return drizzle({ is: 'sql', text, uses: [], tables: [] })
    }
    case 'join': {
      const items = first === undefined ? [] : itemsOf(first).items
      const between = second === undefined ? [] : textOf(second)
      const text = items.flatMap((item, at) => (at === 0 ? textOf(item) : [...between, ...textOf(item)]))
      return drizzle({ is: 'sql', text, uses: items.flatMap(usesIn), tables: items.flatMap(tablesIn) })
    }
    case 'empty':
      return drizzle({ is: 'sql', text: [], uses: [], tables: [] })
    case 'placeholder':
    case 'param':
      return drizzle({
        is: 'sql',
        text: [parameter(first === undefined ? [] : literalsOf(first))],
        uses: [],
        tables: [],
      })
    default:
      return undefined
  }
}
