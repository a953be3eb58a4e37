import { type Sql, sql } from '../lib/sql.ts'
import { type Candidate, type CandidateColumn, relationOf } from './candidate.ts'
import { keyOf } from './key-form.ts'
import type { Spelling } from './overlap-document.ts'
import type { Reader } from './read-only-session.ts'

interface SpellingRow {
  readonly values: number
  readonly plain: number
  readonly blanks: number
  readonly capitals: number
  readonly dashed: number
  readonly undashed: number
  readonly digits: number
}

/** How the texts of a column are written, in rows; null where it could not be read. */
export async function readSpelling(
  reader: Reader,
  candidate: Candidate,
  column: CandidateColumn,
): Promise<Spelling | null> {
  const query = spellingQuery(candidate, column)
  const [row] = (await reader.rows<SpellingRow & object>(`${candidate.name} (${column.name})`, query)) ?? []
  if (row === undefined) return null
  const { values, plain, blanks, capitals, dashed, undashed, digits } = row
  const uuids = plain + dashed + undashed
  return {
    ...{ withBlanksAround: blanks, withCapitals: capitals, uuids, uuidsWithoutHyphens: undashed },
    ...{ digits, others: Math.max(0, values - uuids - digits) },
  }
}

/**
 * By itself, since it needs no groups, so that workers share it; and each step once: OFFSET hides it from the planner, which
 * would compute it anew wherever it is used. A uuid as the server writes it is seen without
 * folding it; its form in one regular expression, or translate(), takes five times as long.
 */
function spellingQuery(candidate: Candidate, column: CandidateColumn): Sql {
  return sql`
    select (count(v) - count(*) filter (where b = ''))::float8 as values, (count(v) - count(b))::float8 as plain,
           count(*) filter (where b <> v)::float8 as blanks, count(*) filter (where b is not null and v <> lower(v))::float8 as capitals,
           count(*) filter (where length(b) = 36 and b like ${HYPHENS} and ${IS_HEX})::float8 as dashed,
           count(*) filter (where length(b) = 32 and ${IS_HEX})::float8 as undashed,
           count(*) filter (where u <> '' and length(u) <> 32 and u !~ '[^0-9]')::float8 as digits
    from (
      select v, b, lower(replace(b, '-', '')) as u
      from (select v, case when length(v) = 36 and v !~ '[^0-9a-f-]' and v like ${HYPHENS}
                                and v not like '%-%-%-%-%-%' then null else btrim(v) end as b
            from (select ${keyOf([column], 'text', sql`t`)} as v from ${relationOf(candidate)} t offset '0') as t0
            offset '0') as t1
      offset '0'
    ) as t2`
}

const HYPHENS = sql`'________-____-____-____-____________'`
const IS_HEX = sql`length(u) = 32 and u !~ '[^0-9a-f]'`
