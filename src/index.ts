/** What `crossfade.config.ts` imports. */

/** What `crossfade check` finds. */
export type {
  CheckExample,
  CheckedSource,
  CheckedTable,
  CheckFinding,
  CheckReport,
  CheckSeverity,
} from './check/check-report.ts'
/** What `crossfade map` finds. */
export type { Columns, Interaction, Operation, Place, Problem, Style, Unresolved } from './codemap/interaction.ts'
export type {
  Flow,
  FlowStep,
  InteractionMap,
  MapSummary,
  OperationCounts,
  RoutineSummary,
  SuspectGroup,
  TableClass,
  TableStatistics,
  TableSummary,
} from './codemap/interaction-map.ts'
export type { Coverage, CoveredAccess, CoveredFile, Finding, FindingKind } from './coverage/coverage.ts'
export type { MapDocument } from './map-document.ts'
export type { MigrationDifference } from './overlap/migrations/compare-folder.ts'
/** What `crossfade overlap` finds. */
export type {
  Bounds,
  ComparedColumn,
  ConflictExample,
  Identity,
  KeyChoice,
  KeyForm,
  KeyProfile,
  Link,
  OverlapDocument,
  OverlapGroup,
  OverlapProblem,
  OverlapTable,
  Pair,
  PairCounts,
  Relation,
  RowsToSee,
  Sample,
  Spelling,
} from './overlap/overlap-document.ts'
/** What `crossfade snapshot` finds. */
export type { SchemaSnapshot } from './snapshot/schema-snapshot.ts'
export {
  type AppendSource,
  type AppendSpec,
  append,
  type ColumnSpec,
  type CrossfadeConfig,
  type DatabaseSettings,
  defineConfig,
  type Expression,
  type MergeColumn,
  type MergeSource,
  type MergeSpec,
  type MigrationsSettings,
  merge,
  type ParentSpec,
  type UniqueSpec,
  type Via,
  type VocabularySpec,
} from './spec/config.ts'
