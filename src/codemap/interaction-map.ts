import type { Columns, Interaction, Operation, Place, Problem, Unresolved } from './interaction.ts'

/**
 * critical: the program's main loops write and read it. important: a feature. legacy: only written, only read, not
 * touched by code that runs, or shadowed by another table. unknown: what is known contradicts itself.
 */
export type TableClass = 'critical' | 'important' | 'legacy' | 'unknown'

/** What the database says of one table; times in ISO 8601, UTC. Counts go since `since`. */
export interface TableStatistics {
  readonly schema: string
  readonly name: string
  /** An estimate of the server; null before the first analyze. */
  readonly rows: number | null
  readonly sequentialScans: number
  readonly indexScans: number
  /** Rows. */
  readonly inserts: number
  readonly updates: number
  readonly deletes: number
  readonly lastScan: string | null
  readonly lastVacuum: string | null
  readonly lastAnalyze: string | null
  /** When the statistics were last reset; null: never, or not known. */
  readonly since: string | null
}

export type OperationCounts = Readonly<Partial<Record<Operation, number>>>

/** One table over all of the code. */
export interface TableSummary {
  readonly name: string
  /** Null where no code names it; `public` and no schema are taken for the same. */
  readonly schema: string | null
  readonly class: TableClass
  /** Sentences: why the class is what it is. */
  readonly evidence: readonly string[]
  readonly interactions: number
  readonly byOperation: OperationCounts
  readonly files: readonly string[]
  /** `file#function`; `file#` is the level of the module. */
  readonly functions: readonly string[]
  /** The union over all interactions; `known` is false where one of them isn't. */
  readonly columns: Columns
  readonly statistics?: TableStatistics
}

/** A function of the database that code calls (`rpc`). */
export interface RoutineSummary {
  readonly name: string
  readonly schema: string | null
  readonly interactions: number
  readonly files: readonly string[]
}

/** One hand-over: `module` puts rows into `table`, or takes them from it. */
export interface FlowStep {
  readonly module: string
  readonly file: string
  readonly table: string
  readonly operations: readonly Operation[]
  readonly places: readonly Place[]
}

/** Who writes what another reads, and what that one does with it. */
export interface Flow {
  readonly critical: boolean
  /** `planJob → content_metadata (insert) → postingQueue (select, update) → posted_decisions (insert)` */
  readonly text: string
  readonly steps: readonly FlowStep[]
  readonly evidence: readonly string[]
}

/** Tables that look like the same thing. */
export interface SuspectGroup {
  readonly tables: readonly string[]
  /** 0 to 1. */
  readonly score: number
  readonly evidence: readonly string[]
}

export interface MapSummary {
  readonly files: number
  readonly interactions: number
  readonly tables: number
  readonly reads: number
  /** Inserts; an upsert counts among the updates. */
  readonly writes: number
  readonly updates: number
  readonly deletes: number
  readonly rpc: number
  readonly ddl: number
  readonly unresolved: number
  readonly problems: number
}

/** DATABASE_INTERACTION_MAP.json. */
export interface InteractionMap {
  readonly version: 1
  readonly summary: MapSummary
  readonly tables: readonly TableSummary[]
  readonly routines: readonly RoutineSummary[]
  readonly flows: readonly Flow[]
  readonly suspects: readonly SuspectGroup[]
  readonly interactions: readonly Interaction[]
  readonly unresolved: readonly Unresolved[]
  readonly problems: readonly Problem[]
}
