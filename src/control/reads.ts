import type pg from 'pg'
import { UsageError } from '../lib/errors.ts'

type Queryable = Pick<pg.ClientBase, 'query'>

/** One way in which the two sides answered one kind of statement differently. */
export interface FoundMismatch {
  readonly id: number
  readonly fingerprint: string
  readonly kind: 'columns' | 'rows' | 'values' | 'order' | 'error'
  readonly column: string
  /** Both answers were the old side's. */
  readonly noise: boolean
  /** The same statement differs by itself, too. */
  readonly noisy: boolean
  readonly tables: readonly string[]
  readonly statement: string
  readonly example: string
  readonly seen: number
  readonly lastAt: Date
  readonly acceptedBy: string | null
}

/** Reads of one kind, as clients have told of them. */
export interface ToldMeasure {
  /** Of the ramp at that time. */
  readonly percent: number
  readonly side: 'old' | 'new'
  readonly shadow: boolean
  readonly tables: readonly string[]
  readonly fingerprint: string
  readonly statement: string
  readonly count: number
  readonly errors: number
  readonly sumMs: number
  readonly buckets: ReadonlyMap<number, number>
}

export async function readMismatches(client: Queryable): Promise<FoundMismatch[]> {
  const { rows } = await client.query<FoundMismatch>(/* sql */ `
    SELECT m.id::float8, m.fingerprint, m.kind, m.column_name AS "column", m.noise, m.tables, m.statement, m.example, m.seen::float8,
           m.last_at AS "lastAt", m.accepted_by AS "acceptedBy",
           NOT m.noise AND EXISTS (SELECT FROM crossfade.mismatch AS n WHERE n.noise AND n.fingerprint = m.fingerprint) AS noisy
      FROM crossfade.mismatch AS m
     ORDER BY m.noise, m.accepted_at IS NOT NULL, m.seen DESC, m.id`)
  return rows
}

/** Mismatches that nobody has accepted; what differs by itself is none. */
export async function countOpenMismatches(client: Queryable): Promise<number> {
  const { rows } = await client.query<{ open: number }>(
    /* sql */ `SELECT count(*)::int AS open FROM crossfade.mismatch WHERE accepted_at IS NULL AND NOT noise`,
  )
  return rows[0]?.open ?? 0
}

/** What became of the reads that were to be compared. */
export async function readOutcomes(client: Queryable): Promise<Record<string, number>> {
  const { rows } = await client.query<{ outcome: string; reads: number }>(
    /* sql */ `SELECT outcome, reads::float8 FROM crossfade.shadow_count ORDER BY outcome`,
  )
  return Object.fromEntries(rows.map(({ outcome, reads }) => [outcome, reads]))
}

export async function readMeasures(client: Queryable): Promise<ToldMeasure[]> {
  const { rows } = await client.query<Omit<ToldMeasure, 'buckets'> & { buckets: Record<string, number> }>(/* sql */ `
    SELECT percent, side, shadow, tables, fingerprint, statement, reads::float8 AS count, errors::float8, sum_ms AS "sumMs", buckets
      FROM crossfade.metrics ORDER BY percent, tables, shadow, side DESC, reads DESC, fingerprint`)
  return rows.map((row) => ({
    ...row,
    buckets: new Map(Object.entries(row.buckets).map(([bucket, reads]) => [Number(bucket), reads])),
  }))
}

/** Which mismatches: one, those of an old table, or all. */
export interface MismatchFilter {
  readonly id?: number
  readonly table?: string
}

const CHOSEN = /* sql */ `($1::bigint IS NULL OR id = $1) AND ($2::text IS NULL OR $2 = ANY (tables))`

/** Somebody takes it on himself, by name, that the application can live with a difference. Returns how many. */
export async function acceptMismatches(
  client: Queryable,
  { id, table }: MismatchFilter,
  person: string | null,
): Promise<number> {
  if (!person)
    throw new UsageError('shadow.person', 'Mismatches are accepted by name, and git knows none here.', {
      hint: 'git config user.name "…" and user.email "…", or GIT_AUTHOR_NAME and GIT_AUTHOR_EMAIL.',
    })
  const { rowCount } = await client.query(
    /* sql */ `
    UPDATE crossfade.mismatch SET accepted_by = $3, accepted_at = clock_timestamp()
     WHERE accepted_at IS NULL AND NOT noise AND ${CHOSEN}`,
    [id ?? null, table ?? null, person],
  )
  return rowCount ?? 0
}

/** Takes mismatches off the list, when their reason is gone. What differs again is back. Returns how many. */
export async function forgetMismatches(client: Queryable, { id, table }: MismatchFilter): Promise<number> {
  const { rowCount } = await client.query(/* sql */ `DELETE FROM crossfade.mismatch WHERE ${CHOSEN}`, [
    id ?? null,
    table ?? null,
  ])
  return rowCount ?? 0
}

/** The most of the reads that clients compare, in percent. */
export async function setShadow(client: Queryable, percent: number): Promise<void> {
  await client.query(/* sql */ `UPDATE crossfade.migration SET shadow_percent = $1`, [percent])
  await client.query(/* sql */ `SELECT crossfade.announce()`)
}

export async function readShadow(client: Queryable): Promise<number> {
  const { rows } = await client.query<{ percent: number }>(
    /* sql */ `SELECT shadow_percent::float8 AS percent FROM crossfade.migration`,
  )
  return rows[0]?.percent ?? 0
}
