import { itemsOf, memberValue, textOf } from '../../read-value.ts'
import type { Site } from '../../style.ts'
import { array, object, unknown, type Value } from '../../value.ts'
import { type Model, modelOfClass, type RelationKind, refOf, type SequelizeRun, textsIn } from './models.ts'
import { MODEL_METHODS } from './tell-models.ts'
import { isAccessor, ROW_METHODS } from './tell-rows.ts'
import { allOf, classOf, type ModelRef, type RowOf, sequelize, sequelizeOf } from './values.ts'

const RELATIONS = new Set(['hasMany', 'hasOne', 'belongsTo', 'belongsToMany'])

/** A model as calls see it: `define` gave it, or it is a class of the project. */
export interface CalledModel {
  readonly ref: ModelRef
  /** Null for a model of which only the name is known. */
  readonly model: Model | null
  readonly value: Value
  readonly scopes: readonly Value[] | null
}

/** `Post.findAll(…)`, `Post.init(…)`, `Post.hasMany(…)`, `Post.scope(…)`. */
export function callModel(
  run: SequelizeRun,
  called: CalledModel,
  method: string,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  const { ref, model, value, scopes } = called
  const [first, second] = args
  if (RELATIONS.has(method)) {
    if (model && first) relate(model, method as RelationKind, first, second, site)
    return sequelize({ is: 'association', alias: textOf(memberValue(second, 'as')), target: first ?? null })
  }
  switch (method) {
    case 'init':
      if (model) define(model, first ?? object({}), second ?? null)
      return value
    case 'addScope':
      for (const name of model ? textsIn(first) : []) if (second) model?.scopes.set(name, second)
      return undefined
    case 'scope':
    case 'withScope':
      return sequelize({ is: 'scoped', ref, scopes: [...(scopes ?? []), ...args] })
    case 'unscoped':
    case 'withoutScope':
      return sequelize({ is: 'scoped', ref, scopes: [] })
    case 'schema':
      return value
    case 'build':
      return rowsOf(site, ref, value, { values: first ?? null })
    case 'bulkBuild':
      return array([rowsOf(site, ref, value, { values: null })], false)
    default:
      break
  }
  if (!MODEL_METHODS.has(method)) return undefined
  run.pending.push({ on: 'model', ref, method, args, scopes, row: null, site })
  return resultOf(method, rowsOf(site, ref, value, null))
}

/** What an association is declared by counts once for each place. */
function relate(model: Model, kind: RelationKind, target: Value, options: Value | undefined, site: Site): void {
  const { line, column, file } = site.place
  const as = textOf(memberValue(options, 'as')) ?? ''
  const key = `${file}:${line}:${column} ${as}`
  const known = model.relations.get(key)
  if (known && target.kind === 'unknown') return
  const draft = { kind, target, options: options ?? null, alias: null, foreignKey: null, through: null, site }
  model.relations.set(key, draft)
}

function define(model: Model, attributes: Value, options: Value | null): void {
  const [client = null] = allOf(memberValue(options ?? undefined, 'sequelize'), 'client')
  const others = model.definitions.filter((one) => one.attributes !== attributes)
  model.definitions.splice(0, model.definitions.length, ...others, { attributes, options, client })
}

/** A row, which keeps the methods of its class. */
function rowsOf(site: Site, ref: ModelRef, value: Value, fresh: RowOf['fresh']): Value {
  const instance = value.kind === 'class' ? site.instance(value) : null
  return sequelize({ is: 'row', ref, fresh, self: instance?.kind === 'instance' ? instance : null })
}

function resultOf(method: string, row: Value): Value {
  switch (method) {
    case 'findAll':
    case 'bulkCreate':
      return array([row], false)
    case 'findAndCountAll':
      return object({ rows: array([row], false), count: unknown('it comes from the database') })
    case 'findOrCreate':
    case 'findOrBuild':
    case 'findCreateFind':
    case 'upsert':
      return array([row, unknown('it comes from the database')])
    case 'findOne':
    case 'findByPk':
    case 'findById':
    case 'create':
      return row
    default:
      return unknown('it comes from the database')
  }
}

/** `post.save()`, `post.getComments()`. */
export function callRow(
  run: SequelizeRun,
  row: RowOf,
  method: string,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  if (!ROW_METHODS.has(method) && !isAccessor(method)) return undefined
  run.pending.push({ on: 'row', ref: row.ref, method, args, scopes: null, row, site })
  if (ROW_METHODS.has(method)) return sequelize({ ...row, fresh: null })
  const given = method.startsWith('$') ? textOf(itemsOf(args[0]).items[0]) : method.replace(/^[a-z]+/, '')
  const alias = given === null ? '' : method.startsWith('$') ? given : given.charAt(0).toLowerCase() + given.slice(1)
  const related = sequelize({ is: 'row', ref: { by: 'alias', of: row.ref, alias }, fresh: null, self: null })
  // A list where it is one: what is done with each of them is done with it.
  return /^\$?(get|create)/.test(method) ? related : undefined
}

/** The model on which a call is made: by the class around it, or what the receiver is. */
export function calledModel(run: SequelizeRun, receiver: Value, self: Value): CalledModel | null {
  const of = classOf(self)
  if (of) {
    const model = modelOfClass(run, of)
    return { ref: refOf(model), model, value: of, scopes: null }
  }
  const known = sequelizeOf(receiver)
  if (known?.is !== 'model' && known?.is !== 'scoped') return null
  const { ref } = known
  const model = ref.by === 'key' ? (run.models.get(ref.key) ?? null) : null
  const value = known.is === 'model' ? receiver : (model?.of ?? receiver)
  return { ref, model, value, scopes: known.is === 'scoped' ? known.scopes : null }
}
