import { columnTerm, type Output, type Query, splitAlias, type Term } from '../../builders/query.ts'
import type { Literal } from '../../interaction.ts'
import { itemsOf, membersOf, textOf } from '../../read-value.ts'
import { atomsOf, type Value } from '../../value.ts'
import { type BuilderOf, knexOf } from './values.ts'

/** The query in which terms stand. */
export interface Inside {
  readonly query: Query
  /** Makes a builder that stands there a query inside of this one. */
  nest(builder: BuilderOf): Query[]
}

/** What an argument names in which texts are columns; `literals` is what they are compared with. */
export function refTerms(inside: Inside, value: Value | undefined, literals: readonly Literal[] = []): Term[] {
  if (value === undefined) return []
  return atomsOf(value).flatMap((atom): Term[] => {
    if (atom.kind === 'text') return [columnTerm(splitAlias(atom.text).name, literals)]
    if (atom.kind === 'array') return atom.items.flatMap((item) => refTerms(inside, item, literals))
    if (atom.kind === 'object') return membersOf(atom).members.flatMap(([, member]) => refTerms(inside, member))
    return otherTerms(inside, atom, literals)
  })
}

/** What an argument names in which texts are values. */
export function valueTerms(inside: Inside, value: Value | undefined): Term[] {
  if (value === undefined) return []
  return atomsOf(value).flatMap((atom): Term[] => {
    if (atom.kind === 'array') return atom.items.flatMap((item) => valueTerms(inside, item))
    return atom.kind === 'library' ? otherTerms(inside, atom, []) : []
  })
}

function otherTerms(inside: Inside, atom: Value, literals: readonly Literal[]): Term[] {
  if (atom.kind === 'unknown' || atom.kind === 'template') return [{ is: 'unknown' }]
  const of = knexOf(atom)
  if (of?.is === 'raw') return [{ is: 'sql', text: of.text, site: of.site }]
  if (of?.is === 'ref') return refTerms(inside, of.name, literals)
  if (of?.is === 'builder') inside.nest(of)
  return []
}

/** What a list of selections gives: names with and without `as`, `{ alias: column }`, SQL, queries. */
export function selectedOutputs(inside: Inside, value: Value | undefined): Output[] {
  const { items, complete } = itemsOf(value)
  const outputs = items.flatMap(atomsOf).flatMap((atom): Output[] => {
    if (atom.kind === 'array') return selectedOutputs(inside, atom)
    if (atom.kind === 'object')
      return membersOf(atom).members.map(([name, member]) => ({ name, terms: refTerms(inside, member) }))
    if (atom.kind === 'text') {
      const { name, alias } = splitAlias(atom.text)
      return [{ name: alias ?? name.split('.').at(-1) ?? null, terms: [columnTerm(name)] }]
    }
    const of = knexOf(atom)
    const alias = of?.is === 'raw' || of?.is === 'ref' ? of.alias : null
    return [{ name: alias ? textOf(alias) : null, terms: refTerms(inside, atom) }]
  })
  return complete ? outputs : [...outputs, { name: null, terms: [{ is: 'unknown' }] }]
}
