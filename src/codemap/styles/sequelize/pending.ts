import type { Site } from '../../style.ts'
import type { Value } from '../../value.ts'
import type { ModelRef, RowOf } from './values.ts'

/** A call of a model or of a row that reaches the database, as it stands. */
export interface PendingCall {
  readonly on: 'model' | 'row'
  readonly ref: ModelRef
  readonly method: string
  readonly args: readonly Value[]
  /** Scopes that are asked for; null where the default scope applies. */
  readonly scopes: readonly Value[] | null
  readonly row: RowOf | null
  readonly site: Site
}
