import type { Access } from '../../access.ts'
import { columnTerm, type Output, splitAlias, use } from '../../builders/query.ts'
import { type RowReader, writeColumns, writeRows } from '../../builders/rows.ts'
import { itemsOf, textOf, textsOf } from '../../read-value.ts'
import { words } from '../../sql/sql-text.ts'
import { atomsOf, type Value } from '../../value.ts'
import { JOINS } from './chain.ts'
import type { Statement } from './compile.ts'
import { applyCondition, comparedTerms, joinTerms, orderTerms, sqlTerm } from './conditions.ts'
import { rawSql } from './raw.ts'
import { refTerms, selectedOutputs, valueTerms } from './terms.ts'
import { allOf, type Step } from './values.ts'

const AGGREGATES = /^(count|min|max|sum|avg)(Distinct)?$/
const UNIONS = /^(union|unionAll|intersect|except)$/

/** Of Objection. */
const BY_KEY = /ByIds?$/

function filterByKey({ query, key }: Statement): void {
  use(
    query,
    'filtered',
    key.map((column) => columnTerm(column)),
  )
}

/** Notes what one call says of a statement. */
export function applyStep(statement: Statement, step: Step): void {
  const { query } = statement
  const { method, args } = step
  const [first, second] = args
  if (BY_KEY.test(method)) filterByKey(statement)
  if (applyWrite(statement, step)) return
  if (JOINS.test(method)) joinOn(statement, step)
  else if (AGGREGATES.test(method))
    addOutputs(
      statement,
      args.flatMap((one) => aggregateOutputs(statement, one, method)),
    )
  else if (UNIONS.test(method)) for (const one of args) valueTerms(statement, one)
  else if (applyCondition(statement, step, statement.applyPart)) return
  else
    switch (method) {
      case 'select':
      case 'column':
      case 'columns':
      case 'distinct':
      case 'first':
        addOutputs(
          statement,
          args.flatMap((one) => selectedOutputs(statement, one)),
        )
        return
      case 'findOne':
        use(query, 'filtered', comparedTerms(statement, ...args))
        return
      case 'resultSize':
        addOutputs(statement, [{ name: 'count', terms: [] }])
        return
      case 'pluck':
        addOutputs(statement, selectedOutputs(statement, first))
        return
      case 'distinctOn':
      case 'groupBy':
        for (const one of args) use(query, 'read', refTerms(statement, one))
        return
      case 'orderBy':
        use(query, 'ordered', orderTerms(statement, first))
        return
      case 'orderByRaw':
        use(query, 'ordered', [sqlTerm(rawSql(first, second), step)])
        return
      case 'groupByRaw':
        use(query, 'read', [sqlTerm(rawSql(first, second), step)])
        return
      case 'joinRaw':
        query.joins.push({ text: rawSql(first, second), site: step.site })
        return
      case 'fromRaw':
        query.joins.push({ text: [words(', '), ...rawSql(first, second)], site: step.site })
        return
      case 'using':
        if (step.tables.length === 0) use(query, 'filtered', refTerms(statement, first))
        return
      case 'with':
      case 'withRecursive':
      case 'withMaterialized':
      case 'withNotMaterialized':
        addNamed(statement, step)
        return
      case 'transacting':
        for (const client of allOf(first, 'client'))
          for (const { access } of query.sources)
            if (client.transaction !== null) access?.transaction(client.transaction)
    }
}

function addOutputs(statement: Statement, outputs: readonly Output[]): void {
  statement.query.outputs.push(...outputs)
  for (const { terms } of outputs) use(statement.query, 'read', terms)
}

/** `count('id as n')`, `max({ most: 'amount' })`, `countDistinct('a', 'b')`; `count('*')` reads no column. */
function aggregateOutputs(statement: Statement, value: Value, method: string): Output[] {
  return atomsOf(value).flatMap((atom): Output[] => {
    if (atom.kind !== 'text') {
      return selectedOutputs(statement, atom).map((one) => ({
        name: one.name ?? method,
        terms: one.terms.filter((term) => term.is !== 'star'),
      }))
    }
    const { name, alias } = splitAlias(atom.text)
    return [{ name: alias ?? method, terms: name === '*' ? [] : [columnTerm(name)] }]
  })
}

/** `join(table, 'a.id', '=', 'b.a_id')`, `join(table, function () { this.on(…) })`, `join(table, { 'a.id': 'b.a_id' })`. */
function joinOn(statement: Statement, { args }: Step): void {
  const on = args.slice(1)
  for (const builder of on.flatMap((one) => allOf(one, 'builder')))
    if (builder.head.is === 'part') statement.applyPart(on[0] as Value)
  use(statement.query, 'filtered', joinTerms(statement, on))
}

/** `with('name', query)`, `with('name', ['a', 'b'], query)`, `with('name', raw(…))`. */
function addNamed(statement: Statement, step: Step): void {
  const [first, second, third] = step.args
  const name = textOf(first)
  const [columns, body] =
    third === undefined ? [[], second] : [itemsOf(second).items.flatMap((one) => textsOf(one).texts), third]
  const [builder] = allOf(body, 'builder')
  const named = { query: null as Statement['query'] | null, columns }
  if (name !== null) statement.query.named.set(name, named)
  const [inner] = builder ? statement.nest(builder) : []
  if (inner) {
    inner.beside = true
    named.query = inner
  }
  for (const raw of allOf(body, 'raw'))
    use(statement.query, 'read', [{ is: 'sql', text: [words('('), ...raw.text, words(')')], site: raw.site }])
}

/** What is written; false where the call says nothing of it. */
function applyWrite(statement: Statement, { method, args }: Step): boolean {
  const { query, target } = statement
  const [first, second] = args
  if (target === null) return false
  const reader: RowReader = { query, target, terms: (value) => valueTerms(statement, value) }
  switch (method) {
    case 'insert':
    case 'upsert':
    case 'insertAndFetch':
    case 'insertGraph':
    case 'insertGraphAndFetch':
    case 'upsertGraph':
    case 'upsertGraphAndFetch':
      writeQueriesOrRows(reader, first)
      giveBack(statement, second)
      return true
    case 'batchInsert':
    case 'patch':
      writeRows(reader, first)
      return true
    case 'patchAndFetch':
    case 'updateAndFetch':
    case 'patchAndFetchById':
    case 'updateAndFetchById':
      writeRows(reader, method.endsWith('ById') ? second : first)
      target.returning()
      target.unknownColumns()
      return true
    case 'update':
      if (first?.kind === 'text' && second) {
        writeColumns(reader, [first.text], second)
        giveBack(statement, args[2])
      } else {
        writeRows(reader, first)
        giveBack(statement, second)
      }
      return true
    case 'increment':
    case 'decrement': {
      const columns = first?.kind === 'object' ? [...first.names()] : textsOf(first).texts
      target.written(columns)
      use(
        query,
        'read',
        columns.map((column) => columnTerm(column)),
      )
      return true
    }
    case 'del':
    case 'delete':
      giveBack(statement, first)
      return true
    case 'returning':
      giveBack(statement, first)
      return true
    case 'onConflict':
      noteConflict(
        target,
        itemsOf(first).items.flatMap((one) => textsOf(one).texts),
      )
      return true
    case 'merge':
      for (const atom of first ? atomsOf(first) : [])
        if (atom.kind === 'array' || atom.kind === 'text')
          target.written(itemsOf(atom).items.flatMap((one) => textsOf(one).texts))
        else writeRows(reader, atom)
      return true
    default:
      return false
  }
}

function noteConflict(target: Access, columns: readonly string[]): void {
  if (columns.length > 0) target.conflict(columns)
}

function writeQueriesOrRows(reader: RowReader, value: Value | undefined): void {
  if (allOf(value, 'builder').length > 0 || allOf(value, 'raw').length > 0) {
    reader.terms(value as Value)
    reader.target.unknownColumns()
  } else writeRows(reader, value)
}

function giveBack(statement: Statement, value: Value | undefined): void {
  if (value === undefined) return
  statement.target?.returning()
  addOutputs(statement, selectedOutputs(statement, value))
}
