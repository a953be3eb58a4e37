import type { Access } from '../../access.ts'
import { itemsOf, literalsOf, membersOf } from '../../read-value.ts'
import type { Site } from '../../style.ts'
import { atomsOf, unknown, type Value } from '../../value.ts'
import { addUses, type DrizzleRun, openTable, startBuilder } from './builder.ts'
import { readFragments } from './fragments.ts'
import { findLink, type Link } from './relations.ts'
import { callIfFunction, columnOf } from './tables.ts'
import { type BuilderOf, type DatabaseOf, drizzle, type TableOf } from './values.ts'

/** What a relational query is read with. */
interface Reading {
  readonly run: DrizzleRun
  readonly database: DatabaseOf
  readonly site: Site
  readonly touched: Access[]
}

const OPERATORS = drizzle({ is: 'functions', of: 'operators' })

/** `db.query.posts.findMany({ columns, where, orderBy, with })`; gives everything that it touches. */
export function readRelational(
  run: DrizzleRun,
  database: DatabaseOf,
  table: TableOf,
  config: Value | undefined,
  site: Site,
): Access[] {
  const reading: Reading = { run, database, site, touched: [] }
  readTable(reading, table, config)
  return [...new Set(reading.touched)]
}

/** One table of the query: a builder of its own, so that callbacks may name its columns. */
function readTable(reading: Reading, table: TableOf, config: Value | undefined): BuilderOf {
  const { run, database, site, touched } = reading
  const access = openTable(run, database, table, 'select', site)
  if (access !== null) touched.push(access)
  const builder = { ...startBuilder('update', database, null), sources: [{ table, access }] }
  const part = (name: string): Value | undefined => memberOf(config, name)
  readColumns(table, access, part('columns'))
  readWhere(reading, builder, part('where'))
  readOrder(reading, builder, part('orderBy'))
  const extras = part('extras')
  if (extras !== undefined) {
    const values = callIfFunction(extras, [drizzle(table), OPERATORS], site)
    touched.push(...readFragments(run, database, [values], site))
    addUses(builder, 'read', [values])
  }
  const others = part('with')
  for (const [name, value] of others === undefined ? [] : membersOf(others).members) {
    if (!isOff(value)) readRelated(reading, builder, name, value)
  }
  return builder
}

function memberOf(value: Value | undefined, name: string): Value | undefined {
  return value === undefined ? undefined : membersOf(value).members.find(([member]) => member === name)?.[1]
}

function isOff(value: Value): boolean {
  return atomsOf(value).every((atom) => atom.kind === 'literal' && !atom.value)
}

/** `{ id: true }` asks for these, `{ secret: false }` for all others, nothing for all. */
function readColumns(table: TableOf, access: Access | null, columns: Value | undefined): void {
  const named = columns === undefined ? [] : membersOf(columns).members.filter(([, value]) => !isOff(value))
  const none = columns !== undefined && membersOf(columns).members.length === 0
  if (named.length === 0 && !none) access?.unknownColumns()
  for (const [key] of named) access?.read(columnOf(table, key)?.names ?? [])
}

function readRelated(reading: Reading, builder: BuilderOf, name: string, config: Value): void {
  const [own] = builder.sources
  if (own === undefined) return
  const link = findLink(reading.database, own.table, name, reading.site)
  if (link === undefined) {
    const reason = `no relation "${name}" of the table is declared`
    reading.site.open({
      table: unknown(reason),
      operation: 'select',
      key: name,
      transaction: reading.database.transaction,
    })
    return
  }
  own.access?.read(link.own.flatMap(({ names }) => names))
  const related = readTable(reading, link.target, config)
  related.sources[0]?.access?.filtered(link.other.flatMap(({ names }) => names))
  readBetween(reading, link)
}

function readBetween({ run, database, site, touched }: Reading, { between }: Link): void {
  for (const column of between) {
    const access = openTable(run, database, column.table, 'select', site)
    access?.filtered(column.names)
    if (access !== null) touched.push(access)
  }
}

function readWhere(reading: Reading, builder: BuilderOf, where: Value | undefined): void {
  const [own] = builder.sources
  if (where === undefined || own === undefined) return
  const { run, database, site, touched } = reading
  const value = callIfFunction(where, [drizzle(own.table), OPERATORS], site)
  touched.push(...readFragments(run, database, [value], site))
  addUses(builder, 'filtered', [value])
  for (const atom of atomsOf(value)) if (atom.kind === 'object') readConditions(reading, builder, atom)
}

/** Conditions of version 2: `{ state: 'live', OR: [{ … }], author: { name: { like: 'A%' } } }`. */
function readConditions(reading: Reading, builder: BuilderOf, conditions: Value): void {
  const [own] = builder.sources
  if (own === undefined) return
  for (const [name, value] of membersOf(conditions).members) {
    const column = columnOf(own.table, name)
    if (name === 'AND' || name === 'OR' || name === 'NOT') {
      for (const one of itemsOf(value).items) readConditions(reading, builder, one)
    } else if (name === 'RAW') readWhere(reading, builder, value)
    else if (column !== undefined) {
      own.access?.filtered(column.names)
      for (const literal of comparedWith(value)) for (const one of column.names) own.access?.value(one, literal)
    } else readRelatedCondition(reading, builder, name, value)
  }
}

const WITH_VALUES = new Set(['eq', 'ne', 'in', 'notIn', 'OR', 'AND', 'NOT'])

function comparedWith(value: Value): ReturnType<typeof literalsOf> {
  const inner = membersOf(value).members.flatMap(([name, one]) => (WITH_VALUES.has(name) ? itemsOf(one).items : []))
  return [...literalsOf(value), ...inner.flatMap(comparedWith)]
}

function readRelatedCondition(reading: Reading, builder: BuilderOf, name: string, value: Value): void {
  const [own] = builder.sources
  const link = own === undefined ? undefined : findLink(reading.database, own.table, name, reading.site)
  if (own === undefined || link === undefined) return
  const { run, database, site, touched } = reading
  const access = openTable(run, database, link.target, 'select', site)
  if (access !== null) touched.push(access)
  own.access?.filtered(link.own.flatMap(({ names }) => names))
  access?.filtered(link.other.flatMap(({ names }) => names))
  readBetween(reading, link)
  readConditions(reading, { ...builder, sources: [{ table: link.target, access }] }, value)
}

function readOrder({ run, database, site, touched }: Reading, builder: BuilderOf, order: Value | undefined): void {
  const [own] = builder.sources
  if (order === undefined || own === undefined) return
  const value = callIfFunction(order, [drizzle(own.table), OPERATORS], site)
  touched.push(...readFragments(run, database, [value], site))
  addUses(builder, 'ordered', [value])
  for (const [key] of membersOf(value).members) own.access?.ordered(columnOf(own.table, key)?.names ?? [])
}
