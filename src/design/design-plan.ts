import type { CatalogColumn, CatalogTable } from '../catalog/types.ts'
import type { AppendTable, MergeTable } from '../spec/config.ts'
import type { TableColumn } from './design-facts.ts'

/** Why something was decided, or what a person has to decide. Plain text, on one line. */
export interface Remark {
  readonly kind: 'reason' | 'question'
  readonly text: string
}

/** What a draft says, as data; the writers of its two files only put it into words. */
export interface DesignPlan {
  readonly oldSchema: string
  readonly newSchema: string
  readonly targets: readonly TargetPlan[]
  readonly references: readonly ReferencePlan[]
  /** Of the join that code does most; null before the references are settled, and where there is none. */
  readonly view: ViewPlan | null
  /** Tables that stay as they are. */
  readonly keep: readonly string[]
  /** Of the draft as a whole. */
  readonly remarks: readonly Remark[]
}

export interface TargetPlan {
  readonly name: string
  readonly remarks: readonly Remark[]
  readonly columns: readonly ColumnPlan[]
  readonly primaryKey: readonly string[]
  readonly checks: readonly CheckPlan[]
  readonly uniques: readonly UniquePlan[]
  readonly indexes: readonly IndexPlan[]
  readonly security: SecurityPlan
  /** What crossfade.config.ts says of it. */
  readonly rule: MergeTable | AppendTable
  /** Comments of the rule, by the path from the table on: `key`, `sources.posts`, `sources.posts.columns.body`. */
  readonly ruleRemarks: { readonly [path: string]: readonly Remark[] }
}

export interface ColumnPlan {
  readonly name: string
  /** With the facts of its type that resolving a mapping asks for. */
  readonly shape: CatalogColumn
  readonly remarks: readonly Remark[]
  /** The old columns that feed it. */
  readonly members: readonly TableColumn[]
}

export interface CheckPlan {
  /** SQL of the condition, in the new names; null where there is only a question. */
  readonly condition: string | null
  readonly remarks: readonly Remark[]
}

/** A unique key of some sources beside the new table's own; whether it can stand, the data says. */
export interface UniquePlan {
  readonly columns: readonly string[]
  /** Sources that have it. */
  readonly owners: readonly string[]
  /** One source alone gives it, so that it stands without a look at the rows. */
  readonly isHeld: boolean
  /** A source that gives it is partitioned. */
  readonly hasPartitions: boolean
  /** New rows that have it, and those of them that share it with another; null until they were counted. */
  readonly rows: number | null
  readonly shared: number | null
  /** The new column that says which of two rows is newer, where one does. */
  readonly latestBy: string | null
  readonly remarks: readonly Remark[]
}

export interface IndexPlan {
  readonly name: string
  readonly columns: readonly string[]
  readonly remarks: readonly Remark[]
}

export interface SecurityPlan {
  readonly enabled: boolean
  readonly forced: boolean
  readonly policies: CatalogTable['policies']
  readonly remarks: readonly Remark[]
}

/** A foreign key that would say what the data means; whether it can stand, the data says. */
export interface ReferencePlan {
  readonly target: string
  readonly column: string
  readonly references: string
  readonly referenced: string
  readonly children: readonly TableColumn[]
  readonly parents: readonly TableColumn[]
  /**
   * uuid: values are compared as uuids, however they are written. folded: the parents' key is made of the old one without
   * blanks and capitals, so that only a child's value that is written so finds it.
   */
  readonly form: 'uuid' | 'folded' | 'plain'
  /** Distinct values of the children that no parent has; null: not counted. */
  readonly orphans: number | null
  readonly remarks: readonly Remark[]
}

export function reason(text: string): Remark {
  return { kind: 'reason', text }
}

export function question(text: string): Remark {
  return { kind: 'question', text }
}

/** A row for each one of the reference's new table, with what it refers to beside it. */
export interface ViewPlan {
  readonly name: string
  readonly reference: ReferencePlan
  /** Columns of the table that refers. */
  readonly own: readonly string[]
  /** Columns of the one that it refers to, and what they are called here. */
  readonly others: readonly { readonly column: string; readonly as: string }[]
  readonly remarks: readonly Remark[]
}
