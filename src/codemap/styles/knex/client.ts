import { placeKey } from '../../access-book.ts'
import type { Site } from '../../style.ts'
import { array, atomsOf, text as textValue, union, type Value } from '../../value.ts'
import { addStep, type KnexRun, markParts, startBuilder } from './chain.ts'
import { rawSql } from './raw.ts'
import { allOf, type BuilderOf, type ClientOf, knex, type RawOf } from './values.ts'

/** `knex('posts')`, `knex.select(…)`, `knex.raw(…)`, `knex.transaction(…)`: a client or a transaction. */
export function callClient(
  run: KnexRun,
  client: ClientOf,
  method: string | null,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  const [first, second, third] = args
  switch (method) {
    case null:
      return knex(addStep(run, startBuilder(run, client, 'query'), 'from', args, site))
    case 'raw':
      return first && makeRaw(run, client, first, second, site)
    case 'ref':
      return first && knex({ is: 'ref', name: first, alias: null })
    case 'queryBuilder':
      return knex(startBuilder(run, client, 'query'))
    case 'batchInsert': {
      if (!first || !second) return undefined
      const into = addStep(run, startBuilder(run, client, 'query'), 'into', [first], site)
      return knex(addStep(run, into, 'batchInsert', [second], site))
    }
    case 'transaction': {
      const inner: ClientOf = { ...client, transaction: placeKey(site.place) }
      return first?.kind === 'function' ? site.call(first, [knex(inner)]) : knex(inner)
    }
    case 'transactionProvider':
      return knex({ is: 'provider', client: { ...client, transaction: placeKey(site.place) } })
    case 'savepoint':
      return first && site.call(first, [knex(client)])
    case 'withUserParams':
      return knex(client)
    default:
      if (method === 'into' && third) return undefined
      return STARTS.test(method)
        ? knex(addStep(run, startBuilder(run, client, 'query'), method, args, site))
        : undefined
  }
}

/** What a query can begin with besides its table. */
const STARTS =
  /^(select|columns?|first|pluck|distinct|from(Raw)?|table|into|insert|update|with(Recursive|Schema|Materialized|NotMaterialized)?|union(All)?|del|delete|count|min|max|sum|avg|(and|or)?where\w*|\w*[jJ]oin)$/

function makeRaw(run: KnexRun, client: ClientOf, text: Value, bindings: Value | undefined, site: Site): Value {
  if (bindings) markParts(bindings)
  const continued = continuedQuery(run, text, site)
  if (continued) return continued
  const use = { isPart: false, transaction: client.transaction }
  const raw: RawOf = { is: 'raw', text: rawSql(text, bindings), site, client, alias: null, use }
  run.raws.add(raw)
  return knex(raw)
}

/** `raw(`${insert.toQuery()} ON CONFLICT (id) …`)`: the text of a builder goes on. */
function continuedQuery(run: KnexRun, text: Value, site: Site): Value | undefined {
  const made = atomsOf(text).map((atom): Value | undefined => {
    if (atom.kind !== 'template' || atom.parts[0] !== '') return undefined
    const builders = allOf(atom.holes[0], 'builder')
    return builders.length > 0
      ? union(builders.map((one) => continueBuilder(run, one, atom.parts[1], site)))
      : undefined
  })
  const known = made.filter((one) => one !== undefined)
  return known.length === made.length && known.length > 0 ? union(known) : undefined
}

function continueBuilder(run: KnexRun, builder: BuilderOf, text: string | undefined, site: Site): Value {
  const conflict = /^\s*on\s+conflict\s*(?:\(([^)]*)\))?/i.exec(text ?? '')
  if (!conflict) return knex(builder)
  const columns = (conflict[1] ?? '').split(',').map((column) => column.trim().replaceAll('"', ''))
  const target = array(columns.filter((column) => column !== '').map((column) => textValue(column)))
  return knex(addStep(run, builder, 'onConflict', [target], site))
}

export function callRaw(of: RawOf, method: string, args: readonly Value[]): Value | undefined {
  if (method === 'transacting') {
    const [client] = args
    const transaction =
      client?.kind === 'library' ? ((client.of as { transaction?: string | null }).transaction ?? null) : null
    of.use.transaction = transaction
  }
  if (method === 'wrap' || method === 'as' || method === 'toString' || method === 'toQuery') of.use.isPart = true
  if (method === 'as') return knex({ ...of, alias: args[0] ?? null })
  return PROMISED.test(method) ? undefined : knex(of)
}

const PROMISED = /^(then|catch|finally)$/

/** Calls on a builder: each is a step, but for those that say nothing of the query. */
export function callBuilder(
  run: KnexRun,
  of: BuilderOf,
  method: string,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  if (PROMISED.test(method)) return undefined
  if (method === 'clone' || method === 'queryBuilder' || method === 'toQuery' || method === 'toString') return knex(of)
  if (method === 'modify' && args[0]) {
    const self = knex(of)
    site.call(args[0], [self, ...args.slice(1)], self)
    return self
  }
  return knex(addStep(run, of, method, args, site))
}
