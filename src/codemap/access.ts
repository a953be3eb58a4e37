import type { Literal, Operation, Place, Style } from './interaction.ts'
import type { Value } from './value.ts'

/** What a style knows of an access when it opens it. */
export interface AccessDraft {
  /** The name, as a value; a function where it can be told only when the whole program has been walked. */
  readonly table: Value | (() => Value)
  readonly schema?: Value | string | null
  /** There is one, and it isn't known: another run may tell it. */
  readonly isSchemaOpen?: true
  /** It can't be told, and why: listed as unresolved unless it is dropped. */
  readonly untold?: string
  /** Null where it isn't told yet: `client.from('posts')` of which the next call decides. */
  readonly operation: Operation | null
  /** Where the table is named, if that was at an earlier call. */
  readonly place?: Place
  /** What tells it from another access of the same table at the same place (a table joined twice). */
  readonly key?: string
  /** All that is said of it: accesses at one place of which the same is said are one, whichever run they are seen in. */
  readonly saying?: object
  /** The columns that code speaks of to those of the database, asked at the end. Default: the same. */
  readonly columnName?: (name: string) => string
  /** `file:line:column` of the block of its transaction. */
  readonly transaction?: string | null
  /** Called once when the whole program has been walked, before the interaction is made. */
  readonly finish?: (access: Access) => void
}

/** An access in the making; a builder carries it and adds to it. Everything may be said twice. */
export interface Access {
  readonly style: Style
  readonly draft: AccessDraft
  operation: Operation | null
  /**
   * The access of the same table that this call makes of it: `from('posts')` has no operation, and each of
   * `.select()` and `.insert()` on it is one of its own.
   */
  derive(operation: Operation): Access
  /** Not an access after all; it isn't listed. */
  drop(): void
  read(columns: readonly string[]): void
  written(columns: readonly string[]): void
  filtered(columns: readonly string[]): void
  ordered(columns: readonly string[]): void
  /** The result, or what is written, holds columns that the code doesn't name. */
  unknownColumns(): void
  returning(): void
  conflict(columns: readonly string[]): void
  /** A literal that the code writes to the column or compares it with. */
  value(column: string, literal: Literal): void
  transaction(place: string): void
}
