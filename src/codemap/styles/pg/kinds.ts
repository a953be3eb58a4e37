import type { Access } from '../../access.ts'
import type { Place } from '../../interaction.ts'
import type { SqlText } from '../../sql/sql-text.ts'
import { type LibraryValue, library, type Value } from '../../value.ts'

/** What the values of pg and of its kin are. */
export type Pg =
  /** The package as a whole: `import pg from 'pg'`. */
  | { readonly is: 'module'; readonly specifier: string }
  | { readonly is: 'class'; readonly of: ClassName }
  | { readonly is: 'function'; readonly name: FunctionName }
  /** Each query may have a connection of its own. */
  | { readonly is: 'pool' }
  | { readonly is: 'client'; readonly connection: Connection | null }
  /** SQL that a library has put together, to be handed to `query`; `appended` grows with `.append()`. */
  | { readonly is: 'statement'; readonly sql: SqlText; readonly values: Value | null; readonly appended: Appended[] }
  /** A tag whose templates are run (`run`), or are statements for `query`. */
  | { readonly is: 'tag'; readonly run: boolean }
  /** What a template that was run gives, until it is awaited. */
  | { readonly is: 'run'; readonly accesses: readonly Access[] }
  /** pg-promise: the library, its database or a task of it. */
  | { readonly is: 'main' }
  | { readonly is: 'database'; readonly block: string | null }
  | { readonly is: 'helpers' }

export type ClassName = 'pool' | 'client' | 'statement' | 'file'
export type FunctionName = 'client' | 'pool' | 'tag' | 'copy' | 'format' | 'promise' | 'name' | 'literal'

export interface Appended {
  readonly place: string
  readonly sql: SqlText
}

/** One connection that the code holds, told apart by where it is made. */
export interface Connection {
  readonly function: string | null
  readonly place: Place
}

export function value(of: Pg): Value {
  return library<Pg>('pg', of)
}

export function kindOf(receiver: LibraryValue): Pg {
  return receiver.of as Pg
}

const interned = new Map<string, Value>()

/** The same object for the same kind: values that are handed to functions are told apart by what they are. */
export function interning(of: Extract<Pg, { is: 'client' | 'database' }>): Value {
  const key = JSON.stringify(of)
  const known = interned.get(key) ?? value(of)
  interned.set(key, known)
  return known
}

export const POOL = value({ is: 'pool' })
export const CLIENT = value({ is: 'client', connection: null })

export function statement(sql: SqlText, values: Value | null = null): Value {
  return value({ is: 'statement', sql, values, appended: [] })
}
