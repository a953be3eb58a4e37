import type { Facts } from '../catalog/inventory/inventory.ts'
import type { CatalogColumn, CatalogConstraint, CatalogGrant, CatalogPolicy, RelationKind } from '../catalog/types.ts'

/** SCHEMA_SNAPSHOT.json; schema/schema-snapshot.schema.json says the same. Times are ISO 8601, UTC. */
export interface SchemaSnapshot {
  readonly version: 1
  readonly takenAt: string
  /** SHA-256, in hex, of every object of the schemas; databases that are alike have the same. */
  readonly fingerprint: string
  readonly server: SnapshotServer
  readonly summary: SnapshotSummary
  /** Those that were looked at, by name. */
  readonly schemas: readonly SnapshotSchema[]
  readonly leftOut: readonly LeftOutSchema[]
  /** What could not be read, or is not in the SQL; what a person should know before they rely on it. */
  readonly findings: readonly SnapshotFinding[]
  readonly needs: SnapshotNeeds
  /** Tables, views and foreign tables, by schema and name. */
  readonly tables: readonly SnapshotTable[]
  /** Everything that is no part of a table: types, functions, sequences, extensions, publications, default privileges, … */
  readonly objects: readonly SnapshotObject[]
}

export interface SnapshotServer {
  /** e.g. `18.4` */
  readonly version: string
  readonly database: string
  /** Who read it. */
  readonly role: string
  readonly standby: boolean
  readonly encoding: string
  readonly collation: string
  /** Since when the server counts the use of tables; null where it doesn't know, e.g. because it never began anew. */
  readonly countsSince: string | null
  /** track_counts: without, nothing is counted. */
  readonly countsUse: boolean
}

export interface SnapshotSummary {
  readonly tables: number
  readonly views: number
  readonly columns: number
  readonly indexes: number
  readonly foreignKeys: number
  readonly triggers: number
  readonly policies: number
  readonly functions: number
  /** Estimated, without tables of which nothing is known. */
  readonly rows: number
  readonly bytes: number
}

export interface SnapshotSchema {
  readonly name: string
  readonly owner: string
  readonly comment: string | null
  readonly tables: number
}

export interface LeftOutSchema {
  readonly name: string
  readonly reason: string
}

export interface SnapshotFinding {
  readonly kind: 'unreadable' | 'not in the SQL' | 'hidden' | 'careful'
  /** Schema, table or object that it is about. */
  readonly what: string
  readonly message: string
}

/** What must be there before PRODUCTION_SCHEMA_SNAPSHOT.sql can run. */
export interface SnapshotNeeds {
  readonly roles: readonly string[]
  readonly extensions: readonly string[]
  readonly tablespaces: readonly string[]
  /** Objects of schemas that were left out, e.g. `table auth.users`, and what of ours hangs on them. */
  readonly objects: readonly { readonly object: string; readonly neededBy: string }[]
}

export interface SnapshotTable {
  readonly schema: string
  readonly name: string
  readonly kind: RelationKind
  readonly owner: string
  readonly persistence: 'permanent' | 'unlogged' | 'temporary'
  readonly comment: string | null
  /** Whether the role may read its rows. */
  readonly readable: boolean
  readonly columns: readonly SnapshotColumn[]
  /** Null where it has none. */
  readonly primaryKey: readonly string[] | null
  readonly constraints: readonly SnapshotConstraint[]
  readonly indexes: readonly SnapshotIndex[]
  readonly triggers: readonly SnapshotTrigger[]
  readonly rowSecurity: 'off' | 'on' | 'forced'
  readonly policies: readonly CatalogPolicy[]
  /** Without the owner's own. */
  readonly grants: readonly CatalogGrant[]
  readonly publications: readonly string[]
  readonly isPartition: boolean
  /** Tables that hold a part of its rows: partitions, and tables that inherit from it. */
  readonly children: readonly QualifiedName[]
  /** For views. */
  readonly query: string | null
  readonly readsFrom: readonly QualifiedName[]
  readonly rows: SnapshotRows
  readonly size: SnapshotSize
  /** Null where nothing is counted: views, and partitions, which count into their parent. */
  readonly use: SnapshotUse | null
  /** What depends on it from outside, as far as the server knows, and functions whose text has its name. */
  readonly dependents: readonly SnapshotDependent[]
}

export interface QualifiedName {
  readonly schema: string
  readonly name: string
}

export interface SnapshotColumn
  extends Pick<CatalogColumn, 'name' | 'type' | 'default' | 'generated' | 'identity' | 'collation'> {
  readonly nullable: boolean
  /** The sequence that it draws from. */
  readonly sequence: QualifiedName | null
  readonly comment: string | null
}

export type SnapshotConstraint = Pick<
  CatalogConstraint,
  'name' | 'kind' | 'columns' | 'definition' | 'validated' | 'references'
>

export interface SnapshotIndex {
  readonly name: string
  readonly definition: string
  readonly unique: boolean
  readonly primary: boolean
  readonly valid: boolean
  readonly bytes: number | null
  /** Null where nothing is counted. */
  readonly scans: number | null
  /** From PostgreSQL 16 on. */
  readonly lastScan: string | null
}

export interface SnapshotTrigger {
  readonly name: string
  readonly definition: string
  readonly enabled: 'yes' | 'no' | 'for replicas' | 'always'
  readonly function: QualifiedName
}

export interface SnapshotRows {
  /** As of the last vacuum or analyze; null where there was none yet, and for views. */
  readonly estimated: number | null
  /** Null where it wasn't counted. */
  readonly exact: number | null
  /** Why it wasn't, where it was asked for. */
  readonly notCounted: string | null
}

/** Bytes on disk, with the partitions of a partitioned table; null where there is nothing on disk. */
export interface SnapshotSize {
  readonly table: number | null
  readonly indexes: number | null
}

export interface SnapshotUse {
  readonly sequentialScans: number
  readonly indexScans: number
  readonly inserts: number
  readonly updates: number
  readonly deletes: number
  /** From PostgreSQL 16 on. */
  readonly lastScan: string | null
  readonly lastVacuum: string | null
  readonly lastAnalyze: string | null
}

export interface SnapshotDependent {
  readonly kind: string
  readonly schema: string
  readonly name: string
  /** The table that it lies on, for foreign keys, policies and rules. */
  readonly table: string | null
  /** false: a text mentions the name, and may mean something else. */
  readonly certain: boolean
}

export interface SnapshotObject {
  readonly kind: string
  readonly schema: string | null
  /** Quoted where needed, with its schema, and of functions with the argument types. */
  readonly name: string
  /** What it is a part of. */
  readonly of: string | null
  readonly facts: Facts
}
