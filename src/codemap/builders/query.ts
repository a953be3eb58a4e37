import type { Access } from '../access.ts'
import type { Literal } from '../interaction.ts'
import type { SqlText } from '../sql/sql-text.ts'
import type { Role } from '../sql/touch.ts'
import type { Site } from '../style.ts'

/**
 * What a query builder has been told of one statement, or of one query inside of it. It only grows while the program is
 * walked; `settleQueries` finds out which tables the columns belong to when all of it is there.
 */
export interface Query {
  /** The query around it: its tables can be named inside. May become known later. */
  parent: Query | null
  /** It stands in FROM: it sees the names of WITH of the query around it, but not the tables. */
  beside: boolean
  readonly sources: Source[]
  /** The queries of WITH by their names. */
  readonly named: Map<string, NamedQuery>
  /** Joins that are told as SQL. */
  readonly joins: { readonly text: SqlText; readonly site: Site }[]
  readonly uses: Use[]
  readonly outputs: Output[]
  /** The name of a constraint that is the conflict target. */
  constraint: string | null
  /** What MERGE compares to find a row: the conflict target, if it turns out to be an upsert. */
  readonly matched: Term[]
  /** Nobody reads what `exists (select …)` gives. */
  isExists: boolean
}

export interface NamedQuery {
  /** Null where it isn't told what it gives. */
  query: Query | null
  /** The names that `with name(a, b)` gives to what it gives. */
  readonly columns: readonly string[]
}

/** Something that columns come from: a table, a query, or something that nothing is known of. */
export interface Source {
  /** The alias, or the names that the table may have. */
  readonly names: readonly string[]
  readonly schema: string | null
  /** The table's name as the code says it, where that is one. */
  readonly table: string | null
  readonly access: Access | null
  readonly query: Query | null
  /** The names that `with name(a, b)` gives to what the query gives. */
  readonly columns?: readonly string[]
  /** It is asked for by its name only: `excluded`. */
  readonly hidden?: boolean
}

/** What a statement does with a term. */
export interface Use {
  readonly role: Role
  readonly term: Term
}

/** A part of an expression that names something. */
export type Term =
  /** `literals`: what it is compared with for equality. */
  | { readonly is: 'column'; readonly path: readonly string[]; readonly literals: readonly Literal[] }
  | { readonly is: 'star'; readonly of: string | null }
  /** SQL that is an expression, a condition, or an item of ORDER BY. */
  | { readonly is: 'sql'; readonly text: SqlText; readonly site: Site }
  /** An expression of which nothing is known. */
  | { readonly is: 'unknown' }

/** What a query gives under one name; null where it has none that the code tells. */
export interface Output {
  readonly name: string | null
  readonly terms: readonly Term[]
}

export function makeQuery(parent: Query | null): Query {
  return {
    parent,
    beside: false,
    sources: [],
    named: new Map(),
    joins: [],
    uses: [],
    outputs: [],
    constraint: null,
    matched: [],
    isExists: false,
  }
}

export function use(query: Query, role: Role, terms: readonly Term[]): void {
  for (const term of terms) query.uses.push({ role, term })
}

/** The path of `posts.id`, `blog.posts.id`, `id`; `*` and `posts.*` are stars. */
export function columnTerm(name: string, literals: readonly Literal[] = []): Term {
  const path = name.split('.').map((part) => part.trim().replace(/^"(.*)"$/, '$1'))
  if (path.at(-1) !== '*') return { is: 'column', path, literals }
  return { is: 'star', of: path.at(-2) ?? null }
}

/** `posts.id as post_id` in its two parts. */
export function splitAlias(name: string): { name: string; alias: string | null } {
  const match = /^\s*(.*?)\s+as\s+"?([^"]*?)"?\s*$/i.exec(name)
  return match ? { name: match[1] ?? '', alias: match[2] ?? '' } : { name: name.trim(), alias: null }
}

/** The innermost query of WITH of that name that the query can see. */
export function findNamed(query: Query | null, name: string): NamedQuery | undefined {
  for (let at = query; at !== null; at = at.parent) {
    const found = at.named.get(name)
    if (found) return found
  }
  return undefined
}

/** Adds a source once, however often the call that names it is evaluated. */
export function addSource(query: Query, source: Source): void {
  const isThere = query.sources.some(
    (one) => one.access === source.access && one.query === source.query && one.names.join() === source.names.join(),
  )
  if (!isThere) query.sources.push(source)
}

/** A source that is no table. */
export function querySource(names: readonly string[], query: Query | null, columns: readonly string[] = []): Source {
  return { names, schema: null, table: null, access: null, query, columns }
}

/** What an upsert calls the row that it could not insert. */
export const EXCLUDED: Source = { ...querySource(['excluded'], null), hidden: true }
