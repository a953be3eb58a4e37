import type { MigrationDifference } from './migrations/compare-folder.ts'

/** A table as people write it: `schema` is left out where it is `public`. */
export type TableName = string

/** How the values of two or more columns are made comparable. */
export type KeyForm =
  /** As they are: uuid with uuid, whole numbers with whole numbers, text with text. */
  | 'uuid'
  | 'integer'
  | 'text'
  /** As text, without blanks around it, in lower case. */
  | 'folded'
  /** Folded, and without hyphens: a uuid however it is written. */
  | 'undashed'

/** One table that was looked at. */
export interface OverlapTable {
  readonly name: TableName
  readonly kind: 'table' | 'partitioned table' | 'view' | 'materialized view' | 'foreign table'
  readonly columns: number
  /** The server's estimate; null before the first analyze, and for views. */
  readonly estimatedRows: number | null
  /** Other tables that it only shows again (a view), or whose rows it holds with its own (inheritance). */
  readonly shows: readonly TableName[]
  /** Why it could not be read; null where it could. */
  readonly unreadable: string | null
}

/** What one column holds, as a key; counted over all rows. */
export interface KeyProfile {
  readonly table: TableName
  readonly columns: readonly string[]
  readonly form: KeyForm
  readonly rows: number
  /** Null, or nothing but blanks. */
  readonly rowsWithoutKey: number
  readonly keys: number
  /** Keys that several rows have, how many rows these are, and how many rows have the same key at most. */
  readonly duplicatedKeys: number
  readonly rowsOfDuplicatedKeys: number
  readonly mostRowsOfOneKey: number
  /** How the values are written, in rows; null for types that can be written one way only. */
  readonly spelling: Spelling | null
}

export interface Spelling {
  readonly withBlanksAround: number
  readonly withCapitals: number
  readonly uuids: number
  readonly uuidsWithoutHyphens: number
  readonly digits: number
  /** Neither a uuid nor digits. */
  readonly others: number
}

/** Columns of several tables that hold the same values, so that rows can be told to belong together by them. */
export interface Identity {
  /** The name that most of its columns have. */
  readonly name: string
  /** key: made to tell rows apart. content: values that happen to be the same, such as a text. */
  readonly kind: 'key' | 'content'
  readonly members: readonly { readonly table: TableName; readonly column: string }[]
}

export interface OverlapGroup {
  readonly tables: readonly TableName[]
  /** 0 to 1; null where a person named the tables. */
  readonly score: number | null
  readonly evidence: readonly string[]
  /** The identity by which most of its tables can be joined; null where there is none. */
  readonly key: string | null
  /** Tables of the group that have it. */
  readonly keyed: readonly TableName[]
  /** How many keys are in exactly these tables, the most first. */
  readonly sets: readonly { readonly tables: readonly TableName[]; readonly keys: number }[]
  /** Set where the keys were sampled: every count is an estimate. */
  readonly sample: Sample | null
}

export type Relation = 'equal' | 'superset' | 'subset' | 'partial' | 'none' | 'empty'

export interface KeyChoice {
  readonly left: readonly string[]
  readonly right: readonly string[]
  readonly form: KeyForm
  /** Of the keys of the side that has fewer, how many the other has too: 0 to 1, an estimate. */
  readonly estimatedShare: number | null
  readonly why: string
}

export interface Pair {
  readonly left: TableName
  readonly right: TableName
  /** Null where no column of the two holds the same values. */
  readonly key: KeyChoice | null
  /** What else could serve, or has the name of a key and doesn't. */
  readonly otherKeys: readonly KeyChoice[]
  readonly counts: PairCounts | null
  /** The left one as seen from the right one: `superset` has all keys of the right one and more. */
  readonly relation: Relation | null
  /** The columns that tell which of two rows was written later; null where a side has none. */
  readonly newerBy: { readonly left: string; readonly right: string } | null
  readonly columns: readonly ComparedColumn[]
  /** Columns without a counterpart. */
  readonly leftOnlyColumns: readonly string[]
  readonly rightOnlyColumns: readonly string[]
  readonly hints: readonly string[]
  readonly sample: Sample | null
  /** Null where nothing was counted. */
  readonly toSee: RowsToSee | null
  readonly examples: { readonly onlyLeft: readonly string[]; readonly onlyRight: readonly string[] }
}

/** SQL that shows the rows behind the counts. */
export interface RowsToSee {
  readonly onlyLeft: string
  readonly onlyRight: string
  /** Null where nothing conflicts. */
  readonly conflicts: string | null
}

export interface PairCounts {
  readonly leftKeys: number
  readonly rightKeys: number
  readonly shared: number
  readonly onlyLeft: number
  readonly onlyRight: number
}

/** The counts are of shared keys, and add up to `shared`. Of several rows with one key the newest counts. */
export interface ComparedColumn {
  readonly left: string
  readonly right: string
  readonly leftType: string
  readonly rightType: string
  /** How it was found to be the same column. */
  readonly by: 'name' | 'values'
  readonly equal: number
  readonly bothNull: number
  readonly leftNull: number
  readonly rightNull: number
  readonly conflicting: number
  /** Of the conflicting: those that differ in a way that has a name. */
  readonly nearly: readonly { readonly how: string; readonly count: number }[]
  /** Of the conflicting: whose row is newer. */
  readonly leftNewer: number
  readonly rightNewer: number
  readonly notes: readonly string[]
  readonly examples: readonly ConflictExample[]
}

export interface ConflictExample {
  readonly key: string
  readonly left: string | null
  readonly right: string | null
  readonly newer: 'left' | 'right' | null
}

/** A table that lacks a key, and how its rows find it through another table. */
export interface Link {
  readonly table: TableName
  /** The identity that it lacks. */
  readonly wants: string
  readonly through: TableName
  /** Its own column and the column of the table between that hold the same values. */
  readonly by: { readonly identity: string; readonly column: string; readonly throughColumn: string }
  /** The column of the table between that holds the key. */
  readonly take: string
  readonly rows: number
  /** Rows whose own value is null or blank. */
  readonly withoutValue: number
  readonly found: number
  /** The value leads to several keys. */
  readonly ambiguous: number
  /** The table between has the value, but no key beside it. */
  readonly withoutKey: number
  readonly notFound: number
  /** Of the rows that are not found: values unlike those of most rows (made up). */
  readonly unlikeOthers: number
  /** Rows that share their value with another row of the table. */
  readonly sharedValues: number
}

/** Every count is an estimate from a share of the keys; bounds hold at 95 %. */
export interface Sample {
  /** Of all keys, 0 to 1. */
  readonly share: number
  readonly keys: number
  /** By how much an estimate of a count that is about the size of all keys may be off. */
  readonly bounds: { readonly shared: Bounds; readonly onlyLeft: Bounds; readonly onlyRight: Bounds } | null
}

export interface Bounds {
  readonly from: number
  readonly to: number
}

export interface OverlapProblem {
  readonly where: string
  readonly message: string
  readonly hint: string
}

/** OVERLAP_REPORT.json; schema/overlap-report.schema.json says the same. */
export interface OverlapDocument {
  readonly version: 1
  readonly schemas: readonly string[]
  /** Whether examples show values; else only their shape: `a` for a letter, `9` for a digit. */
  readonly showsValues: boolean
  readonly tables: readonly OverlapTable[]
  readonly identities: readonly Identity[]
  readonly keys: readonly KeyProfile[]
  readonly groups: readonly OverlapGroup[]
  readonly pairs: readonly Pair[]
  readonly links: readonly Link[]
  readonly problems: readonly OverlapProblem[]
  /** Null where no folder of migrations was found. */
  readonly migrations: MigrationDifference | null
}
