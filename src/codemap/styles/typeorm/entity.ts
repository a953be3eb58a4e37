import type { Value } from '../../value.ts'

/** A table as TypeORM sees it: what a class or a schema declares, before names are made of it. */
export interface Entity {
  /** The same for the same class or schema. */
  readonly id: string
  readonly name: string
  /** The name that is given for the table; null where the naming strategy makes it of the class's name. */
  readonly given: Value | null
  /** The class's name that the strategy starts from: of a child in one table with its parent, the parent's. */
  readonly named: string
  readonly schema: Value | null
  /** By their path in code: `email`, `name.first` of an embedded class. */
  readonly columns: ReadonlyMap<string, EntityColumn>
  readonly relations: ReadonlyMap<string, EntityRelation>
  /** The class, for instances; null for a schema. */
  readonly instance: Value | null
}

export interface EntityColumn {
  readonly property: string
  readonly given: string | null
  readonly prefixes: readonly string[]
  readonly primary: boolean
  /** Set by TypeORM itself when rows are deleted softly, changed, or made. */
  readonly mode: 'deleted' | 'updated' | 'created' | null
}

export interface EntityRelation {
  readonly property: string
  readonly kind: 'one-to-one' | 'one-to-many' | 'many-to-one' | 'many-to-many'
  /** A class, a schema, a name, or a function that gives one. */
  readonly target: Value
  /** The other side's property, as a function of it or a name. */
  readonly inverse: Value | null
  readonly joinColumns: readonly JoinColumn[]
  /** This side names the join columns or the table between. */
  readonly owner: boolean
  readonly joinTable: JoinTable | null
  readonly eager: boolean
}

export interface JoinColumn {
  readonly name: string | null
  /** A property of the other side; its primary key where none is named. */
  readonly references: string | null
}

export interface JoinTable {
  readonly name: string | null
  readonly schema: string | null
  readonly columns: readonly JoinColumn[]
  readonly inverseColumns: readonly JoinColumn[]
}
