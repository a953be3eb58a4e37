import { itemsOf, membersOf } from '../../read-value.ts'
import type { Site } from '../../style.ts'
import { object, unknown, type Value } from '../../value.ts'
import { accessesOf, addSource, addUses, type DrizzleRun, startBuilder, writeRow } from './builder.ts'
import { readFragments } from './fragments.ts'
import { callIfFunction, columnOf, columnsIn } from './tables.ts'
import { allOf, type BuilderOf, type DatabaseOf, drizzle } from './values.ts'

const JOIN = /^(left|right|inner|full|cross)Join(Lateral)?$/

const SET_OPERATION = /^(union|unionAll|intersect|intersectAll|except|exceptAll)$/

/** What gives the builder back and says nothing of columns. */
const PASSED = new Set([
  'limit',
  'offset',
  'for',
  '$dynamic',
  '$withCache',
  'overridingSystemValue',
  'comment',
  'setToken',
])

/** A method of a query that is being built. */
export function callBuilder(
  run: DrizzleRun,
  builder: BuilderOf,
  method: string,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  const [first, second] = args
  if (method === 'prepare') return drizzle({ is: 'prepared', accesses: accessesOf(builder) })
  if (method === 'as' || method === 'getSQL')
    return method === 'as' ? drizzle({ is: 'subquery', builder, selection: null }) : drizzle(builder)
  if (method === 'getSelectedFields') return builder.fields ?? undefined
  const next = step(run, builder, method, first, second, args, site)
  return next === undefined ? undefined : drizzle(next)
}

function step(
  run: DrizzleRun,
  builder: BuilderOf,
  method: string,
  first: Value | undefined,
  second: Value | undefined,
  args: readonly Value[],
  site: Site,
): BuilderOf | undefined {
  if (PASSED.has(method)) return builder
  if (JOIN.test(method) || method === 'from') {
    if (first === undefined) return builder
    const joined = addSource(run, builder, subqueryOf(first), 'select', site)
    return expression(run, joined, 'filtered', [second], site)
  }
  if (SET_OPERATION.test(method)) return unite(builder, first, site)
  switch (method) {
    case 'where':
    case 'having':
      return expression(run, builder, 'filtered', args, site)
    case 'orderBy':
      return expression(run, builder, 'ordered', args, site)
    case 'groupBy':
      return expression(run, builder, 'read', args, site)
    case 'values':
    case 'set':
      return writeRows(run, builder, first, site)
    case 'select':
      return insertSelected(builder, first, site)
    case 'returning':
      return returning(run, builder, first, site)
    case '$returningId':
      return builder
    case 'onConflictDoNothing':
    case 'onConflictDoUpdate':
    case 'onDuplicateKeyUpdate':
      return upsert(run, builder, first, site)
    default:
      return undefined
  }
}

/** A builder stands for itself where a subquery may stand. */
function subqueryOf(value: Value): Value {
  const [builder] = allOf(value, 'builder')
  return builder === undefined ? value : drizzle({ is: 'subquery', builder, selection: null })
}

/** `where`, `orderBy` and their like take expressions, or a function of the fields that are selected. */
function expression(
  run: DrizzleRun,
  builder: BuilderOf,
  role: 'read' | 'filtered' | 'ordered',
  args: readonly (Value | undefined)[],
  site: Site,
): BuilderOf {
  const values = args.map((arg) => (arg === undefined ? undefined : callIfFunction(arg, [fieldsOf(builder)], site)))
  const fragments = readFragments(run, builder.database, values, site)
  const added = addUses(builder, role, values)
  return { ...added, inner: [...added.inner, ...fragments] }
}

/** What a callback is given: the fields that are selected, or those of the tables. */
function fieldsOf(builder: BuilderOf): Value {
  if (builder.fields !== null) return builder.fields
  const [only, ...more] = builder.sources
  if (only !== undefined && more.length === 0) return drizzle(only.table)
  return object({})
}

function writeRows(run: DrizzleRun, builder: BuilderOf, rows: Value | undefined, site: Site): BuilderOf {
  if (rows === undefined) return builder
  const each = itemsOf(rows).items
  const target = builder.sources[0]?.access
  if (!itemsOf(rows).complete && each.length === 0) target?.unknownColumns()
  const written = each.reduce<BuilderOf>((now, row) => writeRow(now, row), builder)
  const fragments = readFragments(run, builder.database, each.flatMap(membersValues), site)
  return { ...written, inner: [...written.inner, ...fragments] }
}

function membersValues(row: Value): Value[] {
  return membersOf(row).members.map(([, value]) => value)
}

/** `insert(a).select(query)`: the query's fields are the columns that are written. */
function insertSelected(builder: BuilderOf, query: Value | undefined, site: Site): BuilderOf {
  const [target] = builder.sources
  if (query === undefined || target === undefined) return builder
  const quietFree = drizzle({ ...builder.database })
  const [inner] = allOf(callIfFunction(query, [quietFree], site), 'builder')
  if (inner === undefined || inner.fields === null) target.access?.unknownColumns()
  else
    target.access?.written(membersOf(inner.fields).members.flatMap(([key]) => columnOf(target.table, key)?.names ?? []))
  return inner === undefined ? builder : { ...builder, inner: [...builder.inner, ...accessesOf(inner)] }
}

function returning(run: DrizzleRun, builder: BuilderOf, fields: Value | undefined, site: Site): BuilderOf {
  const target = builder.sources[0]?.access
  target?.returning()
  if (fields === undefined) {
    target?.unknownColumns()
    return builder
  }
  return expression(run, builder, 'read', [fields], site)
}

function upsert(run: DrizzleRun, builder: BuilderOf, config: Value | undefined, site: Site): BuilderOf {
  const target = builder.sources[0]?.access
  if (target) target.operation = 'upsert'
  let next = builder
  for (const [name, value] of config === undefined ? [] : membersOf(config).members) {
    if (name === 'target') target?.conflict(columnsIn(value).flatMap(({ names }) => names))
    else if (name === 'set') next = writeRows(run, next, value, site)
    else if (name === 'where' || name === 'setWhere' || name === 'targetWhere')
      next = expression(run, next, 'filtered', [value], site)
  }
  return next
}

/** `a.union(b)`: what follows is said of the first; both are touched. */
function unite(builder: BuilderOf, other: Value | undefined, site: Site): BuilderOf {
  if (other === undefined) return builder
  const operators = object({})
  const inner = allOf(callIfFunction(other, [operators], site), 'builder')
  return { ...builder, inner: [...builder.inner, ...inner.flatMap(accessesOf)] }
}

/** `union(a, b, …)` of the library. */
export function uniteAll(args: readonly Value[]): Value {
  const builders = args.flatMap((arg) => allOf(arg, 'builder'))
  const [first, ...others] = builders
  if (first === undefined) return unknown('it unites queries that are not known')
  return drizzle({ ...first, inner: [...first.inner, ...others.flatMap(accessesOf)] })
}

/** `db.select(…)`, `db.insert(posts)` and their like: the start of a query. */
export function startQuery(
  run: DrizzleRun,
  database: DatabaseOf,
  method: string,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  const [first, second] = args
  switch (method) {
    case 'select':
    case 'selectDistinct':
      return drizzle(selecting(run, database, first, [], site))
    case 'selectDistinctOn':
      return drizzle(selecting(run, database, second, [first], site))
    case 'insert':
    case 'update':
    case 'delete': {
      if (first === undefined) return undefined
      const builder = addSource(run, startBuilder(method, database, null), first, method, site)
      return drizzle(builder)
    }
    default:
      return undefined
  }
}

function selecting(
  run: DrizzleRun,
  database: DatabaseOf,
  fields: Value | undefined,
  distinct: readonly (Value | undefined)[],
  site: Site,
): BuilderOf {
  const builder = startBuilder('select', database, fields ?? null)
  const fragments = readFragments(run, database, [fields, ...distinct], site)
  const added = addUses(builder, 'read', distinct)
  return { ...added, inner: [...added.inner, ...fragments] }
}
