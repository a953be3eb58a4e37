import { join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import { type Candidate, type CandidateColumn, isUnique, relationOf } from './candidate.ts'
import { familyOf } from './column-family.ts'
import { keyOf } from './key-form.ts'
import type { KeyForm, KeyProfile } from './overlap-document.ts'
import type { Reader } from './read-only-session.ts'

interface ProfileRow {
  readonly rows: number
  readonly without: number
  readonly keys: number
  readonly duplicated: number
  readonly duplicatedRows: number
  readonly most: number
  readonly blanks: number
  readonly capitals: number
  readonly dashed: number
  readonly undashed: number
  readonly digits: number
}

/** Whether each row has a key of its own by the server's own word: then nothing need be grouped. */
function isSurelyUnique(candidate: Candidate, columns: readonly CandidateColumn[], form: KeyForm): boolean {
  const asTheyAre = form === 'uuid' || form === 'integer' || form === 'text'
  return (
    asTheyAre &&
    isUnique(
      candidate,
      columns.map((one) => one.name),
    )
  )
}

/** What a column holds as a key, over all rows; null where it could not be read. */
export async function readKeyProfile(
  reader: Reader,
  candidate: Candidate,
  columns: readonly CandidateColumn[],
  form: KeyForm,
): Promise<KeyProfile | null> {
  const names = columns.map((one) => one.name)
  const where = `${candidate.name} (${names.join(', ')})`
  const [only] = columns
  const isText = columns.length === 1 && only !== undefined && familyOf(only) === 'text'
  const query = isSurelyUnique(candidate, columns, form)
    ? countQuery(candidate, columns, form, isText)
    : groupQuery(candidate, columns, form, isText)
  const [row] = (await reader.rows<ProfileRow>(where, query)) ?? []
  if (row === undefined) return null
  const { rows, without, keys, duplicated, duplicatedRows, most } = row
  return {
    ...{ table: candidate.name, columns: names, form, rows, rowsWithoutKey: without, keys },
    ...{ duplicatedKeys: duplicated, rowsOfDuplicatedKeys: duplicatedRows, mostRowsOfOneKey: most },
    spelling: isText
      ? {
          ...{ withBlanksAround: row.blanks, withCapitals: row.capitals, uuids: row.dashed + row.undashed },
          ...{ uuidsWithoutHyphens: row.undashed, digits: row.digits },
          others: Math.max(0, rows - without - row.dashed - row.undashed - row.digits),
        }
      : null,
  }
}

function countQuery(candidate: Candidate, columns: readonly CandidateColumn[], form: KeyForm, isText: boolean): Sql {
  return sql`
    select count(*)::float8 as rows, (count(*) - count(k))::float8 as without, count(k)::float8 as keys,
           0::float8 as duplicated, 0::float8 as "duplicatedRows", least(count(k), 1)::float8 as most${
             isText ? sql`, ${flat(SPELLING)}` : sql``
           }
    from (select ${keyOf(columns, form, sql`t`)} as k, ${spelled(columns, isText)} as v
          from ${relationOf(candidate)} t) as r`
}

/** One pass: rows are counted by key, and how they are written with them. */
function groupQuery(candidate: Candidate, columns: readonly CandidateColumn[], form: KeyForm, isText: boolean): Sql {
  const spelling = isText ? sql`, ${flat(SPELLING)}` : sql``
  const sums = isText ? sql`, ${flat(SPELLING.map(([as]) => [as, sql`sum(${raw(as)})`] as const))}` : sql``
  return sql`
    select coalesce(sum(n), 0)::float8 as rows, coalesce(sum(n) filter (where k is null), 0)::float8 as without,
           count(k)::float8 as keys, count(k) filter (where n > 1)::float8 as duplicated,
           coalesce(sum(n) filter (where n > 1 and k is not null), 0)::float8 as "duplicatedRows",
           coalesce(max(n) filter (where k is not null), 0)::float8 as most${sums}
    from (
      select k, count(*) as n${spelling}
      from (select ${keyOf(columns, form, sql`t`)} as k, ${spelled(columns, isText)} as v
            from ${relationOf(candidate)} t) as r
      group by k
    ) as g`
}

function spelled(columns: readonly CandidateColumn[], isText: boolean): Sql {
  return isText ? keyOf(columns, 'text', sql`t`) : sql`null::text`
}

function flat(counts: readonly (readonly [as: string, count: Sql])[]): Sql {
  return join(counts.map(([as, count]) => sql`coalesce(${count}, 0)::float8 as ${raw(as)}`))
}

/** The length first: a pattern for every row would take four times as long. */
function isUuid(length: number, pattern: string): Sql {
  return sql`length(btrim(v)) = ${length} and btrim(v) ~* ${literal(pattern)}`
}

/** Of `v`, the text as it is written, and `k`, the key that it is. */
const SPELLING: readonly (readonly [as: string, count: Sql])[] = [
  ['blanks', sql`count(*) filter (where v <> btrim(v))`],
  ['capitals', sql`count(*) filter (where v <> lower(v))`],
  ['dashed', sql`count(*) filter (where ${isUuid(36, '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$')})`],
  ['undashed', sql`count(*) filter (where ${isUuid(32, '^[0-9a-f]{32}$')})`],
  [
    'digits',
    sql`count(*) filter (where k is not null and length(btrim(v)) <> 32 and translate(btrim(v), '0123456789', '') = '')`,
  ],
]
