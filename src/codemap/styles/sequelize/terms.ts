import type { Access } from '../../access.ts'
import { rawText } from '../../builders/raw-text.ts'
import { itemsOf, literalsOf, membersOf, textOf } from '../../read-value.ts'
import { parseStatements } from '../../sql/parse-statements.ts'
import { nameText, type SqlText, words } from '../../sql/sql-text.ts'
import type { Role } from '../../sql/touch.ts'
import { atomsOf, text, type Value } from '../../value.ts'
import type { Facts } from './facts.ts'
import { includedAt, type Query } from './query.ts'
import { allOf, sequelize, type TermOf } from './values.ts'

const NOTHING: TermOf = { is: 'term', columns: [], literals: [], values: [] }

/** `fn(name, …)`, `col(name)`, `literal(sql)`, `cast(term, type)`, `where(term, …)`, `json(path)`. */
export function makeTerm(name: string, args: readonly Value[]): Value | undefined {
  const [first, second] = args
  switch (name) {
    case 'col':
      return term({ columns: textsOf(first) })
    case 'json':
      return term({ columns: textsOf(first).map((path) => path.split('.')[0] ?? path) })
    case 'literal':
      return term({ literals: first ? [rawText(first)] : [] })
    case 'fn':
      return combined(args.slice(1))
    case 'cast':
      return combined(args.slice(0, 1))
    case 'where':
      return combined([first, ...(second ? [second] : []), ...args.slice(2)].filter((one) => one !== undefined))
    default:
      return undefined
  }
}

function term(of: Partial<TermOf>): Value {
  return sequelize({ ...NOTHING, ...of })
}

/** Texts among the arguments are values. */
function combined(args: readonly Value[]): Value {
  const terms = args.flatMap((arg) => allOf(arg, 'term'))
  return term({
    columns: terms.flatMap(({ columns }) => columns),
    literals: terms.flatMap(({ literals }) => literals),
  })
}

function textsOf(value: Value | undefined): string[] {
  return itemsOf(value).items.flatMap((item) => {
    const one = textOf(item)
    return one === null ? [] : [one]
  })
}

/** Notes what terms within a value name. True where there were any. */
export function noteTerms(query: Query, access: Access, facts: Facts, role: Role, value: Value | undefined): boolean {
  const terms = allOf(value, 'term')
  for (const { columns, literals } of terms) {
    for (const column of columns) noteColumn(query, access, facts, role, column)
    for (const sql of literals) noteLiteral(query, access, role, sql)
  }
  return terms.length > 0
}

/** `title`, `posts.title`, `$posts.comments.title$`, `meta.key` of a JSON column. */
export function noteColumn(query: Query, access: Access, facts: Facts, role: Role, name: string): Access | null {
  const path = name.replace(/^\$(.*)\$$/, '$1').split('.')
  const [first = ''] = path
  if (query.aliases.has(name) && role !== 'read') return null
  if (first === '*' || path.at(-1) === '*') return null
  if (path.length > 1) {
    const included = includedAt(query, path.slice(0, -1).join('.'))
    if (included) {
      access = included.access
      facts = included.facts
    } else if (first === facts.name || name.startsWith('$')) path.splice(0, path.length - 1)
  }
  const attribute = includedAt(query, path.slice(0, -1).join('.')) ? path.at(-1) : path[0]
  const column = facts.column((attribute ?? first).split('::')[0] ?? first)
  access[role]([column])
  return access
}

/** SQL in a query: columns without a table are the main table's, tables that only it names are opened. */
function noteLiteral(query: Query, access: Access, role: Role, sql: SqlText): void {
  const { accesses } = parseStatements([words('select '), ...sql, words(' from '), nameText(MARK)])
  for (const one of accesses) {
    if (one.table === MARK) {
      const { read, filtered, ordered, known } = one.columns
      access[role](read.filter((column) => !query.aliases.has(column)))
      access.filtered(filtered)
      access.ordered(ordered)
      if (!known && role === 'read') access.unknownColumns()
      continue
    }
    const { schema, table, operation } = one
    const key = `sql ${table}`
    const opened = query.site.open({ table: text(table), schema, operation, key, transaction: query.transaction })
    opened.read(one.columns.read)
    opened.filtered(one.columns.filtered)
    opened.ordered(one.columns.ordered)
    if (!one.columns.known) opened.unknownColumns()
    for (const [column, literals] of Object.entries(one.values))
      for (const literal of literals) opened.value(column, literal)
  }
}

const MARK = 'the main table'

/** Notes what a condition filters by: `{ state: 'open', [Op.or]: […], '$author.name$': … }`. */
export function filterBy(query: Query, access: Access, facts: Facts, value: Value | undefined): void {
  if (value === undefined) return
  for (const atom of atomsOf(value)) {
    if (noteTerms(query, access, facts, 'filtered', atom)) continue
    if (atom.kind === 'array') for (const item of atom.items) filterBy(query, access, facts, item)
    else if (atom.kind === 'object') filterByObject(query, access, facts, atom)
    else if (atom.kind !== 'literal' && atom.kind !== 'text') access.unknownColumns()
  }
}

function filterByObject(query: Query, access: Access, facts: Facts, value: Value): void {
  const { members, complete } = membersOf(value)
  for (const [name, member] of members) {
    if (isOperator(name)) filterBy(query, access, facts, member)
    else {
      const filtered = noteColumn(query, access, facts, 'filtered', name)
      noteTerms(query, access, facts, 'filtered', member)
      const column = lastColumn(query, facts, name)
      for (const literal of comparedLiterals(member)) filtered?.value(column, literal)
      for (const [inner, one] of membersOf(member).members)
        if (isOperator(inner)) noteTerms(query, access, facts, 'filtered', one)
    }
  }
  if (!complete) access.unknownColumns()
}

function lastColumn(query: Query, facts: Facts, name: string): string {
  const path = name.replace(/^\$(.*)\$$/, '$1').split('.')
  const included = includedAt(query, path.slice(0, -1).join('.'))
  return included ? included.facts.column(path.at(-1) ?? '') : facts.column((path[0] ?? '').split('::')[0] ?? '')
}

/** Computed names of `Op` are texts that no attribute has. */
export const OPERATOR = 'operator '

function isOperator(name: string): boolean {
  return name.startsWith(OPERATOR) || /^\$(and|or|not)$/.test(name)
}

const EQUALITY = new Set(['eq', 'ne', 'in', 'notIn', 'is', 'not', 'isNot'])

function comparedLiterals(value: Value) {
  return atomsOf(value).flatMap((atom) => {
    if (atom.kind !== 'object') return literalsOf(atom)
    return membersOf(atom).members.flatMap(([name, member]) =>
      EQUALITY.has(name.slice(OPERATOR.length)) ? literalsOf(member) : [],
    )
  })
}
