import { ident, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { TargetColumn, TargetMapping } from '../spec/mapping.ts'
import { isKey } from './projection.ts'

/** Types whose modifier clips or rounds without a word. */
const CLIPPING = new Set([
  'numeric',
  'character varying',
  'bpchar',
  'bit varying',
  '"bit"',
  'time without time zone',
  'time with time zone',
  'timestamp without time zone',
  'timestamp with time zone',
  'interval',
])

/**
 * The value in the column's exact type; null where that would lose something (a digit, a character, a blank at the end
 * of a varchar): `unfitColumns` says so of the row, so it is journaled and never silently clipped. Arrays raise.
 */
export function fitted(column: TargetColumn, key: boolean): Sql {
  const value = sql`q.${ident(column.name)}`
  if (column.type === column.baseType) return value
  const typed = sql`${value}::${raw(column.type)}`
  if (!isClipping(column)) return typed
  // A key that doesn't fit stays what it is: the row goes into the journal under it.
  if (!column.baseType.endsWith('[]'))
    return sql`CASE WHEN ${fits(column)} THEN ${typed}${key ? sql` ELSE ${value}` : raw('')} END`
  return sql`CASE WHEN ${value} = ${typed} THEN ${typed}
            WHEN ${value} IS NOT NULL THEN crossfade.misfit(${literal(column.name)}, ${literal(column.type)}, ${value}::text)::${raw(column.type)} END`
}

/** Cases of the refusal {sqlstate, message} for what doesn't fit its column's type, is null and must not be, or breaks a CHECK. */
export function unfitColumns(t: TargetMapping): Sql[] {
  return t.columns.flatMap((column) => {
    const value = sql`q.${ident(column.name)}`
    const clipped =
      isClipping(column) && !column.baseType.endsWith('[]')
        ? [
            sql`WHEN ${value} IS NOT NULL AND NOT ${fits(column)} THEN ARRAY[${sqlstate(column)}, concat(${literal(`column "${column.name}": `)}, left(${value}::text, 80), ${literal(` does not fit ${column.type} without loss`)})]`,
          ]
        : []
    const missing =
      column.notNull && !isKey(t, column.name)
        ? [
            sql`WHEN ${value} IS NULL THEN ARRAY['23502', ${literal(`null value in column "${column.name}" of relation "${t.relation.name}" violates not-null constraint`)}]`,
          ]
        : []
    return [...clipped, ...missing]
  })
}

function sqlstate(column: TargetColumn): Sql {
  const limit = numericLimit(column.type)
  const value = sql`q.${ident(column.name)}`
  return limit === null
    ? raw("'22000'")
    : sql`CASE WHEN abs(round(${value}, ${limit.scale})) >= ${raw(limit.least)} THEN '22003' ELSE '22000' END`
}

function isClipping(column: TargetColumn): boolean {
  return column.type !== column.baseType && CLIPPING.has(column.baseType.replaceAll('[]', ''))
}

/** The value has room in the column's type, to the last digit. Never raises; true or null for null. */
function fits(column: TargetColumn): Sql {
  const value = sql`q.${ident(column.name)}`
  const typed = sql`${value}::${raw(column.type)}`
  // Sources with different collations leave the value without one, and it is bytes that count.
  const bytes = column.baseType === 'character varying' ? raw(' COLLATE "C"') : raw('')
  const limit = numericLimit(column.type)
  // NaN has room in every numeric; a number that has none once it is rounded raises, so that is asked first.
  return limit === null
    ? sql`(${value}${bytes} = ${typed})`
    : sql`(CASE WHEN ${value} = 'NaN' THEN true WHEN abs(round(${value}, ${limit.scale})) >= ${raw(limit.least)} THEN false ELSE ${value} = ${typed} END)`
}

/** numeric(5,4) holds what is below 10: the least number that it doesn't hold, as SQL. Null for other types. */
function numericLimit(type: string): { least: string; scale: number } | null {
  const [, precision, scale] = /^numeric\((\d+)(?:,(-?\d+))?\)$/.exec(type) ?? []
  if (precision === undefined) return null
  return { least: `1e${Number(precision) - Number(scale ?? 0)}`, scale: Number(scale ?? 0) }
}
