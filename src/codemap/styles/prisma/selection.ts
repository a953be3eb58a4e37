import { membersOf } from '../../read-value.ts'
import { atomsOf, type Value } from '../../value.ts'
import { columnsNamed, columnsWithin, memberOf, readHaving, readOrder, readWhere } from './conditions.ts'
import { type ModelAccess, readRelated } from './model-access.ts'

/**
 * Reads which rows and columns a query asks for: `select`, `include`, `omit`, `where`, `orderBy`, `cursor`, `distinct`,
 * and the same within its relations. Without `select`, Prisma gives all columns of the table.
 */
export function readQuery(on: ModelAccess, args: Value | undefined): void {
  readRows(on, args)
  readResult(on, args)
}

/** Which rows: everything but the columns that come back. */
function readRows(on: ModelAccess, args: Value | undefined): void {
  const { access, model } = on
  const part = (name: string): Value | undefined => memberOf(args, name)
  const where = part('where')
  const order = part('orderBy')
  const cursor = part('cursor')
  const distinct = part('distinct')
  if (where !== undefined) readWhere(on, where)
  if (order !== undefined) readOrder(on, order)
  if (cursor !== undefined) readWhere(on, cursor)
  if (distinct !== undefined) access.read(columnsNamed({ ...on, model }, distinct))
}

/** Which columns come back, of this table and of those that it is asked for along the way. */
export function readResult(on: ModelAccess, args: Value | undefined): void {
  const select = memberOf(args, 'select')
  const include = memberOf(args, 'include')
  if (select !== undefined) readSelect(on, select)
  if (include !== undefined) readSelect(on, include)
  if (select === undefined || include !== undefined || hasUndefined(select)) on.access.unknownColumns()
  if (args !== undefined && !membersOf(args).complete && select === undefined) on.access.unknownColumns()
}

const hasUndefined = (value: Value): boolean =>
  atomsOf(value).some((atom) => atom.kind === 'literal' && atom.value === undefined)

function readSelect(on: ModelAccess, select: Value): void {
  const { model, access } = on
  if (!membersOf(select).complete) access.unknownColumns()
  for (const [name, value] of membersOf(select).members) {
    if (isOff(value)) continue
    const column = model.columns.get(name)
    const relation = model.relations.get(name)
    if (column !== undefined) access.read([column.column])
    else if (name === '_count') readCounts(on, value)
    else if (relation !== undefined) {
      const related = readRelated(on, relation)
      if (related !== undefined) readQuery(related, value)
    }
  }
}

/** `false` or `undefined` and nothing else: the member isn't asked for. */
function isOff(value: Value): boolean {
  return atomsOf(value).every((atom) => atom.kind === 'literal' && !atom.value)
}

/** `_count: true` counts every list, `_count: { select: { posts: { where } } }` those that it names. */
function readCounts(on: ModelAccess, value: Value): void {
  const named = memberOf(value, 'select')
  const lists = [...on.model.relations].filter(([, { list }]) => list)
  for (const [name, relation] of lists) {
    const asked = named === undefined ? undefined : memberOf(named, name)
    if (named !== undefined && (asked === undefined || isOff(asked))) continue
    const related = readRelated(on, relation)
    const where = memberOf(asked, 'where')
    if (related !== undefined && where !== undefined) readWhere(related, where)
  }
}

const AGGREGATES = ['_sum', '_avg', '_min', '_max', '_count']

/** Reads the arguments of `count`, `aggregate` and `groupBy`. */
export function readAggregate(on: ModelAccess, args: Value | undefined): void {
  readRows(on, args)
  const by = memberOf(args, 'by')
  const having = memberOf(args, 'having')
  const select = memberOf(args, 'select')
  if (by !== undefined) on.access.read(columnsNamed(on, by))
  if (having !== undefined) readHaving(on, having)
  if (select !== undefined) on.access.read(columnsWithin(on, select))
  for (const name of AGGREGATES) {
    const fields = memberOf(args, name)
    if (fields !== undefined) on.access.read(columnsWithin(on, fields))
  }
}
