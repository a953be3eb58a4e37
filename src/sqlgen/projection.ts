import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { ColumnRule, SourceMapping, TargetColumn, TargetMapping } from '../spec/mapping.ts'
import { keyEquals, keyOf } from './keys.ts'
import { carriedColumn, hasColumn } from './names.ts'
import { parentsOf, refusal } from './refusal.ts'
import { fencedRowsOf, fromRowsOf, type Keys, rowsOf, winnerOrder } from './rows.ts'

/**
 * The projection: the new rows that a set of keys should have, computed from the old rows alone.
 * Backfill, triggers, verify and repair all run this one query; they differ only in `Keys`, the
 * predicate that each source applies to its own key.
 *
 * Its columns: the key of an append, those of the new table, those of lineage, and where the unit has rules about other
 * rows (uniques, parents) `crossfade_refusal`: null, or why there must be no such row (see `refusal`).
 */
export function projection(t: TargetMapping, keys: Keys): Sql {
  const rows = sql`SELECT ${join(
    [
      ...ownKey(t).map((key) => sql`q.${key}`),
      ...t.columns.map((column) => sql`${fitted(column)} AS ${ident(column.name)}`),
      ...lineageColumns(t).map((column) => sql`q.${column}`),
    ],
    ',\n       ',
  )}
FROM (
  ${combination(t, keys)}
) AS q`
  const refused = refusal(t, combination)
  return refused === null
    ? rows
    : sql`SELECT p.*, ${refused} AS crossfade_refusal
FROM (
${rows}
OFFSET 0
) AS p`
}

export function mayRefuse(t: TargetMapping): boolean {
  return t.uniques.length > 0 || parentsOf(t).length > 0
}

/** The rows that the new table should have. `orphans`: also those whose parent isn't there (any more). */
export function projectedRows(t: TargetMapping, keys: Keys, orphans: 'orphans' | null = null): Sql {
  if (!mayRefuse(t)) return projection(t, keys)
  return sql`SELECT ${join(projectedColumns(t))} FROM (
${projection(t, keys)}
) AS r WHERE r.crossfade_refusal IS NULL${orphans ? raw(" OR r.crossfade_refusal[1] = '23503'") : raw('')}`
}

/** What the projection gives and both sides are compared by: the new table's columns, then those of lineage. */
export function projectedColumns(t: TargetMapping): Sql[] {
  return [...ownKey(t), ...t.columns.map((column) => ident(column.name)), ...lineageColumns(t)]
}

/** Key columns that are no columns of the new table. */
export function ownKey(t: TargetMapping): Sql[] {
  return t.kind === 'append' ? t.key.map((key) => ident(key.name)) : []
}

/** The columns of the projection that describe where the row came from, in the order of the lineage table. */
export function lineageColumns(t: TargetMapping): Sql[] {
  return t.sources.flatMap((s) => [hasColumn(s), ...s.carried.map((_, i) => carriedColumn(s, i))])
}

function sourceAlias(s: SourceMapping): string {
  return `s${s.ordinal + 1}`
}

/** All sources brought together; `only` these columns of the new table, and nothing of lineage, for rules that look at other rows. */
function combination(t: TargetMapping, keys: Keys, only: readonly string[] | null = null): Sql {
  const columns = t.columns.filter((column) => !isKey(t, column.name) && (only === null || only.includes(column.name)))
  const selected = [
    ...t.key.map(
      (key) => sql`${firstValue(t.sources.map((s) => ident(sourceAlias(s), key.name)))} AS ${ident(key.name)}`,
    ),
    ...columns.map((column) => sql`${combined(t, column)} AS ${ident(column.name)}`),
    ...(only === null
      ? t.sources.flatMap((s) => [
          sql`${present(s)} AS ${hasColumn(s)}`,
          ...s.carried.map((_, i) => sql`${ident(sourceAlias(s))}.${carriedColumn(s, i)}`),
        ])
      : []),
  ]
  return sql`SELECT ${join(selected, ',\n         ')}
  FROM ${joinedArms(t, keys, only)}`
}

function joinedArms(t: TargetMapping, keys: Keys, only: readonly string[] | null): Sql {
  return t.sources.reduce<Sql>((left, s, i) => {
    const arm = sql`(
${sourceRows(t, s, keys, only)}
  ) AS ${ident(sourceAlias(s))}`
    if (i === 0) return arm
    const before = t.sources.slice(0, i)
    const leftKey = t.key.map((key) => firstValue(before.map((b) => ident(sourceAlias(b), key.name))))
    return sql`${left}
  FULL JOIN ${arm} ON ${keyEquals(t, leftKey, keyOf(t, sourceAlias(s)))}`
  }, raw(''))
}

/** The rows of one source under the keys of the new table, one row for each key. */
function sourceRows(t: TargetMapping, s: SourceMapping, keys: Keys, only: readonly string[] | null): Sql {
  const rows = rowsOf(t, s, keys)
  const feeds = s.feeds.filter((feed) => !isKey(t, feed.column) && (only === null || only.includes(feed.column)))
  const selected = [
    // With their types, so that a change of one in the old table leaves the plans of open sessions as they are.
    ...t.key.map((key, i) => sql`(${rows.key[i] ?? raw('NULL')})::${raw(key.type)} AS ${ident(key.name)}`),
    ...feeds.map((feed) => sql`${raw(feed.from)} AS ${ident(feed.column)}`),
    ...s.extras.map((extra) => sql`${raw(extra.sql)} AS ${ident(extra.name)}`),
    sql`true AS crossfade_present`,
    ...(only === null
      ? s.carried.map(
          (column, i) => sql`${ident(s.relation.name, column.name)}::${raw(column.type)} AS ${carriedColumn(s, i)}`,
        )
      : []),
  ]
  const positions = join(t.key.map((_, i) => sql`${i + 1}`))
  const distinct = s.unique ? raw('') : sql`DISTINCT ON (${positions}) `
  const order = s.unique ? raw('') : sql`\n    ORDER BY ${positions}, ${winnerOrder(s)}`
  // A fence: without it the planner may compute the columns of every row before it looks at the key, and what was
  // to be left out because it raises would raise.
  const fence = keys.kind === 'among' || (keys.kind === 'range' && keys.except) ? raw('\n    OFFSET 0') : raw('')
  const from = keys.kind === 'one' && !s.unique ? sql`FROM ${fencedRowsOf(t, s, keys)}` : fromRowsOf(t, s, keys)
  return sql`    SELECT ${distinct}${join(selected, ',\n           ')}
    ${from}${order}${fence}`
}

function present(s: SourceMapping): Sql {
  return sql`${ident(sourceAlias(s))}.crossfade_present IS NOT NULL`
}

function combined(t: TargetMapping, column: TargetColumn): Sql {
  const feeding = t.sources.filter((s) => s.feeds.some((feed) => feed.column === column.name))
  const stubs = feeding.filter((s) => s.stub)
  const real = ruleValue(t, column, column.rule)
  const known =
    stubs.length === 0
      ? real
      : sql`CASE WHEN ${join(t.sources.filter((s) => !s.stub).map(present), ' OR ')} THEN ${real} ELSE ${firstValue(valuesOf(stubs, column))} END`
  const base = raw(column.baseType)
  if (column.otherwise !== null) return sql`coalesce(${known}, (${raw(column.otherwise)})::${base})`
  const ruled = column.rule.kind === 'expression'
  if (column.absent === null || ruled || feeding.length === t.sources.length) return known
  const nobody = feeding.map((s) => sql`${ident(sourceAlias(s))}.crossfade_present IS NULL`)
  return sql`CASE WHEN ${join(nobody, ' AND ')} THEN (${raw(column.absent)})::${base} ELSE ${known} END`
}

function ruleValue(t: TargetMapping, column: TargetColumn, rule: ColumnRule): Sql {
  const base = raw(column.baseType)
  if (rule.kind === 'expression') return sql`(${raw(rule.sql)})::${base}`
  const sources = rule.sources.flatMap((ordinal) => t.sources.find((s) => s.ordinal === ordinal) ?? [])
  const values = valuesOf(sources, column)
  if (sources.length === 0) return sql`NULL::${base}`
  if (sources.length === 1 || rule.kind === 'first value') return firstValue(values)
  if (rule.kind !== 'latest') {
    const cases = sources.map((s, i) => sql`WHEN ${present(s)} THEN ${values[i] ?? raw('NULL')}`)
    return sql`CASE ${join(cases, ' ')} END`
  }
  const { by } = rule
  const rows = sources.map(
    (s, i) => sql`(${i}, ${present(s)}, ${ident(sourceAlias(s), by[i] ?? '')}, ${values[i] ?? raw('NULL')})`,
  )
  return sql`(SELECT v.value FROM (VALUES ${join(rows)}) AS v (place, present, changed_at, value) WHERE v.present ORDER BY v.changed_at DESC NULLS LAST, v.place LIMIT 1)`
}

function valuesOf(sources: readonly SourceMapping[], column: TargetColumn): Sql[] {
  return sources.map((s) => ident(sourceAlias(s), column.name))
}

function firstValue(values: readonly Sql[]): Sql {
  const [only] = values
  return values.length === 1 && only ? only : sql`coalesce(${join(values)})`
}

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
 * The value in the column's exact type. What would lose something (a digit, a character, a blank at the
 * end of a varchar) raises, so the row is journaled and never silently clipped.
 */
function fitted(column: TargetColumn): Sql {
  const value = sql`q.${ident(column.name)}`
  if (column.type === column.baseType) return value
  const typed = sql`${value}::${raw(column.type)}`
  if (!CLIPPING.has(column.baseType.replaceAll('[]', ''))) return typed
  // Sources with different collations leave the value without one, and it is bytes that count.
  const bytes = column.baseType === 'character varying' ? raw(' COLLATE "C"') : raw('')
  return sql`CASE WHEN ${value}${bytes} = ${typed} THEN ${typed}
            WHEN ${value} IS NOT NULL THEN crossfade.misfit(${literal(column.name)}, ${literal(column.type)}, ${value}::text)::${raw(column.type)} END`
}

export function isKey(t: TargetMapping, column: string): boolean {
  return t.key.some((key) => key.name === column)
}
