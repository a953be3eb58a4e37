import { makeQuery } from '../../builders/query.ts'
import { type RowReader, writeRows } from '../../builders/rows.ts'
import type { Operation } from '../../interaction.ts'
import { literalsOf, membersOf, memberValue, textOf, textsOf } from '../../read-value.ts'
import type { Site } from '../../style.ts'
import { atomsOf, type Value } from '../../value.ts'
import { runSql } from './client.ts'
import { textsIn } from './models.ts'
import { allOf } from './values.ts'

const DDL: Readonly<Record<string, number>> = {
  createTable: 1,
  dropTable: 1,
  renameTable: 2,
  addColumn: 1,
  removeColumn: 1,
  changeColumn: 1,
  renameColumn: 1,
  addIndex: 1,
  removeIndex: 1,
  addConstraint: 1,
  removeConstraint: 1,
  createView: 1,
  dropView: 1,
}

const WRITES: Readonly<Record<string, Operation>> = {
  bulkInsert: 'insert',
  bulkUpdate: 'update',
  bulkDelete: 'delete',
  upsert: 'upsert',
}

/** `queryInterface` of migrations and seeders: names are those of the database. */
export function callQueryInterface(method: string, args: readonly Value[], site: Site): void {
  const [first, second, third] = args
  const tables = DDL[method]
  if (tables !== undefined) {
    for (const table of args.slice(0, tables)) changeTable(method, table, second, third, site)
    return
  }
  const operation = WRITES[method]
  if (operation && first) write(operation, method, args, site)
  if ((method === 'select' || method === 'rawSelect') && first) {
    const named = method === 'select' ? second : first
    const options = method === 'select' ? third : second
    const access = named && openNamed(named, 'select', options, site)
    access?.filtered(membersOf(memberValue(options, 'where')).members.map(([name]) => name))
    access?.unknownColumns()
  }
  if (method === 'query' && first) runSql(first, second, site)
}

/** `'posts'`, `{ tableName: 'posts', schema: 'blog' }` */
function openNamed(value: Value, operation: Operation, options: Value | undefined, site: Site) {
  const named = memberValue(value, 'tableName')
  const schema = memberValue(value, 'schema') ?? memberValue(options, 'schema') ?? null
  const [transaction] = allOf(memberValue(options, 'transaction'), 'transaction')
  const table = named ?? value
  const key = textOf(table) ?? ''
  return site.open({ table, schema, operation, key, transaction: transaction?.place ?? null })
}

function changeTable(
  method: string,
  table: Value,
  second: Value | undefined,
  third: Value | undefined,
  site: Site,
): void {
  const access = openNamed(table, 'ddl', method === 'createTable' ? third : undefined, site)
  if (method === 'createTable')
    for (const [name, column] of membersOf(second).members)
      access.written([textOf(memberValue(column, 'field')) ?? name])
  else if (/Column$/.test(method)) access.written(textsOf(second).texts)
  if (method === 'renameColumn') access.written(textsOf(third).texts)
}

function write(operation: Operation, method: string, args: readonly Value[], site: Site): void {
  const [table, second, third, fourth] = args
  if (!table) return
  const options = method === 'bulkUpdate' || method === 'upsert' ? fourth : third
  const access = openNamed(table, operation, options, site)
  const reader: RowReader = { query: makeQuery(null), target: access, terms: () => [] }
  if (method !== 'bulkDelete') writeRows(reader, second)
  if (method === 'upsert') writeRows(reader, third)
  const where = method === 'bulkDelete' ? second : method === 'bulkUpdate' ? third : undefined
  for (const [name, value] of membersOf(where).members) {
    access.filtered([name])
    for (const literal of literalsOf(value)) access.value(name, literal)
  }
  if (where && atomsOf(where).some(({ kind }) => kind === 'unknown')) access.unknownColumns()
  const keys = textsIn(memberValue(options, 'upsertKeys'))
  if (keys.length > 0) access.conflict(keys)
}
