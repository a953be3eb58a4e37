import type { Sql } from '../lib/sql.ts'

/** The strongest table lock that a statement takes, as PostgreSQL names it. */
export type Lock =
  | 'none'
  | 'ACCESS SHARE'
  | 'ROW SHARE'
  | 'ROW EXCLUSIVE'
  | 'SHARE UPDATE EXCLUSIVE'
  | 'SHARE'
  | 'SHARE ROW EXCLUSIVE'
  | 'ACCESS EXCLUSIVE'

/** A statement is data before it is text: what runs, what takes it back, what it locks, and why. */
export interface Statement {
  /** Stable and unique within a plan, e.g. `forward-trigger:public.content_metadata`. */
  readonly id: string
  readonly sql: Sql
  /** null where there is nothing to take back. */
  readonly undo: Sql | null
  /** Makes it harmless at once, without a lock on any table, where the undo can't get its lock; the undo follows later. */
  readonly silence?: Sql
  readonly lock: { readonly mode: Lock; readonly on: string | null }
  /** false for what PostgreSQL refuses inside a transaction block, such as CREATE INDEX CONCURRENTLY. */
  readonly transactional: boolean
  readonly why: string
}

/** An index that is built outside of any transaction, with what belongs to it. */
export interface LateIndex {
  readonly schema: string
  readonly name: string
  readonly statements: readonly Statement[]
}
