import type { SqlText } from '../../sql/sql-text.ts'
import { type Atom, type LibraryValue, library, type Value } from '../../value.ts'

export type Naming = 'same' | 'camel' | 'pascal' | 'kebab'

/** What the values of postgres.js are. */
export type PostgresJs =
  | { readonly is: 'create' }
  /** `sql`: the tag, the function of helpers, the connection. */
  | { readonly is: 'sql'; readonly block: string | null; readonly naming: Naming }
  /** What a template gives: a query, or a part of one. `place` tells the template. */
  | { readonly is: 'query'; readonly sql: SqlText; readonly place: string; readonly function: string | null }
  /** `sql(first, ...rest)`: what it means is told by the words in front of it. */
  | { readonly is: 'helper'; readonly args: readonly Value[] }
  /** `postgres.fromCamel`: how the names of members become those of columns. */
  | { readonly is: 'naming'; readonly naming: Naming }
  /** `sql.json(…)`, `sql.array(…)`, `sql.typed(…)`. */
  | { readonly is: 'value' }

export function value(of: PostgresJs): Value {
  return library<PostgresJs>('postgres.js', of)
}

export function kindOf(receiver: LibraryValue): PostgresJs {
  return receiver.of as PostgresJs
}

/** Null for what isn't of postgres.js. */
export function kindOfAtom(atom: Atom): PostgresJs | null {
  return atom.kind === 'library' && atom.style === 'postgres.js' ? kindOf(atom) : null
}
