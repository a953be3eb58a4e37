import { columnTerm, type Output, splitAlias, type Term } from '../../builders/query.ts'
import type { Literal } from '../../interaction.ts'
import { itemsOf, literalsOf, membersOf, textOf } from '../../read-value.ts'
import type { Site } from '../../style.ts'
import { atomsOf, type Value } from '../../value.ts'
import { type ExpressionsOf, kysely, kyselyOf } from './values.ts'

/** What an argument names in which texts are columns; `literals` is what they are compared with. */
export function refTerms(
  value: Value | undefined,
  about: ExpressionsOf,
  site: Site,
  literals: readonly Literal[] = [],
): Term[] {
  if (value === undefined) return []
  return atomsOf(value).flatMap((atom): Term[] => {
    if (atom.kind === 'text') return [columnTerm(splitAlias(atom.text).name, literals)]
    if (atom.kind === 'array') return atom.items.flatMap((item) => refTerms(item, about, site, literals))
    if (atom.kind === 'function') return refTerms(site.call(atom, [kysely(about)]), about, site, literals)
    return otherTerms(atom, about, site, literals)
  })
}

/** What an argument names in which texts are values. */
export function valueTerms(value: Value | undefined, about: ExpressionsOf, site: Site): Term[] {
  if (value === undefined) return []
  return atomsOf(value).flatMap((atom): Term[] => {
    if (atom.kind === 'array') return atom.items.flatMap((item) => valueTerms(item, about, site))
    if (atom.kind === 'function') return valueTerms(site.call(atom, [kysely(about)]), about, site)
    // A value that comes from anywhere is a parameter.
    return atom.kind === 'library' ? otherTerms(atom, about, site, []) : []
  })
}

function otherTerms(atom: Value, about: ExpressionsOf, site: Site, literals: readonly Literal[]): Term[] {
  if (atom.kind === 'unknown' || atom.kind === 'template') return [{ is: 'unknown' }]
  const of = atom.kind === 'library' ? kyselyOf(atom) : undefined
  switch (of?.is) {
    case 'expression':
      return of.terms.map((term) =>
        term.is === 'column' && term.literals.length === 0 && literals.length > 0 ? { ...term, literals } : term,
      )
    case 'aliased':
      return otherTerms(kysely(of.of), about, site, literals)
    case 'raw':
      return [{ is: 'sql', text: of.text, site: of.site }]
    case 'ref':
      return refTerms(of.name, about, site, literals)
    case 'table':
      return [{ is: 'star', of: textOf(of.name) }]
    case 'over':
      return [...of.terms]
    default:
      return []
  }
}

/** `where(column, operator, value)`, `where(callback)`, `where(expression)`. */
export function conditionTerms(args: readonly Value[], about: ExpressionsOf, site: Site): Term[] {
  const [left, operator, right] = args
  if (operator === undefined) return refTerms(left, about, site)
  const literals = EQUALITY.has((textOf(operator) ?? '').toLowerCase()) ? literalsOf(right) : []
  return [...refTerms(left, about, site, literals), ...valueTerms(right, about, site)]
}

const EQUALITY = new Set(['=', '==', '!=', '<>', 'in', 'not in', 'is', 'is not', 'is distinct from'])

/** `eb.and({ state: 'open' })`. */
export function objectTerms(value: Value, about: ExpressionsOf, site: Site): Term[] {
  const { members, complete } = membersOf(value)
  const terms = members.flatMap(([name, member]) => [
    columnTerm(name, literalsOf(member)),
    ...valueTerms(member, about, site),
  ])
  return complete ? terms : [...terms, { is: 'unknown' }]
}

/** What a list of selections gives: `'p.id'`, `'p.id as key'`, an expression with an alias, a callback that gives such. */
export function selectedOutputs(value: Value | undefined, about: ExpressionsOf, site: Site): Output[] {
  const { items, complete } = itemsOf(value)
  const outputs = items
    .flatMap((item) => atomsOf(item))
    .flatMap((atom): Output[] => {
      if (atom.kind === 'array') return selectedOutputs(atom, about, site)
      if (atom.kind === 'function') return selectedOutputs(site.call(atom, [kysely(about)]), about, site)
      if (atom.kind === 'text') {
        const { name, alias } = splitAlias(atom.text)
        return [{ name: alias ?? name.split('.').at(-1) ?? null, terms: [columnTerm(name)] }]
      }
      const of = kyselyOf(atom)
      const name = of?.is === 'aliased' ? textOf(of.alias) : null
      return [{ name, terms: refTerms(atom, about, site) }]
    })
  return complete ? outputs : [...outputs, { name: null, terms: [{ is: 'unknown' }] }]
}
