import type { Operation } from '../../interaction.ts'
import type { Value } from '../../value.ts'
import { memberOf, readWhere } from './conditions.ts'
import { type ModelAccess, openModel, type PrismaCall } from './model-access.ts'
import type { PrismaModel } from './schema.ts'
import { readAggregate, readQuery, readResult } from './selection.ts'
import { readData } from './writes.ts'

/** The methods of a delegate, and what each does. */
export const DELEGATE_METHODS: ReadonlyMap<string, Operation> = new Map([
  ['findUnique', 'select'],
  ['findUniqueOrThrow', 'select'],
  ['findFirst', 'select'],
  ['findFirstOrThrow', 'select'],
  ['findMany', 'select'],
  ['count', 'select'],
  ['aggregate', 'select'],
  ['groupBy', 'select'],
  ['create', 'insert'],
  ['createMany', 'insert'],
  ['createManyAndReturn', 'insert'],
  ['update', 'update'],
  ['updateMany', 'update'],
  ['updateManyAndReturn', 'update'],
  ['upsert', 'upsert'],
  ['delete', 'delete'],
  ['deleteMany', 'delete'],
])

const AGGREGATES = new Set(['count', 'aggregate', 'groupBy'])

/** Writes that give nothing back but a count. */
const COUNTED = new Set(['createMany', 'updateMany', 'deleteMany'])

/** Opens what a call of a delegate's method touches. */
export function readOperation(call: PrismaCall, model: PrismaModel, method: string, args: Value | undefined): void {
  const operation = DELEGATE_METHODS.get(method)
  if (operation === undefined) return
  const on = openModel(call, model, operation)
  if (AGGREGATES.has(method)) readAggregate(on, args)
  else if (operation === 'select') readQuery(on, args)
  else readWrite(on, operation, method, args)
}

function readWrite(on: ModelAccess, operation: Operation, method: string, args: Value | undefined): void {
  const where = memberOf(args, 'where')
  if (where !== undefined) readWhere(on, where)
  if (operation === 'upsert' && where !== undefined) on.access.conflict(columnsOfUnique(on, where))
  for (const name of operation === 'upsert' ? ['create', 'update'] : ['data']) {
    const data = memberOf(args, name)
    if (data !== undefined) readData(on, data)
    else if (operation !== 'delete') on.access.unknownColumns()
  }
  if (COUNTED.has(method)) return
  on.access.returning()
  readResult(on, args)
}

function columnsOfUnique({ model }: ModelAccess, where: Value): string[] {
  const columns: string[] = []
  for (const [name, column] of model.columns) if (memberOf(where, name) !== undefined) columns.push(column.column)
  for (const [name, fields] of model.compound) if (memberOf(where, name) !== undefined) columns.push(...fields)
  return columns
}
