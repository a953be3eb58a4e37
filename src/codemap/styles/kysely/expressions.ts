import { type Term, use } from '../../builders/query.ts'
import { itemsOf, membersOf, textOf } from '../../read-value.ts'
import type { Site } from '../../style.ts'
import type { Value } from '../../value.ts'
import { selectFrom } from './select.ts'
import type { KyselyRun } from './tables.ts'
import { conditionTerms, objectTerms, refTerms, valueTerms } from './terms.ts'
import { allOf, type ExpressionOf, type ExpressionsOf, expression, kysely } from './values.ts'

/** The expression builder: `eb('state', '=', 'open')`, `eb.or([…])`, `eb.exists(eb.selectFrom(…))`, … */
export function callExpressions(
  run: KyselyRun,
  of: ExpressionsOf,
  method: string | null,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  const [first, second, third] = args
  switch (method) {
    case null:
      return expression(conditionTerms(args, of, site), of)
    case 'selectFrom':
      return selectFrom(run, of.client, of.query, first, site)
    case 'withSchema':
      return kysely({ ...of, client: { ...of.client, schema: first ?? null } })
    case 'and':
    case 'or':
      return expression(first?.kind === 'object' ? objectTerms(first, of, site) : refTerms(first, of, site), of)
    case 'exists':
      for (const builder of allOf(first, 'builder')) builder.query.isExists = true
      return expression(refTerms(first, of, site), of)
    case 'not':
    case 'neg':
    case 'parens':
    case 'any':
    case 'cast':
    case 'jsonPath':
    case 'ref':
      return expression(args.length === 3 ? conditionTerms(args, of, site) : refTerms(first, of, site), of)
    case 'unary':
      return expression(refTerms(second, of, site), of)
    case 'between':
    case 'betweenSymmetric':
      return expression(
        [...refTerms(first, of, site), ...valueTerms(second, of, site), ...valueTerms(third, of, site)],
        of,
      )
    case 'refTuple':
      return expression(
        args.flatMap((one) => refTerms(one, of, site)),
        of,
      )
    case 'tuple':
    case 'val':
    case 'lit':
      return expression(
        args.flatMap((one) => valueTerms(one, of, site)),
        of,
      )
    case 'table':
      return first && kysely({ is: 'table', name: first })
    case 'case':
      return expression(refTerms(first, of, site), of)
    default:
      return undefined
  }
}

/** Functions of which all arguments are columns: `fn.count('id')`, `fn('lower', ['name'])`. */
export function callFunctions(of: ExpressionsOf, method: string | null, args: readonly Value[], site: Site): Value {
  if (method === 'countAll') return expression([], of)
  if (method === 'toJson' || method === 'jsonAgg') {
    const table = textOf(args[0])
    return expression(table === null ? refTerms(args[0], of, site) : [{ is: 'star', of: table }], of)
  }
  const given = method === null || method === 'agg' ? itemsOf(args[1]).items : args
  return expression(
    given.flatMap((one) => refTerms(one, of, site)),
    of,
  )
}

/** What is said of an expression once it is there. */
export function callExpression(
  of: ExpressionOf,
  method: string,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  const [first] = args
  const { about } = of
  switch (method) {
    case 'as':
      return first && kysely({ is: 'aliased', alias: first, of })
    case 'and':
    case 'or':
    case 'when':
    case 'filterWhere':
    case 'having':
      return expression([...of.terms, ...conditionTerms(args, about, site)], about)
    case 'filterWhereRef':
      return expression([...of.terms, ...refTerms(first, about, site), ...refTerms(args[2], about, site)], about)
    case 'then':
    case 'else':
    case 'thenRef':
    case 'elseRef':
    case 'orderBy':
      return expression(
        [...of.terms, ...(/Ref|orderBy/.test(method) ? refTerms(first, about, site) : valueTerms(first, about, site))],
        about,
      )
    case 'over': {
      if (!first) return kysely(of)
      const over = site.call(first, [kysely({ is: 'over', of: about, terms: [] })])
      return expression([...of.terms, ...allOf(over, 'over').flatMap(({ terms }) => terms)], about)
    }
    case 'execute':
      return undefined
    default:
      return kysely(of)
  }
}

export function callOver(
  of: { readonly of: ExpressionsOf; readonly terms: readonly Term[] },
  method: string,
  args: readonly Value[],
  site: Site,
): Value {
  const terms = refTerms(args[0], of.of, site)
  if (method === 'partitionBy') return kysely({ is: 'over', of: of.of, terms: [...of.terms, ...terms] })
  if (method === 'orderBy' && of.of.query) use(of.of.query, 'ordered', terms)
  return kysely({ is: 'over', ...of })
}

/** `jsonArrayFrom(query)`, `jsonBuildObject({ name: eb.ref('name') })`. */
export function callHelper(name: string, args: readonly Value[], about: ExpressionsOf, site: Site): Value | undefined {
  if (name === 'jsonArrayFrom' || name === 'jsonObjectFrom') return expression([], about)
  if (name !== 'jsonBuildObject') return undefined
  return expression(
    membersOf(args[0]).members.flatMap(([, member]) => valueTerms(member, about, site)),
    about,
  )
}
