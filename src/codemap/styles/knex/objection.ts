import { placeKey } from '../../access-book.ts'
import { snakeCase } from '../../builders/casing.ts'
import { textOf } from '../../read-value.ts'
import type { Site } from '../../style.ts'
import { array, atomsOf, object, text, unknown, type Value } from '../../value.ts'
import { addStep, type KnexRun, openTable, startBuilder } from './chain.ts'
import { callClient } from './client.ts'
import { optionsOf } from './mappers.ts'
import { findRelation, openRelations, relationTables } from './relations.ts'
import { allOf, type BuilderOf, type ClientOf, type Head, knex, knexOf } from './values.ts'

const CLIENT: ClientOf = { is: 'client', home: null, transaction: null }

/** What Objection exports besides `Model`. */
export function callObjection(run: KnexRun, name: string, args: readonly Value[], site: Site): Value | undefined {
  const [first, second] = args
  if (name === 'knexSnakeCaseMappers' || name === 'snakeCaseMappers')
    return object({ wrapIdentifier: knex({ is: 'mapper', options: first ?? null }) })
  if (name === 'transaction') {
    const [client = CLIENT] = allOf(first, 'client')
    return callClient(run, client, 'transaction', second ? [second] : [], site)
  }
  return name === 'raw' || name === 'ref' ? callClient(run, CLIENT, name, args, site) : undefined
}

/** `Person.query()`, `person.$relatedQuery('pets')`, `Person.transaction(…)`: `site.self` is the class or an instance. */
export function callModel(run: KnexRun, method: string, args: readonly Value[], site: Site): Value | undefined {
  const [first, second] = args
  const { self } = site
  const model = self.kind === 'instance' ? self.of : self
  switch (method) {
    case 'query':
      return knex(startModel(run, model, first, site))
    case '$query': {
      const query = startModel(run, model, first, site)
      return knex(addStep(run, query, 'findById', [unknown('it is the key of the row')], site))
    }
    case 'relatedQuery':
    case '$relatedQuery': {
      const relation = findRelation(model, textOf(first) ?? '', site)
      if (!relation) {
        site.unresolved(null, `the relation ${textOf(first) ?? ''} is not known`)
        return undefined
      }
      const builder = startBuilder(run, clientOf(second), 'query', modelHead(relation.model, site))
      const [target, ...through] = relationTables(relation)
      for (const table of through) openTable(run, builder, table.name, 'select', site).filtered(table.columns)
      const named = addStep(run, builder, 'from', [target?.table ?? unknown('the relation says none')], site)
      return knex(
        addStep(
          run,
          named,
          'where',
          (target?.columns ?? []).slice(0, 1).flatMap((one) => [text(one), unknown('')]),
          site,
        ),
      )
    }
    case '$fetchGraph':
    case '$loadRelated':
    case 'fetchGraph':
      openRelations(run, startBuilder(run, CLIENT, 'part'), model, method === 'fetchGraph' ? second : first, true, site)
      return self
    case 'bindKnex':
    case 'bindTransaction':
      return model
    case 'knex':
    case '$knex':
      return knex(CLIENT)
    case 'startTransaction':
      return knex({ ...CLIENT, transaction: placeKey(site.place) })
    case 'transaction': {
      const [client = CLIENT] = allOf(first, 'client')
      const callback = second ?? first
      return callback && callClient(run, client, 'transaction', [callback], site)
    }
    case 'raw':
    case 'ref':
      return callClient(run, CLIENT, method, args, site)
    default:
      return undefined
  }
}

function clientOf(value: Value | undefined): ClientOf {
  return allOf(value, 'client')[0] ?? CLIENT
}

function startModel(run: KnexRun, model: Value, transaction: Value | undefined, site: Site): BuilderOf {
  const builder = startBuilder(run, clientOf(transaction), 'query', modelHead(model, site))
  return addStep(run, builder, 'from', [site.member(model, 'tableName')], site)
}

/** What the class says of its rows. */
function modelHead(model: Value, site: Site): Pick<Head, 'model' | 'casing' | 'key'> {
  const id = site.member(model, 'idColumn')
  const mappers = site.member(model, 'columnNameMappers')
  const wrap = mappers.kind === 'object' ? mappers.get('wrapIdentifier') : undefined
  const isMapped = wrap !== undefined && knexOf(wrap)?.is === 'mapper'
  return {
    model,
    key: atomsOf(id).flatMap((atom) => (atom.kind === 'text' ? [atom.text] : [])),
    casing: isMapped ? (name) => snakeCase(name, optionsOf(wrap)) : null,
  }
}

/** Rows of a model are its instances. */
export function awaitedModel({ head, chain }: BuilderOf, site: Site): Value {
  const { model } = head
  if (model?.kind !== 'class') return unknown('it comes from the database')
  const one = site.instance(model)
  let isOne = false
  for (let at: typeof chain | null = chain; at; at = at.before) isOne ||= ONE.test(at.step?.method ?? '')
  return isOne ? one : array([one], false)
}

const ONE = /^(findById|findOne|first|insert|insertAndFetch|insertGraph|(patch|update)AndFetch(ById)?)$/
