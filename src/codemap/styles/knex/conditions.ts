import { columnTerm, type Term, use } from '../../builders/query.ts'
import { itemsOf, literalsOf, membersOf, textOf } from '../../read-value.ts'
import type { SqlText } from '../../sql/sql-text.ts'
import { atomsOf, type Value } from '../../value.ts'
import { rawSql } from './raw.ts'
import { type Inside, refTerms, valueTerms } from './terms.ts'
import { allOf, type Step } from './values.ts'

const EQUALITY = new Set(['=', '!=', '<>', 'in', 'not in', 'is', 'is not'])

/** Notes what a condition names; false where the call is none. */
export function applyCondition(inside: Inside, step: Step, applyPart: (value: Value) => void): boolean {
  const kind = CONDITION.exec(step.method)?.[1]?.toLowerCase()
  if (kind === undefined) return false
  const { args } = step
  const [first] = args
  for (const builder of allOf(first, 'builder')) if (builder.head.is === 'part') applyPart(first as Value)
  use(inside.query, 'filtered', termsOf(inside, kind, step))
  return true
}

/** `andWhereNotIn`: the part behind the names that all have. */
const CONDITION =
  /^(?:and|or)?(?:where|having|on(?!Conflict))(?:Not)?(Raw|In|Null|Exists|Between|Like|ILike|Column|JsonObject|JsonPath|JsonSupersetOf|JsonSubsetOf|JsonNotObject|Val|Composite|InComposite|NotNull|Wrapped|)$/i

function termsOf(inside: Inside, kind: string, { method, args, site }: Step): Term[] {
  const [first, second, third] = args
  switch (kind) {
    case 'raw':
      return [{ is: 'sql', text: rawSql(first, second), site }]
    case 'in': {
      const literals = first?.kind === 'array' ? [] : literalsOf(second)
      return [...refTerms(inside, first, literals), ...valueTerms(inside, second)]
    }
    case 'null':
    case 'notnull':
      return refTerms(inside, first, [null])
    case 'exists':
      for (const builder of allOf(first, 'builder')) for (const query of inside.nest(builder)) query.isExists = true
      return rawTerms(inside, first)
    case 'between':
    case 'like':
    case 'ilike':
    case 'jsonobject':
    case 'jsonnotobject':
    case 'jsonpath':
    case 'jsonsupersetof':
    case 'jsonsubsetof':
      return [...refTerms(inside, first), ...valueTerms(inside, second)]
    case 'column':
      return [first, third ?? second].flatMap((one) => refTerms(inside, one))
    default:
      // `on` compares columns with columns, but for `onVal`.
      return /^(and|or)?on/i.test(method) && kind !== 'val'
        ? joinTerms(inside, args)
        : comparedTerms(inside, first, second, third)
  }
}

function rawTerms(inside: Inside, value: Value | undefined): Term[] {
  return allOf(value, 'raw').length > 0 ? refTerms(inside, value) : []
}

/** `where({ … })`, `where(column, value)`, `where(column, operator, value)`, `where(raw)`, `where(true)`. */
export function comparedTerms(
  inside: Inside,
  first?: Value | undefined,
  second?: Value | undefined,
  third?: Value | undefined,
): Term[] {
  if (first === undefined) return []
  if (second === undefined) return atomsOf(first).flatMap((atom) => objectTerms(inside, atom))
  const isEqual = third === undefined || EQUALITY.has((textOf(second) ?? '').toLowerCase())
  const value = third ?? second
  return [...refTerms(inside, first, isEqual ? literalsOf(value) : []), ...valueTerms(inside, value)]
}

function objectTerms(inside: Inside, atom: Value): Term[] {
  if (atom.kind === 'literal') return []
  if (atom.kind === 'library') return rawTerms(inside, atom)
  if (atom.kind !== 'object') return [{ is: 'unknown' }]
  const { members, complete } = membersOf(atom)
  const terms = members.flatMap(([name, member]) => [
    columnTerm(name, literalsOf(member)),
    ...valueTerms(inside, member),
  ])
  return complete ? terms : [...terms, { is: 'unknown' }]
}

/** `on('a.id', 'b.a_id')`, `on('a.id', '=', 'b.a_id')`, `on({ 'a.id': 'b.a_id' })`, SQL. */
export function joinTerms(inside: Inside, args: readonly Value[]): Term[] {
  const [first, second, third] = args
  if (first?.kind === 'object' && second === undefined)
    return membersOf(first).members.flatMap(([name, member]) => [columnTerm(name), ...refTerms(inside, member)])
  return [first, third ?? second].flatMap((one) => (allOf(one, 'builder').length > 0 ? [] : refTerms(inside, one)))
}

/** SQL as a term of its own. */
export function sqlTerm(text: SqlText, { site }: Step): Term {
  return { is: 'sql', text, site }
}

/** `['a', { column: 'b', order: 'desc' }]` */
export function orderTerms(inside: Inside, value: Value | undefined): Term[] {
  return itemsOf(value).items.flatMap((item) =>
    atomsOf(item).flatMap((atom) => {
      if (atom.kind !== 'object') return refTerms(inside, atom)
      return membersOf(atom).members.flatMap(([name, member]) => (name === 'column' ? refTerms(inside, member) : []))
    }),
  )
}
