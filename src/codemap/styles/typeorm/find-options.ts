import { itemsOf, literalsOf, membersOf, memberValue, textsOf } from '../../read-value.ts'
import { atomsOf, type Value } from '../../value.ts'
import type { EntityRelation } from './entity.ts'
import { columnAt, type EntityAccess, foreignKeys, joinRelation, noteLiterals } from './entity-access.ts'
import { linkOf } from './relations.ts'
import { typeormOf } from './values.ts'

const OPTIONS = new Set([
  'select',
  'where',
  'relations',
  'order',
  'skip',
  'take',
  'cache',
  'join',
  'lock',
  'withDeleted',
  'loadRelationIds',
  'loadEagerRelations',
  'relationLoadStrategy',
  'comment',
  'transaction',
])

/** Reads `find({ select, where, relations, order })`; conditions without options around them are taken as such. */
export function readFind(on: EntityAccess, options: Value | undefined): void {
  const { members, complete } = membersOf(options)
  if (options !== undefined && members.length > 0 && complete && !members.some(([name]) => OPTIONS.has(name))) {
    readWhere(on, options)
    on.access.unknownColumns()
  } else {
    const part = (name: string): Value | undefined => memberValue(options, name)
    readWhere(on, part('where'))
    readOrder(on, part('order'))
    readSelect(on, part('select'))
    readRelations(on, part('relations'), part('select'))
    if (isId(options)) on.access.filtered(keyColumns(on))
  }
  if (!literalsOf(memberValue(options, 'loadEagerRelations')).includes(false)) readEager(on)
}

/** The columns of the primary key, in the database. */
export function keyColumns(on: EntityAccess): string[] {
  return [...on.entity.columns].flatMap(([path, { primary }]) => (primary ? (columnAt(on, path) ?? []) : []))
}

function isId(value: Value | undefined): boolean {
  return value !== undefined && atomsOf(value).some((atom) => atom.kind === 'text' || atom.kind === 'literal')
}

/** Criteria of `update`, `delete` and their like: conditions, an id, or several of either. */
export function readCriteria(on: EntityAccess, criteria: Value | undefined): void {
  if (criteria === undefined) return
  const isObject = itemsOf(criteria).items.some((item) => item.kind === 'object')
  if (!isObject) on.access.filtered(keyColumns(on))
  readWhere(on, criteria)
}

/** Reads conditions, one set of them or several of which one must hold. */
export function readWhere(on: EntityAccess, where: Value | undefined): void {
  for (const one of itemsOf(where).items) readConditions(on, '', one)
}

function readConditions(on: EntityAccess, path: string, conditions: Value): void {
  for (const [name, value] of membersOf(conditions).members) {
    const full = path + name
    const column = columnAt(on, full)
    const relation = on.entity.relations.get(full)
    if (relation !== undefined) readRelated(on, relation, value)
    else if (column !== undefined) {
      on.access.filtered([column])
      readOperand(on, column, value)
    } else readConditions(on, `${full}.`, value)
  }
}

/** Operators whose operands are values of the column. */
const WITH_VALUES = new Set(['In', 'Not', 'Equal', 'Any', 'ArrayContains'])

function readOperand(on: EntityAccess, column: string, value: Value): void {
  for (const atom of atomsOf(value)) {
    const of = typeormOf(atom)
    if (of?.is !== 'operator') noteLiterals(on, column, atom)
    else if (of.name === 'IsNull') on.access.value(column, null)
    else if (WITH_VALUES.has(of.name)) for (const arg of of.args) readOperand(on, column, arg)
  }
}

/** A condition on a related table; on its key alone it is one on the foreign key, and nothing is joined. */
function readRelated(on: EntityAccess, relation: EntityRelation, value: Value): void {
  const keys = foreignKeys(on, relation)
  const { members } = membersOf(value)
  const target = linkOf(on.run, on.entity, relation, on.site)?.target
  const isKey = members.length > 0 && members.every(([name]) => target?.columns.get(name)?.primary === true)
  if (keys.length > 0 && (members.length === 0 || isKey)) {
    on.access.filtered(keys)
    return
  }
  const related = joinRelation(on, relation)
  if (related !== null) readWhere(related, value)
}

function readOrder(on: EntityAccess, order: Value | undefined, path = ''): void {
  for (const [name, value] of membersOf(order).members) {
    const full = path + name
    const column = columnAt(on, full)
    const relation = on.entity.relations.get(full)
    if (column !== undefined) on.access.ordered([column])
    else if (relation !== undefined) {
      const related = joinRelation(on, relation)
      if (related !== null) readOrder(related, value)
    } else readOrder(on, value, `${full}.`)
  }
}

/** `['id', 'title']` or `{ id: true, author: { name: true } }`. */
function readSelect(on: EntityAccess, select: Value | undefined): void {
  const names = selectedNames(select)
  if (names.length === 0) on.access.unknownColumns()
  for (const name of names) readSelected(on, name, memberValue(select, name))
  if (select !== undefined && !membersOf(select).complete && textsIn(select).length === 0) on.access.unknownColumns()
}

function selectedNames(select: Value | undefined): string[] {
  const members = membersOf(select).members.filter(([, value]) => !isOff(value))
  return [...members.map(([name]) => name), ...textsIn(select)]
}

function textsIn(value: Value | undefined): string[] {
  return itemsOf(value).items.flatMap((item) => textsOf(item).texts)
}

function readSelected(on: EntityAccess, path: string, value: Value | undefined): void {
  const column = columnAt(on, path)
  if (column !== undefined) on.access.read([column])
  else if (!on.entity.relations.has(path)) {
    for (const [name, inner] of membersOf(value).members) readSelected(on, `${path}.${name}`, inner)
    // A whole embedded class.
    if (membersOf(value).members.length === 0) {
      for (const [one] of on.entity.columns) if (one.startsWith(`${path}.`)) on.access.read([columnAt(on, one) ?? one])
    }
  }
}

function isOff(value: Value): boolean {
  return atomsOf(value).every((atom) => atom.kind === 'literal' && !atom.value)
}

/** `['author', 'author.books']` or `{ author: { books: true } }`, with what `select` says of each. */
function readRelations(on: EntityAccess, relations: Value | undefined, select: Value | undefined): void {
  const asked = new Map<string, Value | undefined>()
  for (const [name, value] of membersOf(relations).members) if (!isOff(value)) asked.set(name, value)
  for (const path of textsIn(relations)) {
    const [first = path] = path.split('.')
    if (!asked.has(first)) asked.set(first, undefined)
  }
  for (const [name, inner] of asked) {
    const relation = on.entity.relations.get(name)
    const related = relation === undefined ? null : joinRelation(on, relation)
    if (related === null) continue
    readSelect(related, memberValue(select, name))
    readRelations(related, inner, memberValue(select, name))
    readPaths(
      related,
      textsIn(relations).flatMap((path) => behind(path, name)),
    )
  }
}

function behind(path: string, name: string): string[] {
  return path.startsWith(`${name}.`) ? [path.slice(name.length + 1)] : []
}

function readPaths(on: EntityAccess, paths: readonly string[]): void {
  for (const first of new Set(paths.map((path) => path.split('.')[0] ?? path))) {
    const relation = on.entity.relations.get(first)
    const related = relation === undefined ? null : joinRelation(on, relation)
    if (related === null) continue
    related.access.unknownColumns()
    readPaths(
      related,
      paths.flatMap((path) => behind(path, first)),
    )
  }
}

/** Relations that are loaded with every `find`. */
function readEager(on: EntityAccess): void {
  for (const relation of on.entity.relations.values()) {
    if (!relation.eager) continue
    const related = joinRelation(on, relation)
    related?.access.unknownColumns()
  }
}
