import { membersOf } from '../../read-value.ts'
import { atomsOf, type Value } from '../../value.ts'
import { rowMembers } from '../row-members.ts'
import { memberOf, oneOrMany, readWhere } from './conditions.ts'
import { type ModelAccess, noteLiterals, openJoinTable, openModel, type PrismaCall, targetOf } from './model-access.ts'
import type { PrismaModel, PrismaRelation } from './schema.ts'

/** Reads the `data` of a write: columns that it sets, and writes to related tables inside of it. */
export function readData(on: ModelAccess, data: Value): void {
  for (const row of oneOrMany(data)) {
    const { members, complete } = rowMembers(row)
    if (!complete) on.access.unknownColumns()
    for (const [name, value] of members) {
      const column = on.model.columns.get(name)
      const relation = on.model.relations.get(name)
      if (column !== undefined && !isUndefined(value)) {
        on.access.written([column.column])
        readNewValue(on, name, value)
      } else if (relation !== undefined) {
        for (const [action, operand] of membersOf(value).members) writeRelated(on, relation, action, operand)
      }
    }
  }
}

const isUndefined = (value: Value): boolean => value.kind === 'literal' && value.value === undefined

/** `'draft'`, `{ set: 'draft' }`, `{ push: 'draft' }`. */
function readNewValue(on: ModelAccess, field: string, value: Value): void {
  for (const one of oneOrMany(value)) {
    noteLiterals(on, field, one)
    for (const name of ['set', 'push']) {
      const inner = memberOf(one, name)
      if (inner !== undefined) for (const item of oneOrMany(inner)) noteLiterals(on, field, item)
    }
  }
}

/** A write to a related table from within another's data, and what it does to the foreign key. */
function writeRelated(on: ModelAccess, relation: PrismaRelation, action: string, operand: Value): void {
  if (atomsOf(operand).every((atom) => atom.kind === 'literal' && atom.value === false)) return
  const target = targetOf(on.call, relation)
  const write = ACTIONS.get(action)
  if (target === undefined || write === undefined) return
  if (relation.kind === 'here' && !KEEPS_KEY.has(action)) on.access.written(relation.own)
  if (typeof relation.kind === 'object') writeBetween(on.call, relation, action)
  for (const one of oneOrMany(operand)) write(on.call, target, relation, one)
}

/** Actions that leave the link between the two rows as it is. */
const KEEPS_KEY = new Set(['update', 'updateMany', 'deleteMany'])

const BETWEEN: ReadonlyMap<string, readonly ('insert' | 'delete')[]> = new Map(
  Object.entries({
    create: ['insert'],
    connect: ['insert'],
    connectOrCreate: ['insert'],
    upsert: ['insert'],
    set: ['delete', 'insert'],
    disconnect: ['delete'],
    delete: ['delete'],
    deleteMany: ['delete'],
  }),
)

function writeBetween(call: PrismaCall, { kind }: PrismaRelation, action: string): void {
  if (typeof kind !== 'object') return
  for (const operation of BETWEEN.get(action) ?? []) {
    const access = openJoinTable(call, kind, operation)
    if (operation === 'insert') access.written(['A', 'B'])
    else access.filtered(['A', 'B'])
  }
}

type Action = (call: PrismaCall, target: PrismaModel, relation: PrismaRelation, operand: Value) => void

/**
 * What each action does to the related table. Source:
 * https://www.prisma.io/docs/orm/reference/prisma-client-reference#nested-queries
 */
const ACTIONS: ReadonlyMap<string, Action> = new Map(
  Object.entries({
    create: insertRelated,
    createMany: (call, target, relation, operand) => insertRelated(call, target, relation, memberOf(operand, 'data')),
    connect: connectRelated,
    connectOrCreate: (call, target, relation, operand) => {
      readWhereOf(openModel(call, target, 'select'), memberOf(operand, 'where'))
      insertRelated(call, target, relation, memberOf(operand, 'create'))
    },
    set: connectRelated,
    disconnect: (call, target, relation, operand) => {
      if (relation.kind === 'there') moveRelated(call, target, relation, operand)
    },
    update: (call, target, relation, operand) => {
      const data = memberOf(operand, 'data')
      const updated = openModel(call, target, 'update')
      filterByKey(updated, relation)
      readWhereOf(updated, memberOf(operand, 'where'))
      // A single relation may also be given its data without more around it.
      readData(updated, data ?? operand)
    },
    updateMany: (call, target, relation, operand) => {
      const updated = openModel(call, target, 'update')
      filterByKey(updated, relation)
      readWhereOf(updated, memberOf(operand, 'where'))
      readData(updated, memberOf(operand, 'data') ?? operand)
    },
    upsert: (call, target, relation, operand) => {
      const upserted = openModel(call, target, 'upsert')
      readWhereOf(upserted, memberOf(operand, 'where'))
      if (relation.kind === 'there') upserted.access.written(relation.other)
      for (const part of ['create', 'update']) {
        const data = memberOf(operand, part)
        if (data !== undefined) readData(upserted, data)
      }
    },
    delete: deleteRelated,
    deleteMany: deleteRelated,
  }),
)

function insertRelated(call: PrismaCall, target: PrismaModel, relation: PrismaRelation, data: Value | undefined): void {
  const inserted = openModel(call, target, 'insert')
  if (relation.kind === 'there') inserted.access.written(relation.other)
  if (data === undefined) inserted.access.unknownColumns()
  else readData(inserted, data)
}

function connectRelated(call: PrismaCall, target: PrismaModel, relation: PrismaRelation, operand: Value): void {
  if (relation.kind === 'there') moveRelated(call, target, relation, operand)
  else readWhereOf(openModel(call, target, 'select'), operand)
}

/** The foreign key is the other table's: to link or to unlink its row is to update it. */
function moveRelated(call: PrismaCall, target: PrismaModel, relation: PrismaRelation, where: Value): void {
  const updated = openModel(call, target, 'update')
  updated.access.written(relation.other)
  readWhereOf(updated, where)
}

function deleteRelated(call: PrismaCall, target: PrismaModel, relation: PrismaRelation, where: Value): void {
  const deleted = openModel(call, target, 'delete')
  filterByKey(deleted, relation)
  readWhereOf(deleted, where)
}

/** Rows of the other table are only touched where they belong to the row that is written. */
function filterByKey({ access, model }: ModelAccess, relation: PrismaRelation): void {
  access.filtered(relation.kind === 'there' ? relation.other : relation.kind === 'here' ? relation.other : model.key)
}

function readWhereOf(on: ModelAccess, where: Value | undefined): void {
  if (where !== undefined) readWhere(on, where)
}
