import { itemsOf, membersOf, textsOf } from '../../read-value.ts'
import type { Site } from '../../style.ts'
import { atomsOf, object, text, type Value } from '../../value.ts'
import { keyAsName } from './casing.ts'
import { allOf, type BuilderOf, type ColumnOf, type DrizzleOf, drizzle, type TableOf } from './values.ts'

/** `pgTable(name, columns)`, also of a schema and of a creator that changes the name. */
export function defineTable(
  { rename, schema }: { readonly rename: Value | null; readonly schema: Value | null },
  [name, columns]: readonly Value[],
  site: Site,
): Value | undefined {
  if (name === undefined) return undefined
  const full = rename === null ? name : site.call(rename, [name])
  const own =
    columns === undefined ? null : callIfFunction(columns, [drizzle({ is: 'functions', of: 'column types' })], site)
  return drizzle({ is: 'table', id: idOf(site, full), name: full, schema, columns: own, query: null })
}

function idOf(site: Site, name: Value): string {
  const { file, line, column } = site.place
  return `${file}:${line}:${column} ${textsOf(name).texts.join('|')}`
}

/** Runs a function of the project; anything else is what it is. */
export function callIfFunction(value: Value, args: readonly Value[], site: Site): Value {
  return atomsOf(value).some(({ kind }) => kind === 'function') ? site.call(value, args) : value
}

/** `pgView(name)` and `pgView(name, columns)`; what follows says where it comes from. */
export function defineView(schema: Value | null, [name, columns]: readonly Value[], site: Site): Value | undefined {
  if (name === undefined) return undefined
  const table: TableOf = { is: 'table', id: idOf(site, name), name, schema, columns: columns ?? null, query: null }
  return drizzle({ is: 'view definition', table })
}

/** `.as((qb) => qb.select()…)`: the columns of a view are those of its query; nothing runs here. */
export function finishView(table: TableOf, [query]: readonly Value[], site: Site): Value {
  if (query === undefined || table.columns !== null) return drizzle(table)
  const quiet = {
    is: 'database',
    schema: null,
    relations: null,
    casing: undefined,
    transaction: null,
    quiet: true,
  } as const
  const [builder] = allOf(callIfFunction(query, [drizzle(quiet)], site), 'builder')
  return drizzle({ ...table, query: builder ?? null })
}

/** `alias(posts, 'p')`: the same table, whose columns are told apart from those of the first. */
export function aliasTable(table: TableOf, name: Value | undefined): Value {
  const alias = name === undefined ? '' : textsOf(name).texts.join('|')
  return drizzle({ ...table, id: `${table.id} ${alias}` })
}

/** The column of a table under a key; undefined where it has none. */
export function columnOf(table: TableOf, key: string): ColumnOf | undefined {
  if (table.query !== null) return columnOfQuery(table, table.query, key)
  const types = atomsOf(table.columns ?? object({})).flatMap((atom) =>
    atom.kind === 'object' ? allOf(atom.get(key), 'column type') : [],
  )
  if (types.length === 0) return undefined
  const names = types.flatMap(({ name }) => (name === null ? [keyAsName(key)] : textsOf(name).texts))
  return { is: 'column', table, key, names: [...new Set(names)], through: null }
}

/** A column of a view has the name of the column that its query selects. */
function columnOfQuery(table: TableOf, query: BuilderOf, key: string): ColumnOf | undefined {
  const selected =
    query.fields === null
      ? query.sources.flatMap((source) => columnOf(source.table, key) ?? [])
      : membersOf(query.fields).members.flatMap(([name, value]) => (name === key ? allOf(value, 'column') : []))
  const [first] = selected
  if (first !== undefined) return { ...first, table, key }
  const isNamed = query.fields !== null && membersOf(query.fields).members.some(([name]) => name === key)
  return isNamed ? { is: 'column', table, key, names: [keyAsName(key)], through: null } : undefined
}

/** All columns of a table; of a table whose columns aren't known, none. */
function columnsOf(table: TableOf): ColumnOf[] {
  return keysOf(table).flatMap((key) => columnOf(table, key) ?? [])
}

function keysOf({ columns, query }: TableOf): string[] {
  if (query?.fields) return membersOf(query.fields).members.map(([key]) => key)
  if (query) return query.sources.flatMap((source) => keysOf(source.table))
  return columns === null ? [] : membersOf(columns).members.map(([key]) => key)
}

/** `posts.id`, and what else a table has. */
export function tableMember(table: TableOf, name: string): Value | undefined {
  const column = columnOf(table, name)
  if (column !== undefined) return drizzle(column)
  // `posts.$inferSelect` and `posts._` are types and inner things.
  return undefined
}

/** `getTableColumns(posts)`: an object, of which code takes and leaves out members. */
export function columnsObject(table: TableOf): Value {
  return object(Object.fromEntries(columnsOf(table).map((column) => [column.key, drizzle(column)])))
}

/** The name of a column type is its first argument, where that is a text: `text('full_name')`, `text({ enum })`. */
export function columnType([first]: readonly Value[]): DrizzleOf {
  const named = first !== undefined && (textsOf(first).texts.length > 0 || first.kind === 'template')
  return { is: 'column type', name: named ? first : null }
}

/** Columns out of a list, `[posts.id, posts.slug]` or a single one. */
export function columnsIn(value: Value | undefined): ColumnOf[] {
  if (value === undefined) return []
  return itemsOf(value).items.flatMap((item) => allOf(item, 'column'))
}

/** Makes a text of a table's name again, for what asks for it (`getTableName`). */
export function tableName(table: TableOf): Value {
  const [only] = textsOf(table.name).texts
  return only === undefined ? table.name : text(only)
}
