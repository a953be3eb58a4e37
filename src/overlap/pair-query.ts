import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import { type Candidate, type CandidateColumn, canBeSampled, relationOf } from './candidate.ts'
import type { Comparison } from './comparison.ts'
import { keyHash, keyOf, keyText, keyType } from './key-form.ts'
import type { KeyForm } from './overlap-document.ts'

/** One side of a pair, as it is joined. */
export interface PairSide {
  readonly candidate: Candidate
  readonly key: readonly CandidateColumn[]
  /** Hashes of the keys that several rows have, of which the newest counts; null where it isn't known which these are. */
  readonly duplicates: readonly string[] | null
  /** The column that tells how new a row is; null where there is none. */
  readonly newer: CandidateColumn | null
}

export interface PairPlan {
  readonly left: PairSide
  readonly right: PairSide
  readonly form: KeyForm
  /** Keys whose hash ends in so many zero bits are taken; 0 takes all. */
  readonly shift: number
}

/** Of a shared key and two columns: how their values stand to each other. */
export const STATE = {
  equal: 0,
  bothNull: 1,
  leftNull: 2,
  rightNull: 3,
  conflict: 4,
  nearly: 5,
  alsoNearly: 6,
} as const
/** In the place of a state where `place` is -1. */
export const SIDE = { both: 0, onlyLeft: -1, onlyRight: -2 } as const
export const NEWER = { unknown: 0, left: 1, right: 2 } as const

export interface StateRow {
  /** Into the comparisons; -1: of the key itself. */
  readonly place: number
  readonly state: number
  readonly newer: number
  readonly n: number
  /** The least of these keys, as text. */
  readonly k: string | null
}

const BITS = 3
const IN_FIRST = 19
/** Columns of one statement; more take several passes. */
export const MOST_COMPARED = 39

/**
 * One pass over both tables: a full join on the key, and the states of all columns of a row in two numbers, three bits for
 * each column. Rows are counted by these numbers, of which there are few, and only then taken apart: one count for a row
 * instead of four for each column of it. Rows without a key stay out. $1 and $2 bigint[]: the sides' duplicates. OFFSET 0 hides from the planner what the numbers are
 * made of: it would expect a group for each row, and not count in the workers (by turns, 0.65 of the time for a million rows).
 */
export function buildPairQuery(plan: PairPlan, comparisons: readonly Comparison[]): Sql {
  const { left, right, form } = plan
  const states = comparisons.map((one, place) => stateOf(one, sql`l.${name(place)}`, sql`r.${name(place)}`))
  const newer = left.newer && right.newer ? sql`case when l.u > r.u then 1 when l.u < r.u then 2 else 0 end` : sql`0`
  const first = pack([...states.slice(0, IN_FIRST), ...Array(Math.max(0, IN_FIRST - states.length)).fill(null), newer])
  const isOne = states.length <= IN_FIRST
  const second = isOne
    ? sql`0::bigint`
    : sql`case when l.k is not null and r.k is not null then ${pack(states.slice(IN_FIRST))} else 0 end`
  const leftRows = sideRows(left, sql`l`, plan, (one) => one.left, comparisons)
  const rightRows = sideRows(right, sql`r`, plan, (one) => one.right, comparisons)
  return sql`
    with g as materialized (
      select v1, ${isOne ? sql`0::bigint as v2` : sql`v2`}, count(*) as n, min(k) as k
      from (
        select case when r.k is null then case when l.k is null then -3 else -1 end
                    when l.k is null then -2
                    else ${first} end as v1,
               ${second} as v2,
               ${keyText(sql`coalesce(l.k, r.k)`, form)} as k
        from (${leftRows}) as l full join (${rightRows}) as r on l.k = r.k
        offset '0'
      ) as m
      group by v1${isOne ? sql`` : sql`, v2`}
    )
    select -1 as place, v1::int as state, 0 as newer, sum(n)::float8 as n, min(k) as k from g
    where v1 < 0 and $1::bigint[] is not null and $2::bigint[] is not null group by v1
    union all
    select -1, 0, 0, coalesce(sum(n), 0)::float8, min(k) from g where v1 >= 0
    union all
    select p, (case when p < ${IN_FIRST} then v1 >> (${BITS} * p) else v2 >> (${BITS} * (p - ${IN_FIRST})) end & 7)::int,
           (v1 >> ${BITS * IN_FIRST})::int & 3, sum(n)::float8, min(k)
    from g, generate_series(0, ${comparisons.length - 1}) as p
    where v1 >= 0
    group by 1, 2, 3`
}

function stateOf({ equal, nearly }: Comparison, l: Sql, r: Sql): Sql {
  const named = nearly.map(({ test }, index) => sql` when ${test(l, r)} then ${STATE.nearly + index}`)
  return sql`case when ${equal(l, r)} then 0
    when ${l} is null then case when ${r} is null then 1 else 2 end
    when ${r} is null then 3${join(named, '')} else 4 end`
}

/** Null stands for three bits that nobody uses. */
function pack(states: readonly (Sql | null)[]): Sql {
  const parts = states.flatMap((state, place) =>
    state === null ? [] : [place === 0 ? sql`(${state})::bigint` : sql`((${state})::bigint << ${BITS * place})`],
  )
  return parts.length === 0 ? sql`0::bigint` : join(parts, '\n | ')
}

function sideRows(
  side: PairSide,
  row: Sql,
  plan: PairPlan,
  pick: (comparison: Comparison) => Sql,
  comparisons: readonly Comparison[],
): Sql {
  const key = keyOf(side.key, plan.form, row)
  const newer = side.newer ? sql`${row}.${ident(side.newer.name)}` : sql`null::timestamptz`
  const values = comparisons.map((one, place) => sql`, ${pick(one)} as ${name(place)}`)
  const list = sql`${key} as k, ${newer} as u${join(values, '')}`
  const from = sql`from ${relationOf(side.candidate)} ${row} where ${present(side.key, row)}${sampled(plan, key)}`
  const { duplicates } = side
  if (duplicates?.length === 0) return sql`select ${list} ${from}`
  // The same row each time: the newest, and of equally new ones the one that was written last.
  const last = canBeSampled(side.candidate) ? sql`, ${row}.tableoid desc, ${row}.ctid desc` : sql``
  const newest = (more: Sql) => sql`select distinct on (1) ${list} ${from}${more} order by 1, 2 desc nulls last${last}`
  if (duplicates === null) return newest(sql``)
  // Few keys have several rows as a rule: these alone are sorted.
  const [hash, listed] = [keyHash(key, plan.form), sql`$${row.text === 'l' ? 1 : 2}::bigint[]`]
  return sql`select ${list} ${from} and ${hash} <> all (${listed})
    union all (${newest(sql` and ${hash} = any (${listed})`)})`
}

function present(columns: readonly CandidateColumn[], row: Sql): Sql {
  return join(
    columns.map((column) => sql`${row}.${ident(column.name)} is not null`),
    ' and ',
  )
}

function sampled({ form, shift }: PairPlan, key: Sql): Sql {
  return shift === 0 ? sql`` : sql` and ${keyHash(key, form)} & ${mask(shift)} = 0`
}

/** Hashes that end in `shift` zero bits are zero under it. */
export function mask(shift: number): Sql {
  return raw(`${2 ** shift - 1}`)
}

function name(place: number): Sql {
  return raw(`c${place}`)
}

/** Values of the rows that have these keys ($1 text[]), the newest first: `key`, and the columns' values in their order. */
export function buildExampleQuery(side: PairSide, form: KeyForm, columns: readonly CandidateColumn[]): Sql {
  const key = keyOf(side.key, form, sql`t`)
  const newer = side.newer ? sql`t.${ident(side.newer.name)} desc nulls last` : sql`1`
  return sql`
    select ${keyText(key, form)} as key, ${shownValues(columns, sql`t`)} as values
    from ${relationOf(side.candidate)} t
    where ${key} = any ($1::text[]::${keyType(form)}[])
    order by ${newer}
    limit 2000`
}

/** Columns as an array of text; long values are cut, and huge ones, which nobody reads, are left out. */
function shownValues(columns: readonly CandidateColumn[], row: Sql): Sql {
  const values = columns.map((column) => {
    const value = sql`${row}.${ident(column.name)}`
    return sql`case when pg_column_size(${value}) < 4000 then left(${value}::text, 300) end`
  })
  return sql`array[${join(values)}]::text[]`
}

/** About so many rows of the left side, each with those of the right side that have its key: what both hold, as text. */
export function buildAlignQuery(
  plan: PairPlan,
  sample: Sql,
  columns: { readonly left: readonly CandidateColumn[]; readonly right: readonly CandidateColumn[] },
  rows = SAMPLED,
): Sql {
  const { left, right, form } = plan
  const leftKey = keyOf(left.key, form, sql`l`)
  const rightKey = keyOf(right.key, form, sql`r`)
  return sql`
    select ${shownValues(columns.left, sql`l`)} as left, ${shownValues(columns.right, sql`r`)} as right
    from (select * from ${sample} where ${present(left.key, sql`l`)} limit ${literal(rows)}) as l
    join ${relationOf(right.candidate)} r on ${rightKey} = ${leftKey}
    limit ${literal(rows)}`
}

/** Rows by which columns of other names are found. */
export const SAMPLED = 1500
