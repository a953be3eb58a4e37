import { itemsOf, membersOf, textOf, textsOf } from '../../read-value.ts'
import type { Site } from '../../style.ts'
import { array, atomsOf, union, unknown, type Value } from '../../value.ts'
import { addParameters, addText, type BuilderState, createState } from './builder-state.ts'
import { decide, nameMain, startWrite } from './builder-table.ts'
import type { TypeOrmRun } from './entities.ts'
import { columnAt, type Opening } from './entity-access.ts'
import { readFind, readWhere } from './find-options.ts'
import { joinAlias } from './query-joins.ts'
import { writeRows } from './rows.ts'
import { allOf, typeorm } from './values.ts'

const JOIN = /^(left|inner)Join(AndSelect|AndMapOne|AndMapMany)?$/

const CONDITIONS = new Set([
  'where',
  'andWhere',
  'orWhere',
  'having',
  'andHaving',
  'orHaving',
  'whereExists',
  'andWhereExists',
  'orWhereExists',
])

const ORDERS = new Set(['orderBy', 'addOrderBy'])

const GETS_ONE = new Set(['getOne', 'getOneOrFail'])

/** Names of the methods by which a query builder is begun, continued or run. */
export const BUILDER_METHODS: readonly string[] = [
  'createQueryBuilder',
  'getMany',
  'getOne',
  'getOneOrFail',
  'getRawMany',
  'getRawOne',
  'getManyAndCount',
  'getCount',
  'execute',
  'andWhere',
  'where',
  'orWhere',
  'leftJoinAndSelect',
  'innerJoinAndSelect',
  'leftJoin',
  'innerJoin',
  'subQuery',
  'select',
  'from',
  'into',
  'relation',
]

/** A method of a query builder. */
export function callBuilder(
  run: TypeOrmRun,
  state: BuilderState,
  method: string,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  const opening: Opening = { run, site, manager: state.manager }
  const self = typeorm({ is: 'builder', state })
  const [first, second] = args
  switch (method) {
    case 'update':
    case 'delete':
    case 'insert':
    case 'softDelete':
    case 'restore':
      startWrite(opening, state, method, args)
      return self
    case 'relation':
      return typeorm({
        is: 'relation builder',
        manager: state.manager,
        target:
          second === undefined
            ? (state.target?.value ?? unknown('it names no entity'))
            : (first ?? unknown('it names no entity')),
        property: second ?? first ?? unknown('it names no relation'),
      })
    case 'from':
    case 'addFrom':
    case 'into':
      nameMain(opening, state, method, args, self)
      return self
    case 'set':
    case 'values':
      for (const on of state.main) writeRows(on, first)
      return self
    case 'orUpdate':
    case 'orIgnore':
    case 'onConflict':
      makeUpsert(state, method === 'orUpdate' ? second : undefined)
      return self
    case 'returning':
    case 'output':
      for (const { access } of state.main) access.returning()
      readReturning(state, first)
      return self
    case 'subQuery':
    case 'createQueryBuilder':
      return typeorm({ is: 'builder', state: createState(state.manager, null) })
    case 'clone':
    case 'getQuery':
    case 'getSql':
    case 'getParameters':
      return method === 'clone' ? self : unknown('it is SQL that TypeORM makes')
    case 'setParameter':
      return withParameter(state, first, second, self)
    case 'setParameters':
      addParameters(state, first)
      return self
    default:
      return callSelect(opening, state, method, args, self)
  }
}

function callSelect(
  opening: Opening,
  state: BuilderState,
  method: string,
  args: readonly Value[],
  self: Value,
): Value | undefined {
  decide(state, 'select')
  const [first, second] = args
  if (
    method === 'select' ||
    method === 'addSelect' ||
    method === 'distinctOn' ||
    method === 'groupBy' ||
    method === 'addGroupBy'
  ) {
    if (method === 'select' && first !== undefined) state.narrowed = true
    for (const item of itemsOf(first).items) readSelected(opening, state, item, self)
    return self
  }
  if (JOIN.test(method)) {
    joinAlias(opening, state, method, args, self)
    return self
  }
  if (CONDITIONS.has(method)) {
    readCondition(opening, state, first, second, self)
    return self
  }
  if (method.endsWith('InIds')) {
    for (const on of state.main)
      for (const [path, { primary }] of on.entity.columns) if (primary) on.access.filtered([columnAt(on, path) ?? path])
    return self
  }
  if (ORDERS.has(method)) {
    addText(state, 'ordered', first)
    for (const [name] of membersOf(first).members) addText(state, 'ordered', { kind: 'text', text: name, via: [] })
    return self
  }
  if (method === 'setFindOptions') {
    for (const on of state.main) readFind(on, first)
    return self
  }
  return result(state, method, self)
}

function result(state: BuilderState, method: string, self: Value): Value | undefined {
  const instances = state.main.map(({ entity }) => entity.instance ?? unknown('it comes from the database'))
  if (GETS_ONE.has(method) && instances.length > 0) return union(instances)
  if (method === 'getMany' && instances.length > 0) return array(instances, false)
  if (method === 'getManyAndCount' && instances.length > 0)
    return array([array(instances, false), unknown('it is a number')])
  if (method === 'getCount' || method === 'getExists') state.narrowed = true
  if (method.startsWith('get') || method === 'execute' || method === 'stream')
    return unknown('it comes from the database')
  return self
}

function makeUpsert(state: BuilderState, conflict: Value | undefined): void {
  for (const { access } of state.main) {
    access.operation = 'upsert'
    const columns = itemsOf(conflict).items.flatMap((item) => textsOf(item).texts)
    if (columns.length > 0) access.conflict(columns)
  }
}

function readReturning(state: BuilderState, columns: Value | undefined): void {
  const texts = itemsOf(columns).items.flatMap((item) => textsOf(item).texts)
  for (const on of state.main) {
    if (texts.length === 0 || texts.includes('*')) on.access.unknownColumns()
    for (const text of texts.filter((one) => one !== '*')) on.access.read([columnAt(on, text) ?? text])
  }
}

function withParameter(state: BuilderState, name: Value | undefined, value: Value | undefined, self: Value): Value {
  const known = textOf(name)
  if (known !== null && value !== undefined)
    addParameters(state, { kind: 'object', complete: true, names: () => [known], get: () => value })
  return self
}

/** `select('post.title', 'title')`, `select(['post', 'author.name'])`, `addSelect((qb) => …, 'total')`. */
function readSelected({ site }: Opening, state: BuilderState, item: Value, self: Value): void {
  if (atomsOf(item).some(({ kind }) => kind === 'function')) site.call(item, [self])
  else addText(state, 'read', item)
}

/** A condition is text, a function that makes text, brackets around others, or an object as `find` takes it. */
function readCondition(
  opening: Opening,
  state: BuilderState,
  condition: Value | undefined,
  parameters: Value | undefined,
  self: Value,
): void {
  if (condition === undefined) return
  for (const atom of atomsOf(condition)) {
    const [brackets] = allOf(atom, 'brackets')
    if (brackets?.work != null) opening.site.call(brackets.work, [self])
    else if (atom.kind === 'function') addText(state, 'filtered', opening.site.call(atom, [self]))
    else if (atom.kind === 'object' || atom.kind === 'array') for (const on of state.main) readWhere(on, atom)
    else addText(state, 'filtered', atom)
  }
  addParameters(state, parameters)
}
