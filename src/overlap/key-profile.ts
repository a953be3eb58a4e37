import { type Sql, sql } from '../lib/sql.ts'
import { type Candidate, type CandidateColumn, isUnique, relationOf } from './candidate.ts'
import { familyOf } from './column-family.ts'
import { keyHash, keyOf } from './key-form.ts'
import type { KeyForm, KeyProfile, Spelling } from './overlap-document.ts'
import type { Reader } from './read-only-session.ts'

interface ProfileRow {
  readonly rows: number
  readonly without: number
  readonly keys: number
  readonly duplicated: number
  readonly duplicatedRows: number
  readonly most: number
  readonly list: readonly string[] | null
}

/** A profile, and the hashes of the keys that several rows have; null where there are too many to name. */
export interface ReadProfile {
  readonly profile: KeyProfile
  readonly duplicates: readonly string[] | null
}

/** Keys of several rows that are worth a list of their own. */
const MOST_LISTED = 50_000

interface SpellingRow {
  readonly blanks: number
  readonly capitals: number
  readonly dashed: number
  readonly undashed: number
  readonly digits: number
}

/** Whether each row has a key of its own by the server's own word: then nothing need be grouped. */
function isSurelyUnique(candidate: Candidate, columns: readonly CandidateColumn[], form: KeyForm): boolean {
  // What can be written one way only stays apart in every form.
  const asTheyAre = form === 'text' || columns.every((one) => familyOf(one) !== 'text')
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
): Promise<ReadProfile | null> {
  const names = columns.map((one) => one.name)
  const where = `${candidate.name} (${names.join(', ')})`
  const [only] = columns
  const query = isSurelyUnique(candidate, columns, form)
    ? countQuery(candidate, columns, form)
    : groupQuery(candidate, columns, form)
  const [row] = (await reader.rows<ProfileRow>(where, query)) ?? []
  if (row === undefined) return null
  const { rows, without, keys, duplicated, duplicatedRows, most, list } = row
  const isText = columns.length === 1 && only !== undefined && familyOf(only) === 'text'
  const [spelling] = isText ? ((await reader.rows<SpellingRow>(where, spellingQuery(candidate, only))) ?? []) : []
  const profile: KeyProfile = {
    ...{ table: candidate.name, columns: names, form, rows, rowsWithoutKey: without, keys },
    ...{ duplicatedKeys: duplicated, rowsOfDuplicatedKeys: duplicatedRows, mostRowsOfOneKey: most },
    spelling: spelling === undefined ? null : describeSpelling(spelling, rows - without),
  }
  return { profile, duplicates: duplicated === 0 ? [] : list }
}

function describeSpelling({ blanks, capitals, dashed, undashed, digits }: SpellingRow, rows: number): Spelling {
  return {
    ...{ withBlanksAround: blanks, withCapitals: capitals, uuids: dashed + undashed, uuidsWithoutHyphens: undashed },
    ...{ digits, others: Math.max(0, rows - dashed - undashed - digits) },
  }
}

function countQuery(candidate: Candidate, columns: readonly CandidateColumn[], form: KeyForm): Sql {
  return sql`
    select count(*)::float8 as rows, (count(*) - count(k))::float8 as without, count(k)::float8 as keys,
           0::float8 as duplicated, 0::float8 as "duplicatedRows", least(count(k), 1)::float8 as most, null::text[] as list
    from (select ${keyOf(columns, form, sql`t`)} as k from ${relationOf(candidate)} t) as r`
}

/** Eight bytes stand for a key, however long it is; that two of a billion keys share them is unlikely (1 in 40). */
function groupQuery(candidate: Candidate, columns: readonly CandidateColumn[], form: KeyForm): Sql {
  const hash = keyHash(keyOf(columns, form, sql`t`), form)
  return sql`
    with g as materialized (select ${hash} as h, count(*) as n from ${relationOf(candidate)} t group by 1),
    s as (
      select coalesce(sum(n), 0)::float8 as rows, coalesce(sum(n) filter (where h is null), 0)::float8 as without,
             count(h)::float8 as keys, count(h) filter (where n > 1)::float8 as duplicated,
             coalesce(sum(n) filter (where n > 1 and h is not null), 0)::float8 as "duplicatedRows",
             coalesce(max(n) filter (where h is not null), 0)::float8 as most
      from g
    )
    select s.*, case when s.duplicated between 1 and ${MOST_LISTED}
      then array(select h::text from g where n > 1 and h is not null) end as list
    from s`
}

/**
 * By itself, since it needs no groups, so that workers share it; and each step once: OFFSET hides it from the planner, which
 * would compute it anew wherever it is used.
 */
function spellingQuery(candidate: Candidate, column: CandidateColumn): Sql {
  return sql`
    select count(*) filter (where b <> v)::float8 as blanks, count(*) filter (where v <> lower(v))::float8 as capitals,
           count(*) filter (where length(b) = 36 and b like '________-____-____-____-____________' and ${IS_HEX})::float8 as dashed,
           count(*) filter (where length(b) = 32 and ${IS_HEX})::float8 as undashed,
           count(*) filter (where u <> '' and length(u) <> 32 and u !~ '[^0-9]')::float8 as digits
    from (
      select v, b, lower(replace(b, '-', '')) as u
      from (select v, btrim(v) as b
            from (select ${keyOf([column], 'text', sql`t`)} as v from ${relationOf(candidate)} t offset '0') as t0
            offset '0') as t1
      offset '0'
    ) as t2`
}

const IS_HEX = sql`length(u) = 32 and u !~ '[^0-9a-f]'`
