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

/** What a column holds as a key, over all rows; null where it could not be read. `spelling` is how its texts are written. */
export async function readKeyProfile(
  reader: Reader,
  candidate: Candidate,
  columns: readonly CandidateColumn[],
  form: KeyForm,
  spelling: Spelling | null,
): Promise<ReadProfile | null> {
  const names = columns.map((one) => one.name)
  const where = `${candidate.name} (${names.join(', ')})`
  const query = isSurelyUnique(candidate, columns, form)
    ? countQuery(candidate, columns, form)
    : groupQuery(candidate, columns, form)
  const [row] = (await reader.rows<ProfileRow>(where, query)) ?? []
  if (row === undefined) return null
  const { rows, without, keys, duplicated, duplicatedRows, most, list } = row
  const profile: KeyProfile = {
    ...{ table: candidate.name, columns: names, form, rows, rowsWithoutKey: without, keys },
    ...{ duplicatedKeys: duplicated, rowsOfDuplicatedKeys: duplicatedRows, mostRowsOfOneKey: most },
    spelling,
  }
  return { profile, duplicates: duplicated === 0 ? [] : list }
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
