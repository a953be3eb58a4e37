import type { Access } from '../../access.ts'
import { itemsOf, literalsOf, memberValue, textOf } from '../../read-value.ts'
import { atomsOf, type Value } from '../../value.ts'
import type { Facts } from './facts.ts'
import { includeAll } from './include.ts'
import { type Included, includedAt, type Query } from './query.ts'
import { filterBy, noteColumn, noteTerms } from './terms.ts'

/** What the options of a find say: attributes, conditions, orders, groups and what it includes. */
export function readOptions(query: Query, options: Value | undefined, selects: boolean): void {
  const { access, facts } = query
  const option = (name: string): Value | undefined => memberValue(options, name)
  const include = option('include')
  for (const item of itemsOf(option('attributes')).items)
    for (const alias of item.kind === 'array' ? [textOf(item.items[1])] : [])
      if (alias !== null) query.aliases.add(alias)
  if (include) includeAll(query, include, '', facts, access)
  if (selects) selectAttributes(query, access, facts, option('attributes'))
  filterBy(query, access, facts, option('where'))
  filterBy(query, access, facts, option('having'))
  orderBy(query, option('order'))
  for (const item of itemsOf(option('group')).items) {
    const name = textOf(item)
    if (name !== null) noteColumn(query, access, facts, 'read', name)
    else noteTerms(query, access, facts, 'read', item)
  }
  if (options && hasUnknown(options)) access.unknownColumns()
}

/** Options that come from elsewhere may hold any condition. */
function hasUnknown(options: Value): boolean {
  return atomsOf(options).some((atom) => atom.kind === 'unknown')
}

/** `['id', ['name', 'alias'], fn(…)]`, `{ include: […], exclude: […] }`; all of them where nothing is said. */
export function selectAttributes(query: Query, access: Access, facts: Facts, value: Value | undefined): void {
  if (value === undefined) {
    access.unknownColumns()
    return
  }
  for (const atom of atomsOf(value)) {
    if (atom.kind === 'array') {
      for (const item of atom.items) selectAttribute(query, access, facts, item)
      if (!atom.complete && atom.items.length === 0) access.unknownColumns()
    } else if (atom.kind === 'object') {
      for (const item of itemsOf(memberValue(atom, 'include')).items) selectAttribute(query, access, facts, item)
      access.unknownColumns()
    } else if (atom.kind === 'text') noteColumn(query, access, facts, 'read', atom.text)
    else if (atom.kind !== 'literal') access.unknownColumns()
  }
}

function selectAttribute(query: Query, access: Access, facts: Facts, item: Value): void {
  const name = textOf(item)
  if (name !== null) {
    noteColumn(query, access, facts, 'read', name)
    return
  }
  const [first] = item.kind === 'array' ? item.items : [item]
  const text = textOf(first)
  if (text !== null && item.kind === 'array') noteColumn(query, access, facts, 'read', text)
  else if (!noteTerms(query, access, facts, 'read', first)) access.unknownColumns()
}

const DIRECTION = /^(asc|desc)(\s+nulls\s+(first|last))?$|^nulls (first|last)$/i

/** `[['createdAt', 'DESC'], 'title', [Comment, 'id', 'ASC'], [literal('n'), 'DESC']]` */
function orderBy(query: Query, order: Value | undefined): void {
  if (order === undefined) return
  for (const atom of atomsOf(order)) {
    if (atom.kind !== 'array') orderByItem(query, atom)
    else if (isOneItem(atom.items)) orderByItem(query, atom)
    else for (const item of atom.items) orderByItem(query, item)
  }
}

/** `order: ['title', 'DESC']` is one item. */
function isOneItem(items: readonly Value[]): boolean {
  return items.length === 2 && DIRECTION.test(textOf(items[1]) ?? '')
}

function orderByItem(query: Query, value: Value): void {
  const items = value.kind === 'array' ? value.items : [value]
  let at: Included | null = null
  for (const [index, item] of items.entries()) {
    const name = textOf(item)
    const { access, facts }: { access: Access; facts: Facts } = at ?? query
    if (name === null) {
      if (noteTerms(query, access, facts, 'ordered', item)) continue
      at = includedModel(query, item) ?? at
    } else if (!DIRECTION.test(name)) {
      const isPath = index < items.length - 1 && includedAt(query, name)
      if (isPath) at = isPath
      else noteColumn(query, access, facts, 'ordered', name)
    }
  }
}

/** `[Comment, …]`, `[{ model: Comment, as: 'comments' }, …]`, `[association, …]` */
function includedModel(query: Query, item: Value): Included | null {
  const alias = textOf(memberValue(item, 'as'))
  const models = query.finder.models(memberValue(item, 'model') ?? item)
  return (
    query.included.find((one) =>
      alias === null ? models.includes(one.facts.model) : one.path.split('.').at(-1) === alias,
    ) ?? null
  )
}

/** Whether an option is switched on. */
export function isOn(options: Value | undefined, name: string): boolean {
  return literalsOf(memberValue(options, name)).includes(true)
}
