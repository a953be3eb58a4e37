import type { Interaction } from '../codemap/interaction.ts'

/** A new table, as its DDL says it. */
export interface NewTable {
  readonly name: string
  readonly columns: readonly string[]
  /** Columns that are unique together. */
  readonly uniques: readonly (readonly string[])[]
}

/**
 * What stands between an access and the new names, or what it would be answered otherwise by a compat view.
 *
 * - `unmapped`: nothing in the mapping takes this old column, so the new tables don't have it.
 * - `renamed`: another name, the same value. `cast`: another type. `words`: another vocabulary. `expression`: another value
 *   (a unit, a scale). `several`: the column has become two or more. `linked`: it is found through another table.
 * - `every column`: the access names no columns, and the new row has others.
 * - `conflict`: an upsert whose target is no unique key of the new table.
 * - `shared row`, `shared table`: rows of the new table come from other old tables, too: of each a part, or rows of their own.
 * - `truncate`: the new table can't be truncated while the old ones are in use.
 * - `precedence`: a compat view shows the value that counts where two sources have one, so not always this table's own.
 * - `system column`: a view has none; the read stays on the old side.
 */
export type FindingKind =
  | 'unmapped'
  | 'renamed'
  | 'cast'
  | 'words'
  | 'expression'
  | 'several'
  | 'linked'
  | 'every column'
  | 'conflict'
  | 'shared row'
  | 'shared table'
  | 'truncate'
  | 'precedence'
  | 'system column'

export interface Finding {
  readonly kind: FindingKind
  /** Of the old table; null where it is about the access as a whole. */
  readonly column: string | null
  /** `new_table.column`, where there is one for it. */
  readonly becomes: readonly string[]
  readonly message: string
}

/** An access to an old table that the mapping takes. */
export interface CoveredAccess {
  readonly access: Interaction
  readonly newTables: readonly string[]
  /** New names are all that it needs, so a codemod can write it. */
  readonly mechanical: boolean
  readonly findings: readonly Finding[]
}

export interface CoveredFile {
  readonly file: string
  readonly accesses: number
  readonly mechanical: number
}

/** What a mapping says of the code: the list that code is moved by. */
export interface Coverage {
  /** In the order of the map. */
  readonly accesses: readonly CoveredAccess[]
  /** Those with the most to do first. */
  readonly files: readonly CoveredFile[]
  /** Tables that the code uses and the mapping names nowhere, neither as a source nor under `keep`. */
  readonly unmentioned: readonly { readonly table: string; readonly accesses: number }[]
  /** Sources of the mapping that no code was found to use. */
  readonly unused: readonly string[]
}
