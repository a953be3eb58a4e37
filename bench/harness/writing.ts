import type pg from 'pg'
import type { Write } from '../fixtures/fixture.ts'

export const STATEMENTS = ['update', 'insert', 'upsert', 'delete'] as const
export type StatementName = (typeof STATEMENTS)[number]

/**
 * Which row a statement of a round is about: an update any row that is there; the others, in this order, a row that is
 * new, there by now, and gone at the end. Every second new row has a partner in the other source; with `partners` false none.
 */
export function keyOf(
  statement: StatementName,
  at: { rows: number; round: number; index: number; total: number; partners?: boolean },
): number {
  const { rows, round, index, total } = at
  if (statement === 'update') return 1 + ((round * 7919 + index * 104729) % rows)
  const slot = round * total + index
  return (at.partners !== false && index % 2 === 0 ? rows : Math.floor(rows * 1.5)) + 1 + slot
}

/** One prepared statement. */
export function write(
  client: pg.Client,
  name: string,
  { text, values }: Write,
  key: number,
  round: number,
): Promise<unknown> {
  return client.query({ name, text, values: values(key, round) })
}
