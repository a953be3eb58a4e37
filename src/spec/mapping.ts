import type { ThrottleSettings } from './sync-settings.ts'

/**
 * The mapping after it has met the catalog: every name resolved, every type exact, every inverse
 * known. This is what the generators read; nothing in it needs the database again.
 */
export interface Mapping {
  readonly oldSchema: string
  readonly newSchema: string
  readonly targets: readonly TargetMapping[]
  readonly keep: readonly string[]
  /** Roles with whose code native writes may run; `public` is everybody. */
  readonly trusted: readonly string[]
  /** What the mapping names but does not need, in words for a person. */
  readonly notes: readonly string[]
  /** Views that the mapping names as sources; they go where their table goes. */
  readonly views: readonly Relation[]
  readonly indexes: readonly NeededIndex[]
  readonly budgetMs: number
  readonly inlineWrites: number
  readonly throttle: ThrottleSettings
}

export interface Relation {
  readonly schema: string
  readonly name: string
}

export interface KeyColumn {
  readonly name: string
  /** Without its modifier. */
  readonly type: string
  /** Where the type is a domain that takes no null: the type under it, since a variable begins with null. */
  readonly nullable?: string
  /** Schema of the type's comparison operators, so that they can be named under any search path. */
  readonly operatorSchema: string
}

/**
 * One way into a new table: all of it for a merge; for an append one for each source, since each old row has a new
 * row of its own. Parents come before their children.
 */
export interface TargetMapping {
  /** Number within the migration; names of generated objects that would be too long fall back on it. */
  readonly number: number
  /** Unique among them, and what the outbox and the journal call it: `posts`, `metrics from outcomes`. */
  readonly name: string
  readonly kind: 'merge' | 'append'
  /** Whether a write by an old name is applied in its transaction, or only noted there. */
  readonly mode: 'inline' | 'outbox'
  /** In outbox mode: reads may lag behind, by the user's own word. */
  readonly staleReads: boolean
  readonly relation: Relation
  /** Merge: columns of the new table. Append: what tells old rows apart, as `crossfade_key_1` …, which only lineage has. */
  readonly key: readonly KeyColumn[]
  /** Append: the new table's primary key, by which lineage finds the row. Empty for a merge. */
  readonly handle: readonly HandleColumn[]
  /** Every column that the sources feed, the key first. */
  readonly columns: readonly TargetColumn[]
  /** Columns that only the new schema has; no projection touches them. */
  readonly ownColumns: readonly string[]
  readonly sources: readonly SourceMapping[]
  /** Indexes into `sources`: where a native insert creates a row. */
  readonly reverse: readonly number[]
  readonly sequences: readonly SequenceColumn[]
  /** CHECK constraints of the new table that can be asked beforehand: over fed columns, and never raising. */
  readonly checks: readonly Check[]
  /** Unique keys of the new table that the old data may break. */
  readonly uniques: readonly UniqueRule[]
  /** New tables whose rows its rows reference. */
  readonly parents: readonly ParentRule[]
  /** Ways into new tables whose rows reference its rows. */
  readonly children: readonly ChildRule[]
  /** New columns by which old rows are linked to others: native writes can't change them. */
  readonly linkColumns: readonly string[]
}

export interface Check {
  readonly name: string
  /** SQL over the new row, column names without their table. */
  readonly sql: string
}

export interface HandleColumn {
  readonly name: string
  readonly type: string
  /** SQL of the value that the next row gets. */
  readonly next: string
}

/** Of several rows with the same values in these columns one stays; which, is a function of the rows alone. */
export interface UniqueRule {
  readonly columns: readonly string[]
  /** How old rows are found that may have a value in the first of them. Empty: by no value, so all are looked at. */
  readonly lookups: readonly UniqueLookup[]
  /** Then the smallest key. */
  readonly pick: { readonly column: string; readonly direction: 'latest' | 'earliest' } | null
  readonly otherwise: 'journal' | 'omit'
}

export interface UniqueLookup {
  /** Ordinal of the source. */
  readonly source: number
  /** SQL over its row; null where it doesn't feed the column. */
  readonly sql: string | null
  /** What the column holds where that is null, as SQL; null where it holds null then. */
  readonly otherwise: string | null
}

/** A row whose parent isn't there waits in the journal. A key with a null in it has no parent to wait for. */
export interface ParentRule {
  /** The parent's `name`. */
  readonly name: string
  readonly relation: Relation
  /** The foreign key here, and the parent's columns in the same order. */
  readonly columns: readonly string[]
  readonly referenced: readonly string[]
}

export interface ChildRule {
  /** The child's `name`. */
  readonly name: string
  readonly relation: Relation
  /** The foreign key there, and the columns here in the same order. */
  readonly columns: readonly string[]
  readonly referenced: readonly string[]
  /** What a native delete here does with rows there. */
  readonly onDelete: 'refuse' | 'cascade'
  /** What the new schema's own foreign key does from finish on: it deletes them. */
  readonly cascades: boolean
}

/** A column of the new table that draws from a sequence. */
export interface SequenceColumn {
  readonly column: string
  readonly identity: 'always' | 'by default' | null
  readonly default: string | null
  readonly own: Relation
  /** The old sequence whose values this column holds; both sides draw from it while both live. Null for a column of the new side alone. */
  readonly old: Relation | null
}

export interface TargetColumn {
  readonly name: string
  /** With its modifier. */
  readonly type: string
  /** Without. The projection computes in this type and then fits it into `type` without loss, or refuses the row. */
  readonly baseType: string
  /** Schema of the type's comparison operators. */
  readonly operatorSchema: string
  readonly notNull: boolean
  /** The mapping's own word for a column in which no source has a value. */
  readonly otherwise: string | null
  /** The column's constant default, for rows of which no source maps the column at all. */
  readonly absent: string | null
  readonly rule: ColumnRule
}

/** Whose value a column has. Ordinals of sources that feed it, in order of precedence; stubs are not among them. */
export type ColumnRule =
  | { readonly kind: 'first value' | 'first row'; readonly sources: readonly number[] }
  /** The extra column of each source (`SourceMapping.extras`) by which the latest is told; among equals the first in order. */
  | { readonly kind: 'latest'; readonly sources: readonly number[]; readonly by: readonly string[] }
  /** SQL over extra columns of the sources, `"s1"."crossfade_x_1"`, s1 being the first source. */
  | { readonly kind: 'expression'; readonly sql: string }

/** An index that old rows are looked up by and that is missing, so Crossfade builds it. */
export interface NeededIndex {
  readonly name: string
  readonly table: Relation
  /** SQL over the table's columns, without its name. */
  readonly parts: readonly string[]
  /** Where a value may be too long for a btree, whose page would refuse the application's insert. */
  readonly method?: 'hash'
  /** Ends the sentence "finds rows of …". */
  readonly purpose: string
}

/** One step on the way to another table. All SQL is qualified with the alias of the row that it is over. */
export interface ViaStep {
  readonly relation: Relation
  /** Alias of its row in all expressions: `crossfade_via_1`, and so on. */
  readonly alias: string
  /** SQL over the row before (of the source, or of the step before), of the type of `to`; never raises; null: no link. */
  readonly link: string
  /** SQL over the row of `relation`. */
  readonly to: string
  /** Type of both, without modifier. */
  readonly type: string
  /** SQL terms of ORDER BY, of which the first row counts. */
  readonly order: readonly string[]
  /** Columns of `relation` whose change can change what is found. */
  readonly uses: readonly string[]
}

/** The way from a source row to a value that another table knows. */
export interface Link {
  /** From the source outwards: one step, or two. */
  readonly steps: readonly ViaStep[]
  /** SQL over the row of the last step: one for each key column, or one for a column. Never raises; null: as if not found. */
  readonly take: readonly string[]
  /** SQL over the source row: what it gets where nothing is found; null where nothing is generated. */
  readonly generated: readonly string[] | null
  /** The new column that it feeds; null for the key. */
  readonly column: string | null
}

/** A value of a source's row that a rule needs beside what the source feeds. */
export interface ExtraColumn {
  /** `crossfade_x_1` … */
  readonly name: string
  /** SQL over the source row, of its column `uses`. */
  readonly sql: string
  readonly uses: string
}

export interface SourceMapping {
  /** Position in the order of precedence, from 0. */
  readonly ordinal: number
  /** A source of a child's: it makes a parent of what the child knows, where no other source has the row. Never written. */
  readonly stub: boolean
  /** Values found through other tables: the key's first, where it is one. `key` and `feeds` hold the SQL of them, too. */
  readonly links: readonly Link[]
  readonly extras: readonly ExtraColumn[]
  /** What is read and written: the table, or an updatable view as the mapping names it. */
  readonly relation: Relation
  /** Where the triggers hang: the base table. Equal to `relation` but for views. */
  readonly base: Relation
  /** For views: the view's query over the unqualified name of the base table. */
  readonly viewQuery: string | null
  /** Columns that identify an old row. */
  readonly identity: readonly SourceColumn[]
  /** Append: SQL of the next value of each of them, for the row that a native insert makes; null where `back` gives it, or nothing does. */
  readonly draws: readonly (string | null)[]
  /** One per key column: SQL over the source row, of the key's type, never failing; null where the row has no key. */
  readonly key: readonly string[]
  /** The same to look rows up by: where an index on the bare column serves a comparison with the key's type, that column. */
  readonly lookup: readonly string[]
  /** Old columns that the key expressions read. */
  readonly keyUses: readonly string[]
  readonly where: string | null
  readonly otherwise: 'journal' | 'omit'
  /** No two rows can have one key. */
  readonly unique: boolean
  readonly latestBy: string | null
  /** New column → SQL over the source row, cast to the column's base type. */
  readonly feeds: readonly Feed[]
  /** Old column → SQL over the new row, of the old column's type. */
  readonly back: readonly BackColumn[]
  /** Old columns that the new row cannot give back; lineage carries them for the compat view. */
  readonly carried: readonly SourceColumn[]
  /** Carried columns by which the old table has an index: reads through the compat view look rows up by them too. */
  readonly carriedIndexes: readonly (readonly string[])[]
  /** Every column of the old relation, in order, for the compat view. */
  readonly shape: readonly SourceColumn[]
  /** It has an identity GENERATED ALWAYS, which takes a given value only with that word. */
  readonly overriding: boolean
  /** Not every write of the base table fires its statement triggers (partitions, inheritance), so rows are captured one by one. */
  readonly rowByRow: boolean
  /** A trigger of the table fires for UPDATE OF some columns: a reverse write may name only what it changes. */
  readonly hasUpdateOf: boolean
}

export interface Feed {
  readonly column: string
  /** SQL over the source row, of the column's base type. */
  readonly from: string
  /** What null means here; null where it means null. */
  readonly fault: Fault | null
  /** Old columns that the expression reads. */
  readonly uses: readonly string[]
}

/** A null of `from` stands for a value that can't be computed: the row goes into the journal, without an error on the way. */
export interface Fault {
  /** SQL over the source row, of type text: what was given and is wrong; null: nothing had to be given. */
  readonly given: string | null
  readonly sqlstate: string
  /** What the journal says, with what was given between the two. */
  readonly before: string
  readonly after: string
}

export interface SourceColumn {
  readonly name: string
  readonly type: string
}

export interface BackColumn extends SourceColumn {
  readonly back: string
  /** It is a column of the new row, and of the same type. */
  readonly plain: boolean
  /** New columns that it reads; empty where that isn't known. */
  readonly uses: readonly string[]
  /** The old column's default, where it may not be null: what a native insert without a value for it gets. */
  readonly absent: string | null
  /** The new columns that this old column feeds. */
  readonly feeds: readonly string[]
}
