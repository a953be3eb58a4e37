import type { Access } from '../../access.ts'
import type { Operation } from '../../interaction.ts'
import { literalsOf } from '../../read-value.ts'
import type { Site } from '../../style.ts'
import { atomsOf, text, type Value } from '../../value.ts'
import type { PrismaJoinTable, PrismaModel, PrismaRelation, PrismaSchema } from './schema.ts'
import { prismaOf } from './values.ts'

/** One call on a delegate: what its parts open stands at its place, in its transaction. */
export interface PrismaCall {
  readonly site: Site
  readonly schema: PrismaSchema
  readonly transaction: string | null
  /** Everything that it touches, in the order in which it was met. */
  readonly accesses: Access[]
}

/** The access of a model's table by this call. */
export interface ModelAccess {
  readonly call: PrismaCall
  readonly model: PrismaModel
  readonly access: Access
}

/** Opens the access of a model's table; the same operation on the same table in one call is one access. */
export function openModel(call: PrismaCall, model: PrismaModel, operation: Operation): ModelAccess {
  return { call, model, access: openTable(call, model, operation) }
}

function openTable(call: PrismaCall, { table, schema }: Pick<PrismaModel, 'table' | 'schema'>, operation: Operation) {
  const key = schema === null ? table : `${schema}.${table}`
  const access = call.site.open({ table: text(table), schema, operation, key, transaction: call.transaction })
  if (!call.accesses.includes(access)) call.accesses.push(access)
  return access
}

/** The table between two models of a relation of many with many. */
export function openJoinTable(call: PrismaCall, between: PrismaJoinTable, operation: Operation): Access {
  return openTable(call, between, operation)
}

export function targetOf(call: PrismaCall, relation: PrismaRelation): PrismaModel | undefined {
  return call.schema.models.get(relation.target)
}

/** Follows a relation for reading: the other table is asked for the rows whose key this one holds. */
export function readRelated({ call, model, access }: ModelAccess, relation: PrismaRelation): ModelAccess | undefined {
  const target = targetOf(call, relation)
  if (target === undefined) return undefined
  const related = openModel(call, target, 'select')
  if (typeof relation.kind === 'object') {
    const between = openJoinTable(call, relation.kind, 'select')
    between.filtered([relation.kind.own])
    between.read([relation.kind.own === 'A' ? 'B' : 'A'])
    access.read(model.key)
    related.access.filtered(target.key)
  } else {
    access.read(relation.own)
    related.access.filtered(relation.other)
  }
  return related
}

/** Follows a relation for a condition or an order: the keys of both sides are compared. */
export function compareRelated(
  { call, model, access }: ModelAccess,
  relation: PrismaRelation,
): ModelAccess | undefined {
  const target = targetOf(call, relation)
  if (target === undefined) return undefined
  const related = openModel(call, target, 'select')
  if (typeof relation.kind === 'object') {
    openJoinTable(call, relation.kind, 'select').filtered(['A', 'B'])
    access.filtered(model.key)
    related.access.filtered(target.key)
  } else {
    access.filtered(relation.own)
    related.access.filtered(relation.other)
  }
  return related
}

/** Notes the words that code writes to a column or compares it with, as the database has them. */
export function noteLiterals({ call, model, access }: ModelAccess, field: string, value: Value): void {
  const column = model.columns.get(field)
  if (column === undefined) return
  const words = column.enumeration === null ? undefined : call.schema.enums.get(column.enumeration)
  for (const literal of literalsOf(value)) {
    access.value(column.column, typeof literal === 'string' ? (words?.get(literal) ?? literal) : literal)
  }
}

/** `prisma.order.fields.paid` as a value of a condition: the column that is compared. */
export function fieldReferences(value: Value): string[] {
  return atomsOf(value).flatMap((atom) => {
    const of = prismaOf(atom)
    return of?.is === 'field' ? [of.column] : []
  })
}
