import type { Catalog } from '../catalog/types.ts'
import type { Interaction } from '../codemap/interaction.ts'
import type { OverlapDocument } from '../overlap/overlap-document.ts'

/** What a draft is made from; all of it was read before. */
export interface DesignFacts {
  readonly oldSchema: string
  readonly newSchema: string
  /** The old schema alone. */
  readonly catalog: Catalog
  readonly overlap: OverlapDocument
  /** Of DATABASE_INTERACTION_MAP.json; null where there is no map. */
  readonly interactions: readonly Interaction[] | null
  /** Every access that the map found names its table, so what it doesn't name is touched by no code. */
  readonly mapIsWhole: boolean
  readonly columns: readonly ColumnFacts[]
}

/** What one column of a source holds, counted over all rows. */
export interface ColumnFacts {
  readonly table: string
  readonly column: string
  readonly rows: number
  readonly nulls: number
  /** The distinct values of a column that is named like a status, sorted; null where they weren't asked for, or are too many. */
  readonly words: readonly string[] | null
}

export interface TableColumn {
  readonly table: string
  readonly column: string
}
