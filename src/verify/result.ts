import type { Key } from '../control/key-ranges.ts'

/** Where the rows of one old table went; `merged + own + leftOut + journaled + waiting + lost` is `oldRows`. */
export interface SourceAccount {
  readonly source: string
  readonly oldRows: number
  readonly merged: number
  readonly own: number
  readonly leftOut: number
  readonly journaled: number
  /** In the outbox at that moment. */
  readonly waiting: number
  /** Nowhere. Must be 0. */
  readonly lost: number
}

export interface Checked {
  readonly checked: number
  readonly differing: number
}

export type Verdict = 'missing' | 'extra' | 'differing'

/** The first difference of its kind. */
export interface Example {
  readonly key: Key
  readonly verdict: Verdict
  /** Those that differ; empty for rows that only one side has. */
  readonly columns: readonly string[]
  /** What the old rows say, and what the new table holds; null for a side that has no row. */
  readonly old: Readonly<Record<string, unknown>> | null
  readonly new: Readonly<Record<string, unknown>> | null
  /** The error, where the row can't be computed from its old rows. */
  readonly reason: string | null
}

export interface FullComparison {
  /** Keys that have a row on either side, or should. */
  readonly rows: number
  readonly missing: number
  readonly extra: number
  readonly differing: number
  /** Differences that the outbox knew of. */
  readonly waiting: number
  /** Keys that have no new row, and the journal says why. */
  readonly journaled: number
  readonly seconds: number
}

export interface VerifyResult {
  readonly target: string
  readonly counts: { readonly sources: readonly SourceAccount[]; readonly newRows: number }
  readonly samples: Checked
  /** Rows of the last 24 hours, by `column`; null where the new table has no such column. */
  readonly recent: (Checked & { readonly column: string }) | null
  readonly full: FullComparison
  readonly examples: readonly Example[]
  /** Keys that `repair` had computed again; the figures above are those of afterwards. */
  readonly repaired: number
  readonly clean: boolean
}

/** True when the four places of the old rows, and what waits at the moment, add up to all of them. */
export function addsUp(account: SourceAccount): boolean {
  const { oldRows, merged, own, leftOut, journaled, waiting } = account
  return merged + own + leftOut + journaled + waiting === oldRows
}
