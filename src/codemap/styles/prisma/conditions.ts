import { itemsOf, membersOf, textsOf } from '../../read-value.ts'
import { union, type Value } from '../../value.ts'
import { compareRelated, fieldReferences, type ModelAccess, noteLiterals } from './model-access.ts'

const TOGETHER = new Set(['AND', 'OR', 'NOT'])
const OF_RELATION = new Set(['some', 'every', 'none', 'is', 'isNot'])

/** The value itself, and the items where it is a list: Prisma takes `OR: x` and `OR: [x, y]`, `by: 'a'` and `by: ['a']`. */
export function oneOrMany(value: Value): Value[] {
  return itemsOf(value).items
}

/** Reads a `where`: columns that it names are filtered by, relations that it follows are looked up. */
export function readWhere(on: ModelAccess, where: Value): void {
  for (const part of oneOrMany(where)) {
    for (const [name, value] of membersOf(part).members) readCondition(on, name, value)
  }
}

function readCondition(on: ModelAccess, name: string, value: Value): void {
  if (TOGETHER.has(name)) {
    readWhere(on, value)
    return
  }
  const { model, access } = on
  const column = model.columns.get(name)
  const relation = model.relations.get(name)
  const compound = model.compound.get(name)
  if (column !== undefined) {
    access.filtered([column.column])
    readComparison(on, name, value)
  } else if (relation !== undefined) {
    const related = compareRelated(on, relation)
    if (related === undefined) return
    for (const [member, inner] of membersOf(value).members) {
      if (OF_RELATION.has(member)) readWhere(related, inner)
      else readCondition(related, member, inner)
    }
  } else if (compound !== undefined) {
    access.filtered(compound)
    for (const [member, inner] of membersOf(value).members) readCondition(on, member, inner)
  }
}

/** `'draft'`, `{ in: ['draft', 'live'] }`, `{ not: { equals: 'draft' } }`, `{ gt: prisma.order.fields.paid }`. */
function readComparison(on: ModelAccess, field: string, value: Value): void {
  noteLiterals(on, field, value)
  on.access.filtered(fieldReferences(value))
  for (const [operator, operand] of membersOf(value).members) {
    if (operator === 'mode' || operator === 'path' || operator === 'search') continue
    if (VALUES.has(operator)) for (const one of oneOrMany(operand)) readComparison(on, field, one)
    else on.access.filtered(fieldReferences(operand))
  }
}

/** Operators whose operand is a value of the column itself. */
const VALUES = new Set(['equals', 'not', 'in', 'notIn', 'has', 'hasSome', 'hasEvery'])

/** Reads an `orderBy`, also by a related table's column, a count, or an aggregate of `groupBy`. */
export function readOrder(on: ModelAccess, order: Value): void {
  const { model, access } = on
  for (const part of oneOrMany(order)) {
    for (const [name, value] of membersOf(part).members) {
      const column = model.columns.get(name)
      const relation = model.relations.get(name)
      if (column !== undefined) access.ordered([column.column])
      else if (name === '_relevance') access.ordered(columnsNamed(on, memberOf(value, 'fields')))
      else if (name.startsWith('_')) access.ordered(columnsWithin(on, value))
      else if (relation !== undefined) {
        const related = compareRelated(on, relation)
        if (related !== undefined) readOrder(related, value)
      }
    }
  }
}

/** Reads a `having`: `{ views: { _avg: { gt: 5 } } }`. */
export function readHaving(on: ModelAccess, having: Value): void {
  for (const part of oneOrMany(having)) {
    for (const [name, value] of membersOf(part).members) {
      if (TOGETHER.has(name)) readHaving(on, value)
      else on.access.filtered(columnsNamed(on, name))
    }
  }
}

/** The columns of fields, given by name or as a list of names. */
export function columnsNamed({ model }: ModelAccess, fields: Value | string | undefined): string[] {
  if (fields === undefined) return []
  const names = typeof fields === 'string' ? [fields] : textsIn(fields)
  return names.flatMap((name) => model.columns.get(name)?.column ?? [])
}

/** The columns that are keys of an object: `_sum: { price: true }`. */
export function columnsWithin(on: ModelAccess, value: Value): string[] {
  return membersOf(value).members.flatMap(([name]) => columnsNamed(on, name))
}

function textsIn(value: Value): string[] {
  return oneOrMany(value).flatMap((one) => textsOf(one).texts)
}

/** A member of an object literal, of whatever the value may be; undefined where none has it. */
export function memberOf(value: Value | undefined, name: string): Value | undefined {
  if (value === undefined) return undefined
  const found = membersOf(value).members.filter(([member]) => member === name)
  return found.length === 0 ? undefined : union(found.map(([, inner]) => inner))
}
