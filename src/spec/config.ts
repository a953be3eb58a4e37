/**
 * The mapping, as a person writes it in `crossfade.config.ts`. Expressions are SQL over the columns
 * of the source row (`from`) or of the new row (`back`), in the names that those tables have.
 * Functions and operators outside pg_catalog are written with their schema.
 */

/** SQL text. */
export type Expression = string

export interface ColumnSpec {
  /** Computes the new column from the source row. */
  readonly from: Expression
  /**
   * Computes the old column from the new row, for native writes and for the compat view.
   * Plain columns and casts of them are inverted by themselves; `false` says that there is no way back.
   */
  readonly back?: Expression | { readonly [oldColumn: string]: Expression } | false
}

export interface MergeSource {
  /** One expression per key column, in the key's order. A text column is cast safely: what is no such value has no key. */
  readonly key?: Expression | readonly Expression[]
  /** Rows for which this is not true are left out by rule. */
  readonly where?: Expression
  /** What becomes of a row without a key: into the journal (default), or left out by rule. */
  readonly otherwise?: 'journal' | 'omit'
  /** Only what differs: columns of the same name map by themselves. `false` leaves a column of that name unmapped. */
  readonly columns?: { readonly [newColumn: string]: Expression | ColumnSpec | false }
  /** Where several rows of this source have one key: the one with the greatest value of this column feeds the new row. */
  readonly latestBy?: string
}

export interface MergeColumn {
  /** SQL over nothing but constants: what the column holds where no source has a value. */
  readonly otherwise?: Expression
}

export interface MergeSpec {
  readonly key: string | readonly string[]
  /** In order of precedence: the first source that has a value gives it. */
  readonly sources: { readonly [table: string]: MergeSource }
  readonly columns?: { readonly [newColumn: string]: MergeColumn }
  /** The sources in which a native insert creates a row. Default: the first. */
  readonly reverse?: readonly string[]
}

export interface MergeTable extends MergeSpec {
  readonly kind: 'merge'
}

export interface CrossfadeConfig {
  readonly oldSchema?: string
  readonly newSchema?: string
  /** Path of the new schema's DDL, relative to the configuration. Names in it are unqualified. */
  readonly schema: string
  readonly code?: readonly string[]
  readonly tables: { readonly [newTable: string]: MergeTable }
  /** Tables that stay as they are. */
  readonly keep?: readonly string[]
  /** How many people must approve a gate. Default 1. */
  readonly approvals?: { readonly [gate: string]: number }
  readonly sync?: {
    /** What all waits of Crossfade in one transaction of the application may add up to. Milliseconds, default 100. */
    readonly budgetMs?: number
    /** Writes of one transaction that are synced at once; further ones go through the outbox. Default 64. */
    readonly inlineWrites?: number
  }
  readonly finish?: {
    /** Days without a write by an old name. Default 7. */
    readonly quietDays?: number
    /** How long the application's rights on the old tables are taken away before. Seconds, default 300. */
    readonly rehearsalSeconds?: number
  }
}

export function defineConfig(config: CrossfadeConfig): CrossfadeConfig {
  return config
}

/** N old rows with one key become one new row. */
export function merge(spec: MergeSpec): MergeTable {
  return { kind: 'merge', ...spec }
}
