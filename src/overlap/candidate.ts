import type { CatalogColumn, CatalogTable } from '../catalog/types.ts'
import { ident, raw, type Sql, sql } from '../lib/sql.ts'

export interface CandidateColumn extends CatalogColumn {
  /** Bytes, on average, by the statistics of the server; null where it has none. */
  readonly width: number | null
  /** As pg_stats has it: a number of values, or, below zero, a share of the rows. */
  readonly distinct: number | null
}

/** A table or view that may hold the same facts as another. */
export interface Candidate {
  /** `posts`, `audit.posts`. */
  readonly name: string
  readonly table: CatalogTable
  readonly columns: readonly CandidateColumn[]
  /** reltuples, of a partitioned table those of its partitions; null where the server doesn't know. */
  readonly rows: number | null
  /** Set where it can't be read. */
  readonly unreadable: string | null
}

export function nameOf({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return schema === 'public' ? name : `${schema}.${name}`
}

export function relationOf({ table }: Candidate): Sql {
  return ident(table.schema, table.name)
}

/** TABLESAMPLE is for tables alone. */
export function canBeSampled({ table }: Candidate): boolean {
  return table.kind === 'table' || table.kind === 'partitioned table' || table.kind === 'materialized view'
}

/**
 * The relation with the alias `row`, or about so many rows of it, by whole blocks, the same ones each time. `share` is
 * what part that is, as far as the server's estimate holds.
 */
export function sampleOf(candidate: Candidate, rows: number, row: Sql): { readonly from: Sql; readonly share: number } {
  const whole = { from: sql`${relationOf(candidate)} ${row}`, share: 1 }
  const { rows: all } = candidate
  if (all === null || all <= rows * 2 || !canBeSampled(candidate)) return whole
  const share = rows / all
  // At least a block or two of the largest tables.
  const percent = raw((share * 100).toFixed(6).replace(/^0\.000000$/, '0.000001'))
  return { from: sql`${relationOf(candidate)} ${row} tablesample system (${percent}) repeatable (1)`, share }
}

/** Whether the columns are unique by an index that holds now, for every row that has all of them. */
export function isUnique({ table }: Candidate, columns: readonly string[]): boolean {
  // A unique index of a parent says nothing of the rows of tables that inherit from it.
  if (table.kind === 'table' && table.children.length > 0) return false
  return table.indexes.some(
    (index) =>
      index.unique &&
      index.valid &&
      index.immediate &&
      index.predicate === null &&
      index.columns.length > 0 &&
      index.columns.every((column) => column !== null && columns.includes(column)),
  )
}
