/** How code reaches the database. `sql` is text in `.sql` files; SQL inside code has the style of the client that runs it. */
export type Style =
  | 'supabase'
  | 'pg'
  | 'postgres.js'
  | 'prisma'
  | 'drizzle'
  | 'kysely'
  | 'knex'
  | 'typeorm'
  | 'sequelize'
  | 'sql'

export type Operation = 'select' | 'insert' | 'update' | 'upsert' | 'delete' | 'truncate' | 'rpc' | 'ddl'

/** A place in a source file: path from the root with slashes; line and column count from 1. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** Columns of one table as the database names them (after `@@map` and the like); sorted, each once. */
export interface Columns {
  readonly read: readonly string[]
  readonly written: readonly string[]
  readonly filtered: readonly string[]
  readonly ordered: readonly string[]
  /** False where the result, or what is written, holds columns that the code doesn't name: `*`, a spread, an unknown object. */
  readonly known: boolean
}

export type Literal = string | number | boolean | null

/** One operation on one table. It stands at the call that names the table. */
export interface Interaction extends Place {
  /** The innermost named function around it, methods as `Class.method`; null at the level of the module. */
  readonly function: string | null
  readonly style: Style
  readonly schema: string | null
  /** For `rpc` the name of the function. */
  readonly table: string
  readonly operation: Operation
  readonly columns: Columns
  /** A write that gives rows back. */
  readonly returning: boolean
  /** Of an upsert: the columns of the conflict target, where the code names them. */
  readonly conflict?: readonly string[]
  /** By column: the literal values that code writes to it or compares it with, sorted. */
  readonly values?: Readonly<Record<string, readonly Literal[]>>
  /** `file:line:column` of the block of a transaction that it shares with others. */
  readonly transaction?: string
  /** Where the name is handed in: the access itself, and the calls between it and this place; the access comes last. */
  readonly through?: readonly Place[]
}

/** An access of which the table or the operation can't be told, and why. */
export interface Unresolved extends Place {
  readonly function: string | null
  readonly style: Style
  readonly operation: Operation | null
  readonly reason: string
}

/** A file that could not be read or parsed, or was left out. */
export interface Problem {
  readonly file: string
  readonly message: string
}
