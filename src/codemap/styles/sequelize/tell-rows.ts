import type { Operation } from '../../interaction.ts'
import { literalsOf, memberValue, textOf } from '../../read-value.ts'
import type { Value } from '../../value.ts'
import type { Facts } from './facts.ts'
import { textsIn } from './models.ts'
import { capitalName } from './naming.ts'
import type { PendingCall } from './pending.ts'
import { openModel, type Query, transactionIn } from './query.ts'
import type { Finder, Relation, Through } from './relations.ts'
import { isOn, readOptions } from './selection.ts'
import { countUp, writeRow } from './tell-models.ts'

/** Methods of a row that reach the database, besides those that associations give it. */
export const ROW_METHODS = new Set(['save', 'update', 'destroy', 'restore', 'reload', 'increment', 'decrement'])

/** Tells what a call of a row does: `post.save()`, `post.getComments()`, `post.$add('tags', tag)`. */
export function tellRow(finder: Finder, facts: Facts, call: PendingCall): void {
  const { method, args } = call
  const [first, second] = args
  switch (method) {
    case 'save':
      save(finder, facts, call, first)
      return
    case 'update': {
      const query = change(finder, facts, call, 'update', second)
      if (query) writeRow(query, first)
      return
    }
    case 'destroy':
    case 'restore':
      destroy(finder, facts, call, first)
      return
    case 'reload': {
      const query = change(finder, facts, call, 'select', first)
      query?.access.unknownColumns()
      if (query) readOptions(query, first, false)
      return
    }
    case 'increment':
    case 'decrement': {
      const query = change(finder, facts, call, 'update', second)
      if (query) countUp(query, first)
      return
    }
    default:
      tellAccessor(finder, facts, call)
  }
}

function start(
  finder: Finder,
  facts: Facts,
  call: PendingCall,
  operation: Operation,
  options: Value | undefined,
  key: string,
): Query | null {
  const transaction = transactionIn(options, (value) => memberValue(value, 'transaction'))
  const access = openModel(facts, operation, call.site, transaction, key)
  return access && { finder, site: call.site, facts, access, transaction, included: [], aliases: new Set() }
}

function change(
  finder: Finder,
  facts: Facts,
  call: PendingCall,
  operation: Operation,
  options: Value | undefined,
): Query | null {
  const query = start(finder, facts, call, operation, options, '')
  if (!query) return null
  query.access.filtered([facts.column(facts.key)])
  if (operation === 'update' && facts.updatedAt !== null && !isOn(options, 'silent'))
    query.access.written([facts.column(facts.updatedAt)])
  return query
}

/** A row that was built is inserted, any other one is updated; which attributes have changed isn't told. */
function save(finder: Finder, facts: Facts, call: PendingCall, options: Value | undefined): void {
  const fresh = call.row?.fresh
  const query = fresh
    ? start(finder, facts, call, 'insert', options, '')
    : change(finder, facts, call, 'update', options)
  if (!query) return
  const fields = memberValue(options, 'fields')
  if (fresh) {
    if (fresh.values) writeRow(query, fresh.values)
    for (const stamp of [facts.createdAt, facts.updatedAt])
      if (stamp !== null) query.access.written([facts.column(stamp)])
    query.access.returning()
  }
  if (fields) query.access.written(textsIn(fields).map(facts.column))
  else query.access.unknownColumns()
}

/** Of a paranoid model the row stays where it is, unless `force` says otherwise. */
function destroy(finder: Finder, facts: Facts, call: PendingCall, options: Value | undefined): void {
  const isSoft = facts.deletedAt !== null && !literalsOf(memberValue(options, 'force')).includes(true)
  const query = change(finder, facts, call, isSoft ? 'update' : 'delete', options)
  if (query && isSoft && facts.deletedAt !== null) query.access.written([facts.column(facts.deletedAt)])
}

const ACCESSOR = /^(\$?)(get|set|add|remove|create|count|has)([A-Z].*)?$/

/** Whether a method may be one that an association gives to its rows. */
export function isAccessor(method: string): boolean {
  return ACCESSOR.test(method) && !BUILT_IN.test(method)
}

const BUILT_IN = /^(get|set)(DataValue|Attributes?|TableName)$|^(add|remove|has)Hooks?$|^(set|add)Attribute/

function tellAccessor(finder: Finder, facts: Facts, call: PendingCall): void {
  const [, dollar, verb = '', name = ''] = ACCESSOR.exec(call.method) ?? []
  const relations = finder.relations(facts.model)
  const given = textOf(call.args[0])
  // `post.$get('tags')` of sequelize-typescript.
  const relation = dollar
    ? relations.find(({ alias }) => alias === given)
    : relations.find((one) => capitalName(one.alias) === name || capitalName(one.singular) === name)
  if (!relation) {
    if (dollar && given !== null) call.site.unresolved(null, `the association "${given}" is not known`)
    return
  }
  const args = dollar ? call.args.slice(1) : call.args
  if (verb === 'get' || verb === 'count' || verb === 'has') read(finder, relation, call, verb, args)
  else if (verb === 'create') create(finder, relation, call, args)
  else link(finder, relation, call, verb, args)
}

function keyOf(facts: Facts): string {
  return facts.column(facts.key)
}

function read(finder: Finder, relation: Relation, call: PendingCall, verb: string, args: readonly Value[]): void {
  const { kind, target, column, through } = relation
  const options = verb === 'has' ? args[1] : args[0]
  const query = start(finder, target, call, 'select', options, '')
  if (!query) return
  query.access.filtered([kind === 'hasMany' || kind === 'hasOne' ? column : keyOf(target)])
  if (through) openThrough(call, through, 'select', [through.columns[0]], [])
  readOptions(query, options, verb === 'get')
}

function create(finder: Finder, relation: Relation, call: PendingCall, args: readonly Value[]): void {
  const { kind, source, target, column, through } = relation
  const query = start(finder, target, call, 'insert', args[1], '')
  if (!query) return
  writeRow(query, args[0])
  for (const stamp of [target.createdAt, target.updatedAt])
    if (stamp !== null) query.access.written([target.column(stamp)])
  query.access.returning()
  query.access.unknownColumns()
  if (kind === 'hasMany' || kind === 'hasOne') query.access.written([column])
  else if (through) openThrough(call, through, 'insert', [], through.columns)
  else change(finder, source, call, 'update', args[1])?.access.written([column])
}

/** `set`, `add` and `remove`: the key is written where it stands. */
function link(finder: Finder, relation: Relation, call: PendingCall, verb: string, args: readonly Value[]): void {
  const { kind, source, target, column, through } = relation
  if (through) {
    if (verb !== 'remove') openThrough(call, through, 'insert', [], through.columns)
    if (verb !== 'add') openThrough(call, through, 'delete', through.columns, [])
    return
  }
  const holder = kind === 'belongsTo' ? source : target
  change(finder, holder, call, 'update', args[1])?.access.written([column])
}

function openThrough(
  call: PendingCall,
  { table, schema }: Through,
  operation: Operation,
  filtered: readonly string[],
  written: readonly string[],
): void {
  const access = call.site.open({ table, schema, operation, key: 'through' })
  access.filtered(filtered)
  access.written(written)
}
