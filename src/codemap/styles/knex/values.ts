import type { Access } from '../../access.ts'
import type { Casing } from '../../builders/casing.ts'
import type { Home } from '../../builders/homes.ts'
import type { TableName } from '../../builders/table-name.ts'
import type { SqlText } from '../../sql/sql-text.ts'
import type { Site } from '../../style.ts'
import { type Atom, atomsOf, type LibraryValue, library, type Value } from '../../value.ts'

/** What values of Knex there are. */
export type KnexOf =
  /** Something that it or Objection exports. */
  | { readonly is: 'export'; readonly name: string; readonly of: 'knex' | 'objection' }
  /** `knexSnakeCaseMappers()`: what a configuration gets by it. */
  | { readonly is: 'mapper'; readonly options: Value | null }
  | { readonly is: 'same' }
  | ClientOf
  | { readonly is: 'provider'; readonly client: ClientOf }
  | BuilderOf
  | RawOf
  | { readonly is: 'ref'; readonly name: Value; readonly alias: Value | null }
  | { readonly is: 'schema'; readonly client: ClientOf; readonly schema: Value | null }
  /** The table or the view of which a callback says the columns. */
  | { readonly is: 'definition'; readonly access: Access; readonly name: TableName }
  | { readonly is: 'column' }

export interface ClientOf {
  readonly is: 'client'
  /** Null where only the type is known. */
  readonly home: Home | null
  readonly transaction: string | null
}

/** A query in the making. Knex changes its builders: what is said of one holds for all that have come from the same head. */
export interface BuilderOf {
  readonly is: 'builder'
  readonly head: Head
  readonly chain: Chain
}

/** Where a query, or a part of one that a callback says, begins. */
export interface Head {
  readonly client: ClientOf
  /** A query, or conditions of the query around it. */
  readonly is: 'query' | 'part'
  readonly chains: Set<Chain>
  /** Of Objection: the class whose rows it gives, … */
  readonly model: Value | null
  /** … the columns of its key, and how it names columns. */
  readonly key: readonly string[]
  readonly casing: Casing | null
  schema: Value | null
}

/** The calls so far; several may go on from one. */
export interface Chain {
  readonly before: Chain | null
  readonly step: Step | null
  extended: boolean
}

export interface Step {
  readonly method: string
  readonly args: readonly Value[]
  readonly site: Site
  /** Tables that it names, each with its access. */
  readonly tables: readonly StepTable[]
}

export interface StepTable {
  readonly name: TableName
  readonly access: Access
}

export interface RawOf {
  readonly is: 'raw'
  readonly text: SqlText
  readonly site: Site
  readonly client: ClientOf
  readonly alias: Value | null
  /** Whether it is a part of something else: it is a statement of its own otherwise. */
  readonly use: { isPart: boolean; transaction: string | null }
}

export function knex(of: KnexOf): LibraryValue<KnexOf> {
  return of.is === 'client' ? clientValue(of) : library('knex', of)
}

const clients = new WeakMap<object, Map<string | null, LibraryValue<KnexOf>>>()
const UNKNOWN_HOME = {}

/** Clients that lead to the same database are one: what is handed one of them does the same with all. */
function clientValue(of: ClientOf): LibraryValue<KnexOf> {
  const home = of.home ?? UNKNOWN_HOME
  const all = clients.get(home) ?? new Map<string | null, LibraryValue<KnexOf>>()
  clients.set(home, all)
  const made = all.get(of.transaction) ?? library<KnexOf>('knex', of)
  all.set(of.transaction, made)
  return made
}

/** What it is to Knex, if it is a value of Knex. */
export function knexOf(atom: Atom | Value): KnexOf | undefined {
  return atom.kind === 'library' && atom.style === 'knex' ? (atom.of as KnexOf) : undefined
}

/** All that a value may be of one kind. */
export function allOf<Is extends KnexOf['is']>(value: Value | undefined, is: Is): Extract<KnexOf, { is: Is }>[] {
  if (value === undefined) return []
  return atomsOf(value).flatMap((atom) => {
    const of = knexOf(atom)
    return of?.is === is ? [of as Extract<KnexOf, { is: Is }>] : []
  })
}
