import type { Access } from '../../access.ts'
import type { Operation } from '../../interaction.ts'
import { itemsOf, memberValue, textOf } from '../../read-value.ts'
import { atomsOf, type Value } from '../../value.ts'
import { rowMembers } from '../row-members.ts'
import type { Facts } from './facts.ts'
import { textsIn } from './models.ts'
import type { PendingCall } from './pending.ts'
import { openModel, type Query, transactionIn } from './query.ts'
import type { Finder } from './relations.ts'
import { applyScopes } from './scopes.ts'
import { isOn, readOptions, selectAttributes } from './selection.ts'
import { filterBy, noteColumn, noteTerms } from './terms.ts'

/** Tells what a call of a model does: `Post.findAll(…)`, `Post.update(…)`. */
export function tellModel(finder: Finder, facts: Facts, call: PendingCall): void {
  const { method, args } = call
  const [first, second, third] = args
  switch (method) {
    case 'findAll':
    case 'findOne':
    case 'findAndCountAll':
    case 'findOrBuild':
    case 'findAllWithCount':
      select(finder, facts, call, first)
      return
    case 'findByPk':
    case 'findById':
      select(finder, facts, call, second)?.access.filtered([facts.column(facts.key)])
      return
    case 'count': {
      const query = select(finder, facts, call, first, false)
      const column = textOf(memberValue(first, 'col'))
      if (query && column !== null) noteColumn(query, query.access, facts, 'read', column)
      return
    }
    case 'max':
    case 'min':
    case 'sum':
    case 'aggregate': {
      const query = select(finder, facts, call, method === 'aggregate' ? third : second, false)
      if (query) noteEach(query, first, 'read')
      return
    }
    case 'findOrCreate':
    case 'findCreateFind':
      findOrCreate(finder, facts, call, first)
      return
    case 'create':
      insert(finder, facts, call, first, second)
      return
    case 'bulkCreate':
      bulkCreate(finder, facts, call, first, second)
      return
    case 'upsert':
      upsert(finder, facts, call, first, second)
      return
    case 'update': {
      const query = change(finder, facts, call, 'update', second)
      if (query) writeRow(query, first)
      return
    }
    case 'destroy':
    case 'truncate':
      destroy(finder, facts, call, first)
      return
    case 'restore': {
      const query = change(finder, facts, call, 'update', first)
      query?.access.written([facts.deletedAt].flatMap((one) => (one === null ? [] : [facts.column(one)])))
      return
    }
    case 'increment':
    case 'decrement': {
      const query = change(finder, facts, call, 'update', second)
      if (query) countUp(query, first)
      return
    }
    case 'sync':
      startQuery(finder, facts, call, 'ddl', first)?.access.written([...facts.columns.values()])
      return
    case 'drop':
      startQuery(finder, facts, call, 'ddl', first)
  }
}

/** Methods of a model that reach the database. */
export const MODEL_METHODS = new Set(
  `findAll findOne findAndCountAll findOrBuild findByPk findById count max min sum aggregate findOrCreate findCreateFind
   create bulkCreate upsert update destroy truncate restore increment decrement sync drop`.split(/\s+/),
)

function startQuery(
  finder: Finder,
  facts: Facts,
  call: PendingCall,
  operation: Operation,
  options: Value | undefined,
): Query | null {
  const transaction = transactionIn(options, (value) => memberValue(value, 'transaction'))
  const access = openModel(facts, operation, call.site, transaction, '')
  return access && { finder, site: call.site, facts, access, transaction, included: [], aliases: new Set() }
}

function select(
  finder: Finder,
  facts: Facts,
  call: PendingCall,
  options: Value | undefined,
  hasAttributes = true,
): Query | null {
  const query = startQuery(finder, facts, call, 'select', options)
  if (!query) return null
  query.counts = !hasAttributes
  const scoped = applyScopes(query, call.scopes)
  readOptions(query, options, false)
  if (hasAttributes) selectAttributes(query, query.access, facts, memberValue(options, 'attributes') ?? scoped)
  return query
}

/** An update or a delete: of a model with scopes they limit it, too. */
function change(
  finder: Finder,
  facts: Facts,
  call: PendingCall,
  operation: Operation,
  options: Value | undefined,
): Query | null {
  const query = startQuery(finder, facts, call, operation, options)
  if (!query) return null
  applyScopes(query, call.scopes)
  filterBy(query, query.access, facts, memberValue(options, 'where'))
  if (options && atomsOf(options).some(({ kind }) => kind === 'unknown')) query.access.unknownColumns()
  giveBack(query, memberValue(options, 'returning'))
  if (call.method !== 'destroy' && operation === 'update' && facts.updatedAt !== null && !isOn(options, 'silent'))
    query.access.written([facts.column(facts.updatedAt)])
  return query
}

/** `returning: true`, `returning: ['id']` */
function giveBack(query: Query, value: Value | undefined): void {
  if (!value || atomsOf(value).every((atom) => atom.kind === 'literal' && !atom.value)) return
  query.access.returning()
  selectAttributes(query, query.access, query.facts, value.kind === 'array' ? value : undefined)
}

/** What `create` and its like write: values, and the times that Sequelize adds. */
function insert(
  finder: Finder,
  facts: Facts,
  call: PendingCall,
  values: Value | undefined,
  options: Value | undefined,
): Query | null {
  const query = startQuery(finder, facts, call, 'insert', options)
  if (!query) return null
  writeRow(query, values)
  writeStamps(query)
  query.access.returning()
  query.access.unknownColumns()
  return query
}

function writeStamps({ access, facts }: Query): void {
  for (const stamp of [facts.createdAt, facts.updatedAt]) if (stamp !== null) access.written([facts.column(stamp)])
}

function findOrCreate(finder: Finder, facts: Facts, call: PendingCall, options: Value | undefined): void {
  select(finder, facts, call, options)
  const query = insert(finder, facts, call, memberValue(options, 'where'), options)
  if (query) writeRow(query, memberValue(options, 'defaults'))
}

function bulkCreate(
  finder: Finder,
  facts: Facts,
  call: PendingCall,
  rows: Value | undefined,
  options: Value | undefined,
): void {
  const updates = memberValue(options, 'updateOnDuplicate')
  const isUpsert = updates !== undefined || isOn(options, 'ignoreDuplicates')
  const query = startQuery(finder, facts, call, isUpsert ? 'upsert' : 'insert', options)
  if (!query) return
  writeRow(query, rows)
  writeStamps(query)
  query.access.written(textsIn(updates).map(facts.column))
  noteConflict(query, memberValue(options, 'conflictAttributes') ?? memberValue(options, 'upsertKeys'))
  giveBack(query, memberValue(options, 'returning'))
}

function upsert(
  finder: Finder,
  facts: Facts,
  call: PendingCall,
  values: Value | undefined,
  options: Value | undefined,
): void {
  const query = startQuery(finder, facts, call, 'upsert', options)
  if (!query) return
  writeRow(query, values)
  writeStamps(query)
  noteConflict(query, memberValue(options, 'conflictFields') ?? memberValue(options, 'conflictAttributes'))
  query.access.returning()
  query.access.unknownColumns()
}

function noteConflict({ access, facts }: Query, fields: Value | undefined): void {
  const columns = textsIn(fields).map(facts.column)
  if (columns.length > 0) access.conflict(columns)
}

/** Of a paranoid model rows stay where they are, unless `force` says otherwise. */
function destroy(finder: Finder, facts: Facts, call: PendingCall, options: Value | undefined): void {
  const isSoft = facts.deletedAt !== null && !isOn(options, 'force')
  const truncates = call.method === 'truncate' || isOn(options, 'truncate')
  const query = change(finder, facts, call, isSoft ? 'update' : truncates ? 'truncate' : 'delete', {
    kind: 'union',
    of: options ? atomsOf(options) : [],
  })
  if (query && isSoft && facts.deletedAt !== null) query.access.written([facts.column(facts.deletedAt)])
}

/** `increment('likes')`, `increment(['likes', 'views'])`, `increment({ likes: 2 })` */
export function countUp({ access, facts }: Query, fields: Value | undefined): void {
  const names = fields?.kind === 'object' ? [...fields.names()] : textsIn(fields)
  access.read(names.map(facts.column))
  access.written(names.map(facts.column))
  if (names.length === 0) access.unknownColumns()
}

/** Rows that are inserted, or what is set. */
export function writeRow(query: Query, value: Value | undefined): void {
  const { access, facts } = query
  for (const atom of value ? atomsOf(value) : []) {
    if (atom.kind === 'array') {
      for (const item of atom.items) writeRow(query, item)
      if (atom.items.length === 0 && !atom.complete) access.unknownColumns()
    } else if (atom.kind === 'object' || atom.kind === 'instance') {
      const { members, complete } = rowMembers(atom)
      for (const [name, member] of members) writeMember(query, access, facts, name, member)
      if (!complete) access.unknownColumns()
    } else if (atom.kind !== 'literal') access.unknownColumns()
  }
}

function writeMember(query: Query, access: Access, facts: Facts, name: string, value: Value): void {
  // Rows of an association are written with it: `create({ …, lines: [{ … }] }, { include: … })`.
  const relation = query.finder.relations(facts.model).find(({ alias }) => alias === name)
  if (relation && itemsOf(value).items.some(({ kind }) => kind === 'object')) {
    const inner = openModel(relation.target, 'insert', query.site, query.transaction, `with ${name}`)
    if (inner) writeRow({ ...query, access: inner, facts: relation.target }, value)
    return
  }
  const column = facts.column(name)
  access.written([column])
  noteTerms(query, access, facts, 'read', value)
  for (const atom of atomsOf(value)) {
    if (atom.kind === 'text') access.value(column, atom.text)
    if (atom.kind === 'literal' && atom.value !== undefined) access.value(column, atom.value)
  }
}

function noteEach(query: Query, value: Value | undefined, role: 'read'): void {
  for (const name of textsIn(value)) noteColumn(query, query.access, query.facts, role, name)
}
