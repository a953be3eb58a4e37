/**
 * The mapping after it has met the catalog: every name resolved, every type exact, every inverse
 * known. This is what the generators read; nothing in it needs the database again.
 */
export interface Mapping {
  readonly oldSchema: string
  readonly newSchema: string
  readonly targets: readonly TargetMapping[]
  readonly keep: readonly string[]
  /** What the mapping names but does not need, in words for a person. */
  readonly notes: readonly string[]
  /** Views that the mapping names as sources; they go where their table goes. */
  readonly views: readonly Relation[]
  readonly budgetMs: number
  readonly inlineWrites: number
}

export interface Relation {
  readonly schema: string
  readonly name: string
}

export interface KeyColumn {
  readonly name: string
  /** Without its modifier. */
  readonly type: string
  /** Schema of the type's comparison operators, so that they can be named under any search path. */
  readonly operatorSchema: string
}

export interface TargetMapping {
  /** Number within the migration; names of generated objects that would be too long fall back on it. */
  readonly number: number
  readonly relation: Relation
  readonly key: readonly KeyColumn[]
  /** Every column that the sources feed, the key first. */
  readonly columns: readonly TargetColumn[]
  /** Columns that only the new schema has; no projection touches them. */
  readonly ownColumns: readonly string[]
  readonly sources: readonly SourceMapping[]
  /** Indexes into `sources`: where a native insert creates a row. */
  readonly reverse: readonly number[]
  readonly sequences: readonly SequenceColumn[]
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
  readonly notNull: boolean
  /** The mapping's own word for a column in which no source has a value. */
  readonly otherwise: string | null
  /** The column's constant default, for rows of which no source maps the column at all. */
  readonly absent: string | null
}

export interface SourceMapping {
  /** Position in the order of precedence, from 0. */
  readonly ordinal: number
  /** What is read and written: the table, or an updatable view as the mapping names it. */
  readonly relation: Relation
  /** Where the triggers hang: the base table. Equal to `relation` but for views. */
  readonly base: Relation
  /** For views: the view's query over the unqualified name of the base table. */
  readonly viewQuery: string | null
  /** Columns that identify an old row. */
  readonly identity: readonly SourceColumn[]
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
  /** The index that the key expression needs is missing, so Crossfade builds it. */
  readonly needsIndex: boolean
  /** The key in the names of the base table, for that index; empty for a view that has other names. */
  readonly indexKey: readonly string[]
  /** A trigger of the table fires for UPDATE OF some columns: a reverse write may name only what it changes. */
  readonly hasUpdateOf: boolean
}

export interface Feed {
  readonly column: string
  readonly from: string
  /** Old columns that the expression reads. */
  readonly uses: readonly string[]
}

export interface SourceColumn {
  readonly name: string
  readonly type: string
}

export interface BackColumn extends SourceColumn {
  readonly back: string
  /** The old column's default, where it may not be null: what a native insert without a value for it gets. */
  readonly absent: string | null
  /** The new columns that this old column feeds. */
  readonly feeds: readonly string[]
}
