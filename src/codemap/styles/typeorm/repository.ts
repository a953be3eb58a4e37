import type { Operation } from '../../interaction.ts'
import { itemsOf, membersOf, memberValue, textsOf } from '../../read-value.ts'
import { array, atomsOf, union, unknown, type Value } from '../../value.ts'
import { entitiesOf } from './entities.ts'
import { columnAt, columnsOfMode, type EntityAccess, type Opening, openTarget } from './entity-access.ts'
import { keyColumns, readCriteria, readFind, readWhere } from './find-options.ts'
import { rememberData, writeRows } from './rows.ts'

interface Method {
  readonly operation: Operation
  read(on: EntityAccess, args: readonly Value[]): void
  /** What it gives, where that can be used further. */
  readonly gives?: 'one' | 'many' | 'many and count' | 'argument'
}

const find = (gives: Method['gives']): Method => ({
  operation: 'select',
  read: (on, [options]) => readFind(on, options),
  ...(gives ? { gives } : {}),
})

const findBy = (gives: Method['gives']): Method => ({
  operation: 'select',
  read: (on, [where]) => {
    readWhere(on, where)
    readFind(on, undefined)
  },
  ...(gives ? { gives } : {}),
})

/** Counts and the like give no columns. */
const count = (where: (args: readonly Value[]) => Value | undefined): Method => ({
  operation: 'select',
  read: (on, args) => readWhere(on, where(args)),
})

const aggregate: Method = {
  operation: 'select',
  read: (on, [column, where]) => {
    on.access.read(columnsNamed(on, column))
    readWhere(on, where)
  },
}

const step: Method = {
  operation: 'update',
  read: (on, [criteria, column]) => {
    readCriteria(on, criteria)
    on.access.written([...columnsNamed(on, column), ...columnsOfMode(on, 'updated')])
  },
}

const softly = (byCriteria: boolean): Method => ({
  operation: 'update',
  read: (on, [criteria]) => {
    on.access.written([...columnsOfMode(on, 'deleted'), ...columnsOfMode(on, 'updated')])
    if (byCriteria) readCriteria(on, criteria)
    else on.access.filtered(keyColumns(on))
  },
  ...(byCriteria ? {} : { gives: 'argument' as const }),
})

const tree = (gives: Method['gives']): Method => ({
  operation: 'select',
  read: (on) => on.access.unknownColumns(),
  ...(gives ? { gives } : {}),
})

function columnsNamed(on: EntityAccess, value: Value | undefined): string[] {
  return itemsOf(value).items.flatMap((item) => textsOf(item).texts.flatMap((path) => columnAt(on, path) ?? []))
}

const whereOf = ([options]: readonly Value[]): Value | undefined => memberValue(options, 'where') ?? options

/** What the methods of a repository do; those of a manager take the entity before the other arguments. */
const METHODS: Readonly<Record<string, Method>> = {
  find: find('many'),
  findAndCount: find('many and count'),
  findOne: find('one'),
  findOneOrFail: find('one'),
  findBy: findBy('many'),
  findAndCountBy: findBy('many and count'),
  findOneBy: findBy('one'),
  findOneByOrFail: findBy('one'),
  findByIds: { operation: 'select', read: readByKey, gives: 'many' },
  findOneById: { operation: 'select', read: readByKey, gives: 'one' },
  preload: { operation: 'select', read: readByKey, gives: 'one' },
  count: count(whereOf),
  exist: count(whereOf),
  exists: count(whereOf),
  countBy: count(([where]) => where),
  existsBy: count(([where]) => where),
  sum: aggregate,
  average: aggregate,
  minimum: aggregate,
  maximum: aggregate,
  save: { operation: 'upsert', read: save, gives: 'argument' },
  insert: { operation: 'insert', read: (on, [rows]) => writeRows(on, rows) },
  update: {
    operation: 'update',
    read: (on, [criteria, row]) => {
      readCriteria(on, criteria)
      writeRows(on, row)
      on.access.written(columnsOfMode(on, 'updated'))
    },
  },
  updateAll: { operation: 'update', read: (on, [row]) => writeRows(on, row) },
  upsert: { operation: 'upsert', read: upsert },
  delete: { operation: 'delete', read: (on, [criteria]) => readCriteria(on, criteria) },
  deleteAll: { operation: 'delete', read: () => {} },
  remove: { operation: 'delete', read: (on) => on.access.filtered(keyColumns(on)), gives: 'argument' },
  softDelete: softly(true),
  restore: softly(true),
  softRemove: softly(false),
  recover: softly(false),
  increment: step,
  decrement: step,
  clear: { operation: 'truncate', read: () => {} },
  findTrees: tree('many'),
  findRoots: tree('many'),
  findDescendants: tree('many'),
  findDescendantsTree: tree('one'),
  findAncestors: tree('many'),
  findAncestorsTree: tree('one'),
  countDescendants: { operation: 'select', read: () => {} },
  countAncestors: { operation: 'select', read: () => {} },
}

/** Names of the methods that reach the database. */
export const ENTITY_METHODS: readonly string[] = Object.keys(METHODS)

function readByKey(on: EntityAccess): void {
  on.access.filtered(keyColumns(on))
  on.access.unknownColumns()
}

function save(on: EntityAccess, [rows]: readonly Value[]): void {
  on.access.returning()
  if (rows !== undefined) writeRows(on, rows)
}

/** `upsert(rows, ['email'])` and `upsert(rows, { conflictPaths: ['email'] })`, also as `{ email: true }`. */
function upsert(on: EntityAccess, [rows, conflict]: readonly Value[]): void {
  writeRows(on, rows)
  const paths = memberValue(conflict, 'conflictPaths') ?? conflict
  const named = membersOf(paths).members.flatMap(([path]) => columnAt(on, path) ?? [])
  on.access.conflict([...columnsNamed(on, paths), ...named])
}

/** Opens what a method of a repository or of a manager does; undefined where it isn't one that reaches the database. */
export function callEntityMethod(
  opening: Opening,
  target: Value | undefined,
  name: string,
  args: readonly Value[],
): Value | undefined {
  const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined
  if (method === undefined) return undefined
  const accesses = openTarget(opening, target, method.operation)
  for (const on of accesses) method.read(on, args)
  const [first] = args
  if (method.gives === 'argument') return first ?? unknown('it comes from the database')
  const instances = accesses.map(({ entity }) => entity.instance ?? unknown('it comes from the database'))
  return given(method.gives, instances)
}

function given(gives: Method['gives'], instances: readonly Value[]): Value {
  const count: Value = unknown('it is a number')
  if (gives === undefined || instances.length === 0) return unknown('it comes from the database')
  if (gives === 'one') return union(instances)
  const list = array(instances, false)
  return gives === 'many' ? list : array([list, count])
}

/** `create({ … })`: an instance in memory, which knows what it was made with. */
export function createInstance({ run, site }: Opening, target: Value | undefined, data: Value | undefined): Value {
  const [entity] = entitiesOf(run, target, site)
  const instance = entity?.instance ?? unknown('it is made of what is handed in')
  const isList = data !== undefined && atomsOf(data).some(({ kind }) => kind === 'array')
  if (!isList) return rememberData(instance, data)
  return array(
    itemsOf(data).items.map((item) => rememberData(instance, item)),
    itemsOf(data).complete,
  )
}
