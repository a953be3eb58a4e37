import type { Catalog } from '../catalog/types.ts'
import type { Interaction } from '../codemap/interaction.ts'
import type { OverlapDocument } from '../overlap/overlap-document.ts'
import type { Domains } from './fit-type.ts'

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
  readonly domains: Domains
}

/** What one column of a source holds, counted over all rows. */
export interface ColumnFacts {
  readonly table: string
  readonly column: string
  readonly rows: number
  readonly nulls: number
  /** The distinct values of a column that is named like a status, sorted; null where they weren't asked for, or are too many. */
  readonly words: readonly string[] | null
  /** How its texts are written; null where that wasn't asked for: no table of its group has another type for it. */
  readonly texts: TextCounts | null
}

/** Values of a text column. */
export interface TextCounts {
  /** As the server writes a whole number of up to 9 digits; of up to 18. */
  readonly integers: number
  readonly bigints: number
  readonly uuids: number
}

export interface TableColumn {
  readonly table: string
  readonly column: string
}
