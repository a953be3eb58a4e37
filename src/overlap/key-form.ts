import { ident, join, raw, type Sql, sql } from '../lib/sql.ts'
import type { CandidateColumn } from './candidate.ts'
import { type Family, familyOf } from './column-family.ts'
import type { KeyForm } from './overlap-document.ts'

/** Whether columns of these kinds can hold the same key at all, in whatever form. */
export function canBeKey(column: CandidateColumn): boolean {
  return ['uuid', 'integer', 'text'].includes(familyOf(column)) || isWholeNumeric(column)
}

/** numeric without a scale, or with 0: ids that have outgrown bigint. */
function isWholeNumeric({ baseType, type }: CandidateColumn): boolean {
  return baseType === 'numeric' && (type === 'numeric' || /,0\)$/.test(type))
}

/**
 * The plainest form in which these columns have the same values: as they are where the types allow it, and the hash join
 * then needs no text. `isFolded` and `hasUuids` say what the data needs: blanks, capitals; hyphens.
 */
export function chooseForm(
  columns: readonly CandidateColumn[],
  data: {
    readonly isFolded: boolean
    readonly hasUuids: boolean
    /** Every text is a uuid, in some spelling. */
    readonly areUuids?: boolean
    readonly parts?: number
  },
): KeyForm {
  const families = new Set<Family>(columns.map(familyOf))
  const isOne = (data.parts ?? 1) === 1
  if (isOne && families.size === 1 && families.has('uuid')) return 'uuid'
  if (isOne && families.size === 1 && families.has('integer')) return 'integer'
  if (families.has('uuid') || (data.hasUuids && families.has('text')))
    return isOne && data.areUuids && !families.has('integer') && !families.has('number') ? 'uuid' : 'undashed'
  return data.isFolded ? 'folded' : 'text'
}

/** The key that these columns make together, NULL where one of them holds none; several are joined as text. */
export function keyOf(columns: readonly CandidateColumn[], form: KeyForm, row: Sql): Sql {
  return join(
    columns.map((column) => keyExpression(column, form, row)),
    ' || chr(31) || ',
  )
}

/**
 * The value of a key column in that form, NULL where it holds none. `row` is the alias of its table. The collation "C" makes
 * lower() and comparing cheap and the same everywhere; letters beyond ASCII keep their case.
 */
function keyExpression(column: CandidateColumn, form: KeyForm, row: Sql): Sql {
  const value = sql`${row}.${ident(column.name)}`
  if (form === 'uuid')
    return familyOf(column) === 'uuid' ? value : sql`nullif(btrim(${asText(column, value)}), '')::uuid`
  if (form === 'integer') return sql`${value}::bigint`
  const text = asText(column, value)
  if (form === 'text') return sql`nullif(${text}, '')`
  if (familyOf(column) === 'integer') return text
  if (form === 'folded') return sql`nullif(lower(btrim(${text})), '')`
  return familyOf(column) === 'uuid'
    ? sql`replace(${text}, '-', '')`
    : sql`nullif(lower(replace(btrim(${text}), '-', '')), '')`
}

function asText(column: CandidateColumn, value: Sql): Sql {
  return column.baseType === 'numeric' ? sql`trim_scale(${value})::text collate "C"` : sql`${value}::text collate "C"`
}

/** A bigint that is the same for the same key, spread evenly. */
export function keyHash(key: Sql, form: KeyForm): Sql {
  if (form === 'uuid') return sql`uuid_hash_extended(${key}, 0)`
  if (form === 'integer') return sql`hashint8extended(${key}, 0)`
  return sql`hashtextextended(${key}, 0)`
}

/** The key as text that sorts the same on every server; `min(uuid)` is not there in all of them. */
export function keyText(key: Sql, form: KeyForm): Sql {
  return form === 'text' || form === 'folded' || form === 'undashed' ? key : sql`${key}::text collate "C"`
}

/** The type of the expression, for parameters that are compared with it. */
export function keyType(form: KeyForm): Sql {
  return raw(form === 'uuid' ? 'uuid' : form === 'integer' ? 'bigint' : 'text')
}

/** What the form does, for people. */
export const FORM_WORDS: Readonly<Record<KeyForm, string>> = {
  uuid: 'as they are',
  integer: 'as they are',
  text: 'as they are',
  folded: 'as text, without blanks around it, in lower case',
  undashed: 'as text in lower case without hyphens, so that a uuid is the same however it is written',
}
