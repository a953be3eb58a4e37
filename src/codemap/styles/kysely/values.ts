import type { Access } from '../../access.ts'
import type { Casing } from '../../builders/casing.ts'
import type { Home } from '../../builders/homes.ts'
import type { NamedQuery, Query, Term } from '../../builders/query.ts'
import type { SqlText } from '../../sql/sql-text.ts'
import type { Site } from '../../style.ts'
import { type Atom, atomsOf, type LibraryValue, library, type Value } from '../../value.ts'

/** What values of Kysely there are. */
export type KyselyOf =
  /** Something that it exports: `Kysely`, `PostgresDialect`, `jsonArrayFrom`. */
  | { readonly is: 'export'; readonly name: string }
  | { readonly is: 'sql tag' }
  | { readonly is: 'dialect'; readonly postgres: boolean }
  | { readonly is: 'casing'; readonly casing: Casing }
  | ClientOf
  | { readonly is: 'transaction'; readonly client: ClientOf }
  /** `db.connection()`, or a command of a transaction that touches nothing. */
  | { readonly is: 'command'; readonly gives: ClientOf | null }
  | BuilderOf
  | { readonly is: 'join'; readonly client: ClientOf; readonly query: Query }
  | { readonly is: 'conflict'; readonly builder: BuilderOf }
  | { readonly is: 'name of with'; readonly name: Value }
  | ExpressionsOf
  | { readonly is: 'functions'; readonly of: ExpressionsOf }
  | ExpressionOf
  | { readonly is: 'over'; readonly of: ExpressionsOf; readonly terms: readonly Term[] }
  | { readonly is: 'order'; readonly of: ExpressionsOf }
  | AliasedOf
  | RawOf
  | { readonly is: 'dynamic' }
  /** A name that is only known when the program runs: `db.dynamic.ref(name)`. */
  | { readonly is: 'ref'; readonly name: Value }
  | { readonly is: 'table'; readonly name: Value }
  | { readonly is: 'schema'; readonly client: ClientOf }
  | { readonly is: 'ddl'; readonly access: Access; readonly client: ClientOf }
  | { readonly is: 'index'; readonly client: ClientOf }

export interface ClientOf {
  readonly is: 'client'
  /** Null where only the type is known. */
  readonly home: Home | null
  /** The type of the database: an object of tables. */
  readonly types: Value | null
  readonly schema: Value | null
  /** The queries of WITH. */
  readonly named: ReadonlyMap<string, NamedQuery>
  readonly transaction: string | null
  /** What `withPlugin` and `withoutPlugins` make of the names; undefined: what its home says. */
  readonly casing: Casing | null | undefined
}

export interface BuilderOf {
  readonly is: 'builder'
  readonly kind: 'select' | 'insert' | 'update' | 'delete' | 'merge'
  readonly client: ClientOf
  readonly query: Query
  /** The table that is written; null in a select, and where only the type is known. */
  readonly target: Access | null
  /** Columns of an insert that takes its rows from a query. */
  readonly named: boolean
  /** What MERGE does so far. */
  readonly does: readonly string[]
}

/** The expression builder: what callbacks are given. */
export interface ExpressionsOf {
  readonly is: 'expressions'
  readonly client: ClientOf
  /** The query that it makes expressions for; null where its tables can't be named. */
  readonly query: Query | null
}

export interface ExpressionOf {
  readonly is: 'expression'
  readonly terms: readonly Term[]
  readonly about: ExpressionsOf
}

export interface AliasedOf {
  readonly is: 'aliased'
  readonly alias: Value
  readonly of: BuilderOf | ExpressionOf | RawOf | { readonly is: 'table'; readonly name: Value }
}

export interface RawOf {
  readonly is: 'raw'
  readonly text: SqlText
  readonly site: Site
}

export function kysely(of: KyselyOf): LibraryValue<KyselyOf> {
  return library('kysely', of)
}

/** What it is to Kysely, if it is a value of Kysely. */
export function kyselyOf(atom: Atom): KyselyOf | undefined {
  return atom.kind === 'library' && atom.style === 'kysely' ? (atom.of as KyselyOf) : undefined
}

/** All that a value may be of one kind. */
export function allOf<Is extends KyselyOf['is']>(value: Value | undefined, is: Is): Extract<KyselyOf, { is: Is }>[] {
  if (value === undefined) return []
  return atomsOf(value).flatMap((atom) => {
    const of = kyselyOf(atom)
    return of?.is === is ? [of as Extract<KyselyOf, { is: Is }>] : []
  })
}

export function expression(terms: readonly Term[], about: ExpressionsOf): Value {
  return kysely({ is: 'expression', terms, about })
}
