import { ident, raw, type Sql, sql } from '../lib/sql.ts'
import type { CandidateColumn } from './candidate.ts'
import { type Family, familyOf, isNumber, isTime } from './column-family.ts'

/** How two columns are compared: what each side gives, and tests of two values that are both there. */
export interface Comparison {
  readonly left: Sql
  readonly right: Sql
  readonly equal: (left: Sql, right: Sql) => Sql
  /** Of values that are not equal: ways to differ that have a name, at most two; the first that holds counts. */
  readonly nearly: readonly { readonly how: string; readonly test: (left: Sql, right: Sql) => Sql }[]
  readonly note: string | null
}

/** Bytes; longer values are compared by a hash of 64 bits, so that the join need not carry them. */
const WIDE = 64

/** The columns belong to the relations with the aliases `l` and `r`. Values of types without equality are compared as text. */
export function compareColumnsOf(left: CandidateColumn, right: CandidateColumn): Comparison {
  const [one, other] = [familyOf(left), familyOf(right)]
  const note = one === other && left.baseType === right.baseType ? null : tellTypes(left, right, one, other)
  const [l, r] = [sql`l.${ident(left.name)}`, sql`r.${ident(right.name)}`]
  return { ...chooseComparison(left, right, l, r), note }
}

type Bare = Omit<Comparison, 'note'>

function chooseComparison(left: CandidateColumn, right: CandidateColumn, l: Sql, r: Sql): Bare {
  const [one, other] = [familyOf(left), familyOf(right)]
  if (isNumber(one) && isNumber(other)) return { ...plain(l, r), nearly: SCALES }
  if (isTime(one) && isTime(other)) return compareTimes(one, other, l, r)
  if (one === 'text' && other === 'text') return compareTexts(left, right, l, r)
  if (one === 'boolean' && other === 'boolean') return plain(l, r)
  if (one === 'uuid' && other === 'uuid') return plain(l, r)
  if (isNumber(one) && other === 'text') return plain(numberText(l), textNumber(r))
  if (one === 'text' && isNumber(other)) return plain(textNumber(l), numberText(r))
  if (one === 'uuid' && other === 'text') return plain(dashless(l), dashless(r))
  if (one === 'text' && other === 'uuid') return plain(dashless(l), dashless(r))
  if (one === 'boolean' && other === 'integer') return plain(sql`${l}::int`, sql`${r}::int`)
  if (one === 'integer' && other === 'boolean') return plain(sql`${l}::int`, sql`${r}::int`)
  const isSame = left.baseType === right.baseType && left.equalitySchema !== null
  if (isSame && one !== 'document' && one !== 'text') return byOperator(left, l, r)
  if (left.baseType === 'jsonb' && right.baseType === 'jsonb' && !isWide(left) && !isWide(right)) return plain(l, r)
  // jsonb prints one way only; json is the text that was written.
  if (one === 'document' && other === 'document' && left.baseType !== right.baseType)
    return plain(hashed(asJsonb(left, l)), hashed(asJsonb(right, r)))
  return plain(hashed(l), hashed(r))
}

function plain(left: Sql, right: Sql): Bare {
  return { left, right, equal: (a, b) => sql`${a} = ${b}`, nearly: [] }
}

/** Where its operator isn't in pg_catalog (an extension's type), it is called by its schema. */
function byOperator({ equalitySchema }: CandidateColumn, left: Sql, right: Sql): Bare {
  return {
    left,
    right,
    equal: (a, b) => sql`${a} operator(${ident(equalitySchema ?? 'pg_catalog')}.=) ${b}`,
    nearly: [],
  }
}

/** Long ones by their hash. A text is compared byte by byte: collations may call different texts equal. */
function compareTexts(left: CandidateColumn, right: CandidateColumn, l: Sql, r: Sql): Bare {
  if (isWide(left) || isWide(right)) return plain(hashed(l), hashed(r))
  return {
    ...plain(sql`${l}::text collate "C"`, sql`${r}::text collate "C"`),
    nearly: [
      {
        how: 'the same but for capitals and blanks',
        test: (a, b) => sql`lower(btrim(${a})) = lower(btrim(${b}))`,
      },
    ],
  }
}

function isWide({ width }: CandidateColumn): boolean {
  return width !== null && width > WIDE
}

function hashed(value: Sql): Sql {
  return sql`hashtextextended(${value}::text collate "C", 0)`
}

/** A json that jsonb refuses (a zero character) stays as it is written; nothing here may fail on a value. */
function asJsonb({ baseType }: CandidateColumn, value: Sql): Sql {
  if (baseType !== 'json') return value
  return sql`case when ${value}::text !~ '\\\\u(0000|[dD][89a-fA-F])' then (${value}::text::jsonb)::text else ${value}::text end`
}

/**
 * A hundred times as much, but for what rounding does: the ratio of a fraction to percent and of an amount to its cents.
 * In numeric, as floating point would overflow. Infinity and NaN, greater than any number, are no ratio.
 */
const SCALES: Bare['nearly'] = [
  { how: 'the right one is 100 times the left one', test: (a, b) => hundredTimes(a, b) },
  { how: 'the left one is 100 times the right one', test: (a, b) => hundredTimes(b, a) },
]

function hundredTimes(small: Sql, large: Sql): Sql {
  return sql`case when ${small} <> 0 and abs(${small}) < 1e60 and abs(${large}) < 1e60
    then abs(${small}::numeric * 100 - ${large}::numeric) <= greatest(0.05, abs(${large}::numeric) * 0.005) end`
}

function compareTimes(one: Family, other: Family, l: Sql, r: Sql): Bare {
  if (one === 'date' || other === 'date') return plain(sql`${l}::date`, sql`${r}::date`)
  return {
    ...plain(sql`${l}::timestamptz`, sql`${r}::timestamptz`),
    nearly: [
      {
        how: 'less than ten minutes apart',
        test: (a, b) => sql`abs(${seconds(a)} - ${seconds(b)}) < 600`,
      },
      {
        how: 'whole quarters of an hour apart, as by a time zone',
        test: (a, b) => sql`abs(${seconds(a)} - ${seconds(b)}) <= 50400
          and mod(abs(${seconds(a)} - ${seconds(b)})::numeric, 900) = 0`,
      },
    ],
  }
}

/** Infinite times have no difference before PostgreSQL 17, but they have an epoch, which is infinite, and far from any other. */
function seconds(time: Sql): Sql {
  return sql`extract(epoch from ${time})`
}

/** Text that holds a number, written as the number would be; any other text stays. */
function textNumber(value: Sql): Sql {
  return sql`case when length(${value}::text) < 100 and ${value}::text ~ ${NUMBER}
    then trim_scale(btrim(${value}::text)::numeric)::text else ${value}::text end collate "C"`
}

const NUMBER = raw(String.raw`'^\s*[-+]?[0-9]+(\.[0-9]+)?\s*$'`)

function numberText(value: Sql): Sql {
  return sql`trim_scale(${value}::numeric)::text collate "C"`
}

function dashless(value: Sql): Sql {
  return sql`lower(replace(btrim(${value}::text), '-', '') collate "C")`
}

function tellTypes(left: CandidateColumn, right: CandidateColumn, one: Family, other: Family): string {
  const both = `${left.type} on the left, ${right.type} on the right`
  const kinds = new Set([one, other])
  if (kinds.has('timestamp') && kinds.has('timestamptz'))
    return `${both}: one of them doesn't say in which time zone it is; compared as UTC`
  if (kinds.has('text') && (kinds.has('integer') || kinds.has('number'))) return `${both}: text that holds numbers`
  if (kinds.has('text') && kinds.has('uuid')) return `${both}: uuids kept as text`
  if (kinds.has('date') && kinds.size > 1) return `${both}: only the day is compared`
  return both
}
