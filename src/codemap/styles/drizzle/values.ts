import type { Access } from '../../access.ts'
import type { Literal } from '../../interaction.ts'
import type { SqlText } from '../../sql/sql-text.ts'
import { type Atom, atomsOf, type LibraryValue, library, type Value } from '../../value.ts'
import type { Casing } from './casing.ts'

/** What values of Drizzle there are. */
export type DrizzleOf =
  /** A function that it exports: `eq`, `pgTable`, `sql`. */
  | { readonly is: 'function'; readonly name: string }
  /** What holds such functions: the operators given to a callback, `p` of `import * as p`. */
  | { readonly is: 'functions'; readonly of: 'operators' | 'column types' | 'relations' }
  | { readonly is: 'column type'; readonly name: Value | null }
  /** `pgEnum('state', […])`: makes columns of its type, and has its values. */
  | { readonly is: 'enum'; readonly values: Value }
  | { readonly is: 'pg schema'; readonly name: Value }
  | { readonly is: 'table creator'; readonly rename: Value | null; readonly schema: Value | null }
  | TableOf
  | { readonly is: 'view definition'; readonly table: TableOf }
  | ColumnOf
  | DatabaseOf
  | { readonly is: 'cte'; readonly database: DatabaseOf; readonly selection: Value | null }
  | BuilderOf
  | SubqueryOf
  | TermOf
  | SqlOf
  | { readonly is: 'relational'; readonly database: DatabaseOf; readonly name: string | null }
  | RelationsOf
  | RelationOf
  | { readonly is: 'table relations'; readonly table: TableOf; readonly relations: Value }
  | { readonly is: 'relation builder'; readonly schema: Value; readonly kind: 'one' | 'many' | null }
  | { readonly is: 'prepared'; readonly accesses: readonly Access[] }

export interface TableOf {
  readonly is: 'table'
  /** The same for the same definition, however often it is evaluated; another for each alias of it. */
  readonly id: string
  readonly name: Value
  readonly schema: Value | null
  /** An object of column types by key; null where they follow from a query (a view). */
  readonly columns: Value | null
  /** Of a view made by a query: what it selects. */
  readonly query: BuilderOf | null
}

export interface ColumnOf {
  readonly is: 'column'
  readonly table: TableOf
  readonly key: string
  /** Its name, or its key with a mark where the casing makes it. */
  readonly names: readonly string[]
  /** Relations: the column of the table between, `r.users.id.through(r.memberships.userId)`. */
  readonly through: ColumnOf | null
}

export interface DatabaseOf {
  readonly is: 'database'
  /** The object given as `schema`; null where none is known. */
  readonly schema: Value | null
  /** The object given as `relations` (version 1). */
  readonly relations: Value | null
  /** Undefined where the type alone is known. */
  readonly casing: Casing | undefined
  readonly transaction: string | null
  /** Only describes a query, as in the definition of a view: nothing is opened. */
  readonly quiet: boolean
}

export interface Source {
  readonly table: TableOf
  /** Null in a query that only describes. */
  readonly access: Access | null
}

export type Role = 'read' | 'filtered' | 'ordered'

/** A column that an expression names. */
export interface Use {
  readonly column: ColumnOf
  /** Where it is already known which access it belongs to: the column of a subquery. */
  readonly access?: Access
  /** What it is compared with. */
  readonly literals: readonly Literal[]
  /** It stands for the whole row: `row_to_json(${posts})`. */
  readonly whole?: boolean
}

export interface BuilderOf {
  readonly is: 'builder'
  readonly kind: 'select' | 'insert' | 'update' | 'delete'
  readonly database: DatabaseOf
  /** The tables that it names so far, the written one first. */
  readonly sources: readonly Source[]
  readonly subqueries: readonly SubqueryOf[]
  /** What `select()` was called with; null for all columns. */
  readonly fields: Value | null
  readonly uses: readonly (Use & { readonly role: Role })[]
  /** Accesses of queries inside of it, or beside it in a union. */
  readonly inner: readonly Access[]
}

export interface SubqueryOf {
  readonly is: 'subquery'
  readonly builder: BuilderOf
  readonly selection: Value | null
}

/** A condition, an order, an aggregate: the columns that it names. */
export interface TermOf {
  readonly is: 'term'
  readonly uses: readonly Use[]
  /** Templates inside of it, which may hold queries of their own. */
  readonly templates: readonly SqlOf[]
}

export interface SqlOf {
  readonly is: 'sql'
  readonly text: SqlText
  readonly uses: readonly Use[]
  /** Tables whose name stands in the text. */
  readonly tables: readonly TableOf[]
}

export interface RelationsOf {
  readonly is: 'relations'
  readonly table: TableOf
  readonly config: Value
}

export interface RelationOf {
  readonly is: 'relation'
  readonly kind: 'one' | 'many'
  readonly target: TableOf
  readonly name: string | null
  /** Columns of the table that has the relation, and of the other one; empty where the other side says it. */
  readonly own: readonly ColumnOf[]
  readonly other: readonly ColumnOf[]
}

export type DrizzleValue = LibraryValue<DrizzleOf>

export function drizzle(of: DrizzleOf): DrizzleValue {
  return library('drizzle', of)
}

/** What it is to Drizzle, if it is a value of Drizzle. */
export function drizzleOf(atom: Atom): DrizzleOf | undefined {
  return atom.kind === 'library' && atom.style === 'drizzle' ? (atom.of as DrizzleOf) : undefined
}

/** All that a value may be of one kind. */
export function allOf<Is extends DrizzleOf['is']>(value: Value | undefined, is: Is): Extract<DrizzleOf, { is: Is }>[] {
  if (value === undefined) return []
  return atomsOf(value).flatMap((atom) => {
    const of = drizzleOf(atom)
    return of?.is === is ? [of as Extract<DrizzleOf, { is: Is }>] : []
  })
}
