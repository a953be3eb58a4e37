import { join, raw, type Sql, sql } from '../lib/sql.ts'
import { type Candidate, type CandidateColumn, relationOf } from './candidate.ts'
import { chooseForm, keyHash, keyOf } from './key-form.ts'
import type { OverlapGroup, Sample } from './overlap-document.ts'
import { mask } from './pair-query.ts'
import type { Reader } from './read-only-session.ts'
import { chooseShift, shareOf } from './sampling.ts'

export interface KeyedTable {
  readonly candidate: Candidate
  readonly column: CandidateColumn
}

/** More sets than that nobody reads; a mask has 31 bits. */
const MOST_TABLES = 30

/**
 * How many keys are in exactly which of these tables: every table is read once, and rows are gathered by key with one bit
 * for each table. Null where it could not be read.
 */
export async function readKeySets(
  reader: Reader,
  tables: readonly KeyedTable[],
  percent: number | null,
): Promise<Pick<OverlapGroup, 'sets' | 'sample'> | null> {
  const some = tables.slice(0, MOST_TABLES)
  const where = some.map(({ candidate }) => candidate.name).join(', ')
  const rows = some.reduce<number | null>(
    (sum, { candidate }) => (sum === null || candidate.rows === null ? null : sum + candidate.rows),
    0,
  )
  const shift = chooseShift(rows, percent)
  const found = await reader.rows<{ tables: number; keys: number }>(where, buildSetsQuery(some, shift))
  if (found === null) return null
  const sets = found.map((row) => ({
    tables: some.flatMap(({ candidate }, bit) => ((row.tables >> bit) & 1 ? [candidate.name] : [])),
    keys: row.keys * 2 ** shift,
  }))
  sets.sort(
    (a, b) => b.keys - a.keys || b.tables.length - a.tables.length || (a.tables.join() < b.tables.join() ? -1 : 1),
  )
  const share = shareOf(shift)
  const seen = found.reduce((sum, row) => sum + row.keys, 0)
  const sample: Sample | null = shift === 0 ? null : { share, keys: seen, bounds: null }
  return { sets, sample }
}

function buildSetsQuery(tables: readonly KeyedTable[], shift: number): Sql {
  // Other spellings of one uuid, capitals and blanks must not make two keys of one.
  const columns = tables.map((one) => one.column)
  const form = chooseForm(columns, { isFolded: true, hasUuids: true })
  const parts = tables.map(
    ({ candidate, column }, bit) =>
      sql`select ${keyOf([column], form, sql`t`)} as k, ${raw(String(2 ** bit))} as bit from ${relationOf(candidate)} t`,
  )
  const sampled = shift === 0 ? sql`` : sql` and ${keyHash(sql`k`, form)} & ${mask(shift)} = 0`
  return sql`
    select tables, count(*)::float8 as keys
    from (
      select k, bit_or(bit) as tables
      from (${join(parts, '\nunion all\n')}) as r
      where k is not null${sampled}
      group by k
    ) as g
    group by tables`
}
