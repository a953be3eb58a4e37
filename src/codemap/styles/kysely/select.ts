import { type Query, type Term, use } from '../../builders/query.ts'
import { textOf } from '../../read-value.ts'
import type { Site } from '../../style.ts'
import type { Value } from '../../value.ts'
import { addSources, type KyselyRun, queryOf } from './tables.ts'
import { conditionTerms, refTerms, selectedOutputs } from './terms.ts'
import { type BuilderOf, type ClientOf, type ExpressionsOf, kysely } from './values.ts'

/** `selectFrom(…)`; `parent` is the query around it, where it is made inside of one. */
export function selectFrom(
  run: KyselyRun,
  client: ClientOf,
  parent: Query | null,
  from: Value | undefined,
  site: Site,
): Value {
  const first = queryOf(run, null, parent)
  if (from) addSources(run, client, first, from, null, site)
  const access = first.sources.find((source) => source.access)?.access ?? null
  const query = queryOf(run, access, parent)
  if (query !== first) {
    run.queries.delete(first)
    if (from) addSources(run, client, query, from, null, site)
  }
  return builder({ is: 'builder', kind: 'select', client, query, target: null, named: false, does: [] })
}

export function builder(of: BuilderOf): Value {
  return kysely(of)
}

export function expressionsOf({ client, query }: { client: ClientOf; query: Query }): ExpressionsOf {
  return { is: 'expressions', client, query }
}

const JOINS = /^(inner|left|right|full|cross)Join(Lateral)?$|^(cross|outer)Apply$/

/** What all builders can do that have tables: conditions, joins, orders, selections. Undefined: something else. */
export function callClauses(
  run: KyselyRun,
  of: BuilderOf,
  method: string,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  const { client, query } = of
  const about = expressionsOf(of)
  const self = kysely(of)
  if (JOINS.test(method)) {
    const isLateral = /Lateral|Apply/.test(method)
    if (args[0]) addSources(run, client, query, args[0], isLateral ? query : null, site)
    joinOn(of, args.slice(1), site)
    return self
  }
  switch (method) {
    case 'where':
    case 'having':
      use(query, 'filtered', conditionTerms(args, about, site))
      return self
    case 'whereRef':
    case 'havingRef':
      use(query, 'filtered', [...refTerms(args[0], about, site), ...refTerms(args[2], about, site)])
      return self
    case 'orderBy':
      use(query, 'ordered', orderTerms(args[0], about, site))
      return self
    case 'groupBy':
    case 'distinctOn':
      use(query, 'read', refTerms(args[0], about, site))
      return self
    case 'select':
    case 'returning':
    case 'output': {
      const outputs = selectedOutputs(args[0], about, site)
      addOutputs(of, outputs)
      return self
    }
    case 'selectAll':
    case 'returningAll':
    case 'outputAll': {
      const tables = args.length === 0 ? [null] : starsOf(args[0])
      addOutputs(
        of,
        tables.map((table) => ({ name: null, terms: [{ is: 'star', of: table }] })),
      )
      return self
    }
    case '$if':
      if (args[1]) site.call(args[1], [self])
      return self
    case '$call':
      return args[0] && site.call(args[0], [self])
    case 'as':
      return args[0] && kysely({ is: 'aliased', alias: args[0], of })
    case 'union':
    case 'unionAll':
    case 'intersect':
    case 'intersectAll':
    case 'except':
    case 'exceptAll':
      if (args[0]?.kind === 'function') site.call(args[0], [kysely({ is: 'expressions', client, query: query.parent })])
      return self
    default:
      return undefined
  }
}

function addOutputs(of: BuilderOf, outputs: ReturnType<typeof selectedOutputs>): void {
  of.query.outputs.push(...outputs)
  for (const { terms } of outputs) use(of.query, 'read', terms)
  if (of.kind !== 'select') of.target?.returning()
}

/** Written rows are the target's alone: of `returningAll()` in a delete with `using`, of all tables. */
function starsOf(value: Value | undefined): (string | null)[] {
  const { items } = value?.kind === 'array' ? value : { items: value ? [value] : [] }
  return items.map((item) => textOf(item))
}

/** `orderBy('a')`, `orderBy('a desc')`, `orderBy(['a', 'b desc'])`, expressions and callbacks. */
function orderTerms(value: Value | undefined, about: ExpressionsOf, site: Site) {
  return refTerms(value, about, site).map((term) => {
    if (term.is !== 'column') return term
    const last = term.path.at(-1) ?? ''
    return { ...term, path: [...term.path.slice(0, -1), last.replace(/\s+(asc|desc)$/i, '')] }
  })
}

/** `innerJoin(table, 'a.id', 'b.a_id')`, `innerJoin(table, (join) => join.onRef(…))`. */
export function joinOn(of: BuilderOf, args: readonly Value[], site: Site): void {
  const { client, query } = of
  const [left, right] = args
  const about = expressionsOf(of)
  if (left?.kind === 'function') site.call(left, [kysely({ is: 'join', client, query })])
  else noteMatch(query, [...refTerms(left, about, site), ...refTerms(right, about, site)])
}

function noteMatch(query: Query, terms: readonly Term[]): void {
  use(query, 'filtered', terms)
  query.matched.push(...terms)
}

/** `join` of `innerJoin('posts', (join) => join.onRef(…))`. */
export function callJoin(
  of: { readonly client: ClientOf; readonly query: Query },
  method: string,
  args: readonly Value[],
  site: Site,
): Value {
  const about = expressionsOf(of)
  if (method === 'on') noteMatch(of.query, conditionTerms(args, about, site))
  if (method === 'onRef') noteMatch(of.query, [...refTerms(args[0], about, site), ...refTerms(args[2], about, site)])
  return kysely({ is: 'join', client: of.client, query: of.query })
}
