/** `stops`: rows or objects that the move would lose, or a stage that would refuse; `decide`: a choice that is a person's; `note`: good to know. */
export type CheckSeverity = 'stops' | 'decide' | 'note'

export interface CheckExample {
  /** The key of the new row; of a row without one what tells the old row apart. Its shape alone, unless values are shown. */
  readonly key: readonly (string | null)[]
  /** What each source says, in order of precedence; empty where the finding isn't about values. */
  readonly values: readonly (string | null)[]
}

export interface CheckFinding {
  /** Stable from run to run, so that it can be accepted by it; unique in a report. */
  readonly id: string
  readonly severity: CheckSeverity
  /** Named under `accept` in the configuration. */
  readonly accepted: boolean
  readonly what: string
  /** A table, a column, a way into a new table, or the configuration. */
  readonly where: string
  /** Null where nothing was to be counted, or it could not be. */
  readonly rows: number | null
  readonly examples: readonly CheckExample[]
  /** Of what is about code: `src/posts.ts:12`, paths as the map has them. */
  readonly places: readonly string[]
  /** What to do. */
  readonly advice: string
}

/** One way into a new table. */
export interface CheckedTable {
  readonly name: string
  readonly table: string
  /** Rows that the sources give, before those that it refuses are taken away; null where they could not be counted. */
  readonly rows: number | null
  readonly refused: number | null
  readonly sources: readonly CheckedSource[]
}

export interface CheckedSource {
  readonly table: string
  readonly rows: number
  /** By the mapping's own rule. */
  readonly leftOut: number
  readonly keyless: number
  /** Share their key with another row of the same table, which feeds the new row instead. */
  readonly repeated: number
}

/** What `crossfade check` finds. */
export interface CheckReport {
  readonly version: 1
  /** Nothing stops that isn't accepted. */
  readonly ok: boolean
  /** A hash of the mapping and the new schema that were checked. */
  readonly design: string
  /** Which database it was, so that the report of a copy doesn't stand for another. */
  readonly database: string
  /** Examples show values, else their shape. */
  readonly showsValues: boolean
  readonly trial: {
    /** The new schema was built on a server of Crossfade's own, or on the database itself and rolled back. */
    readonly on: 'own server' | 'database'
    /** e.g. 180004 */
    readonly serverVersion: number
    readonly databaseVersion: number
    /** Statements of the old schema that the own server refuses, as `kind: reason`. */
    readonly leftOut: readonly string[]
  }
  /** Empty where the design itself doesn't hold. */
  readonly tables: readonly CheckedTable[]
  readonly findings: readonly CheckFinding[]
  /** Names under `accept` that no finding has (any more). */
  readonly unknownAccepted: readonly string[]
}
