import type { CatalogTable } from '../catalog/types.ts'

/** What a client over the API can name: of the old schema, and of the new one what will come there with `move`. */
export interface ApiSchema {
  /** The old schema, under whose name all stands. */
  readonly name: string
  readonly tables: readonly CatalogTable[]
  /** By oid. */
  readonly types: ReadonlyMap<number, ApiType>
  readonly functions: readonly ApiFunction[]
}

export interface ApiType {
  readonly oid: number
  readonly schema: string
  readonly name: string
  /** `pg_type.typtype`: b base, c composite, d domain, e enum, p pseudo, r range, m multirange. */
  readonly kind: string
  /** Of an array the type of its elements. */
  readonly element: number | null
  /** Of a domain the type under it. */
  readonly base: number | null
  readonly labels: readonly string[]
  /** Of a composite type that is no table's. */
  readonly attributes: readonly { readonly name: string; readonly type: number }[]
  /** Of a table's row type the kind of the relation, as `pg_class.relkind` has it. */
  readonly relation: string | null
}

export interface ApiFunction {
  readonly name: string
  readonly returns: number
  readonly returnsSet: boolean
  readonly arguments: readonly ApiArgument[]
}

export interface ApiArgument {
  readonly name: string
  readonly type: number
  /** `pg_proc.proargmodes`: i in, o out, b both, v variadic, t column of a table. */
  readonly mode: string
  readonly hasDefault: boolean
}
