import type { Access } from '../../access.ts'
import type { Operation } from '../../interaction.ts'
import type { Site } from '../../style.ts'
import type { Value } from '../../value.ts'
import type { Facts } from './facts.ts'
import type { Finder, Relation } from './relations.ts'
import { allOf } from './values.ts'

/** One query while it is told: the table that it is about, and those that it includes. */
export interface Query {
  readonly finder: Finder
  readonly site: Site
  readonly facts: Facts
  readonly access: Access
  readonly transaction: string | null
  /** It gives numbers only, so that nothing is read of what it includes. */
  counts?: boolean
  /** Names that it gives to what it reads. */
  readonly aliases: Set<string>
  /** Tables that it includes, by the path of their aliases. */
  readonly included: Included[]
}

export interface Included {
  readonly path: string
  readonly relation: Relation | null
  readonly facts: Facts
  readonly access: Access
}

/** Opens the table of a model at a site; null where it is none of PostgreSQL's. */
export function openModel(
  facts: Facts,
  operation: Operation,
  site: Site,
  transaction: string | null,
  key: string,
): Access | null {
  if (!facts.postgres) return null
  return site.open({ table: facts.table, schema: facts.schema, operation, key, transaction })
}

export function transactionIn(options: Value | undefined, of: (value: Value) => Value | undefined): string | null {
  const value = options && of(options)
  return allOf(value, 'transaction').flatMap(({ place }) => place ?? [])[0] ?? null
}

/** The table that a path of aliases leads to, where the query includes it. */
export function includedAt(query: Query, path: string): Included | undefined {
  return query.included.find((one) => one.path === path)
}
