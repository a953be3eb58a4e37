/** The catalog as values: what `readCatalog` returns and everything above it works on. */

export interface Catalog {
  /** e.g. 180004 */
  readonly serverVersion: number
  readonly tables: readonly CatalogTable[]
}

export type RelationKind = 'table' | 'partitioned table' | 'view' | 'materialized view' | 'foreign table'

export interface CatalogTable {
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly kind: RelationKind
  readonly owner: string
  readonly persistence: 'permanent' | 'unlogged' | 'temporary'
  readonly comment: string | null
  readonly columns: readonly CatalogColumn[]
  readonly constraints: readonly CatalogConstraint[]
  readonly indexes: readonly CatalogIndex[]
  /** Without internal ones and without Crossfade's own. */
  readonly triggers: readonly CatalogTrigger[]
  readonly rowSecurity: boolean
  readonly forceRowSecurity: boolean
  readonly policies: readonly CatalogPolicy[]
  readonly grants: readonly CatalogGrant[]
  /** Tables that hold a part of this one's rows (partitions, inheritance), by oid. */
  readonly children: readonly number[]
  readonly isPartition: boolean
  /** For views: the query, with names resolved as if only the view's own schema were on the search path. */
  readonly viewQuery: string | null
  /** For views: PostgreSQL itself can insert, update and delete through it. */
  readonly updatable: boolean
  /** For views: the tables and views that it reads, by oid. */
  readonly readsFrom: readonly number[]
  readonly publications: readonly string[]
  /** reltuples; null when never analyzed. */
  readonly estimatedRows: number | null
}

export interface CatalogColumn {
  readonly name: string
  readonly position: number
  /** As it is written in DDL, schema-qualified unless in pg_catalog: `numeric(5,4)`, `"my".mood[]`. */
  readonly type: string
  /** The same without its modifier: `numeric`. Equal to `type` where there is none. */
  readonly baseType: string
  /** Of a domain that takes no null the type under it, which does; null for all other types. */
  readonly nullableType: string | null
  readonly typeOid: number
  /** One of `pg_type.typcategory`, e.g. N numeric, S string, D date and time, U user-defined. */
  readonly typeCategory: string
  /** Schema of the default btree equality operator of the type; null when the type has none. */
  readonly equalitySchema: string | null
  readonly notNull: boolean
  /** pg_get_expr of the default or of the generation expression. */
  readonly default: string | null
  /** The default is immutable, so it gives the same value whenever it is computed. */
  readonly defaultIsConstant: boolean
  readonly generated: 'stored' | 'virtual' | null
  readonly identity: 'always' | 'by default' | null
  /** The sequence that the default or the identity draws from. */
  readonly sequence: { readonly schema: string; readonly name: string } | null
  readonly collation: string | null
}

export interface CatalogConstraint {
  readonly name: string
  readonly kind: 'primary key' | 'unique' | 'check' | 'foreign key' | 'exclusion' | 'not null'
  /** In the constraint's own order. */
  readonly columns: readonly string[]
  /** pg_get_constraintdef */
  readonly definition: string
  readonly deferrable: boolean
  readonly validated: boolean
  /** For foreign keys. */
  readonly references: { readonly schema: string; readonly table: string; readonly columns: readonly string[] } | null
}

export interface CatalogIndex {
  readonly name: string
  readonly unique: boolean
  readonly primary: boolean
  /** Column names of the key part, null at the place of an expression. */
  readonly columns: readonly (string | null)[]
  /** pg_get_indexdef of each key part, normalised by the server. */
  readonly parts: readonly string[]
  readonly predicate: string | null
  readonly nullsNotDistinct: boolean
  /** deferrable unique constraints check late */
  readonly immediate: boolean
  readonly valid: boolean
  readonly method: string
  readonly definition: string
}

export interface CatalogTrigger {
  readonly name: string
  readonly definition: string
  readonly timing: 'before' | 'after' | 'instead of'
  readonly level: 'row' | 'statement'
  readonly events: readonly ('insert' | 'update' | 'delete' | 'truncate')[]
  /** Columns of UPDATE OF; empty when it fires for all. */
  readonly updateOf: readonly string[]
  /** pg_trigger.tgenabled: O origin, D disabled, R replica, A always. */
  readonly enabled: 'O' | 'D' | 'R' | 'A'
  readonly functionSchema: string
  readonly functionName: string
}

export interface CatalogPolicy {
  readonly name: string
  readonly permissive: boolean
  readonly command: 'all' | 'select' | 'insert' | 'update' | 'delete'
  readonly roles: readonly string[]
  readonly using: string | null
  readonly withCheck: string | null
}

export interface CatalogGrant {
  /** `PUBLIC` for everybody. The owner's own implicit rights are not listed. */
  readonly role: string
  readonly privilege: 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE' | 'TRUNCATE' | 'REFERENCES' | 'TRIGGER' | 'MAINTAIN'
  /** null for the whole table, else a column of a column grant. */
  readonly column: string | null
  readonly grantable: boolean
}
