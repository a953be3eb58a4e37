import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { ColumnRule, Fault, SourceMapping, TargetColumn, TargetMapping } from '../spec/mapping.ts'
import { fitted, unfitColumns } from './fitting.ts'
import { keyEquals, keyOf } from './keys.ts'
import { carriedColumn, hasColumn } from './names.ts'
import { hasRules, refusal } from './refusal.ts'
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
  const unfit = unfitness(t)
  const rows = sql`SELECT ${join(
    [
      ...ownKey(t).map((key) => sql`q.${key}`),
      ...t.columns.map((column) => sql`${fitted(column, isKey(t, column.name))} AS ${ident(column.name)}`),
      ...lineageColumns(t).map((column) => sql`q.${column}`),
      ...(unfit === null ? [] : [sql`${unfit} AS crossfade_unfit`]),
    ],
    ',\n       ',
  )}
FROM (
  ${combination(t, keys)}
) AS q`
  const refused = refusal(t, unfit !== null, combination)
  return refused === null
    ? rows
    : sql`SELECT ${join(projectedColumns(t).map((column) => sql`p.${column}`))},
       ${refused} AS crossfade_refusal
FROM (
${rows}
OFFSET 0
) AS p`
}

/** The projection has a column `crossfade_refusal`. */
export function mayRefuse(t: TargetMapping): boolean {
  return unfitness(t) !== null || hasRules(t)
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

/** How a source's rows are called in `joinedArms`. */
export function sourceAlias(s: SourceMapping): string {
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
    ...(only === null && faults(t).length > 0 ? [sql`${faulty(t)} AS crossfade_fault`] : []),
  ]
  return sql`SELECT ${join(selected, ',\n         ')}
  FROM ${joinedArms(t, keys, only)}`
}

/** The rows of all sources side by side, one for each key. */
export function joinedArms(t: TargetMapping, keys: Keys, only: readonly string[] | null): Sql {
  if (keys.kind === 'one' && t.sources.length > 1) return armsOfOne(t, keys, only)
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

/** Of one key each source has one row at most, and nothing has to be matched: this starts in half the time of a full join. */
function armsOfOne(t: TargetMapping, keys: Keys, only: readonly string[] | null): Sql {
  const arms = t.sources.map(
    (s) => sql`
  LEFT JOIN (
${sourceRows(t, s, keys, only)}
  ) AS ${ident(sourceAlias(s))} ON true`,
  )
  return sql`(SELECT) AS crossfade_one${join(arms, '')}
 WHERE ${join(t.sources.map(present), ' OR ')}`
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
    ...(only === null
      ? faultsOf(s).flatMap(({ given }, i) => (given === null ? [] : [sql`${raw(given)} AS ${faultColumn(i)}`]))
      : []),
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
  // to be left out because it raises would raise; or not compute at all what another source's value hides, so that
  // one query raises and the other doesn't.
  const excluding = keys.kind === 'among' || (keys.kind === 'range' && keys.except !== undefined)
  const fence = excluding || t.sources.length > 1 ? raw('\n    OFFSET 0') : raw('')
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

interface Faulty extends Fault {
  readonly column: string
}

function faultsOf(s: SourceMapping): Faulty[] {
  return s.feeds.flatMap(({ column, fault }) => (fault === null ? [] : [{ ...fault, column }]))
}

function faults(t: TargetMapping): Faulty[] {
  return t.sources.flatMap(faultsOf)
}

function faultColumn(index: number): Sql {
  return ident(`crossfade_given_${index + 1}`)
}

/** The first value of a source that can't be computed, as a refusal: {sqlstate, message}. */
function faulty(t: TargetMapping): Sql {
  const real = join(t.sources.filter((s) => !s.stub).map(present), ' OR ')
  const cases = t.sources.flatMap((s) =>
    faultsOf(s).map((fault, i) => {
      const alias = ident(sourceAlias(s))
      const given = sql`${alias}.${faultColumn(i)}`
      const there = fault.given === null ? present(s) : sql`${given} IS NOT NULL`
      const message =
        fault.given === null
          ? literal(fault.before + fault.after)
          : sql`concat(${literal(fault.before)}, left(${given}, 80), ${literal(fault.after)})`
      // What a stub can't say is of no interest where the row itself is there; nor what another value hides.
      const counts = s.stub ? sql` AND NOT (${real})` : unhidden(t, s, fault.column)
      return sql`WHEN ${there} AND ${alias}.${ident(fault.column)} IS NULL${counts} THEN ARRAY[${literal(fault.sqlstate)}, ${message}]`
    }),
  )
  return sql`CASE ${join(cases, ' ')} END`
}

/** Only where no source before has a value: this one is not asked then. */
function unhidden(t: TargetMapping, s: SourceMapping, name: string): Sql {
  const rule = t.columns.find((column) => column.name === name)?.rule
  if (rule === undefined || rule.kind === 'expression' || rule.kind === 'latest') return raw('')
  const before = rule.sources.slice(0, Math.max(0, rule.sources.indexOf(s.ordinal)))
  const conditions = before.flatMap((ordinal) => {
    const other = t.sources.find((o) => o.ordinal === ordinal)
    if (!other) return []
    return rule.kind === 'first row'
      ? [sql` AND NOT (${present(other)})`]
      : [sql` AND ${ident(sourceAlias(other), name)} IS NULL`]
  })
  return join(conditions, '')
}

/** Why the row itself doesn't fit, whatever other rows there are; null where that can't be. */
function unfitness(t: TargetMapping): Sql | null {
  const cases = [
    ...(faults(t).length > 0 ? [sql`WHEN q.crossfade_fault IS NOT NULL THEN q.crossfade_fault`] : []),
    ...unfitColumns(t),
  ]
  return cases.length === 0 ? null : sql`CASE ${join(cases, '\n            ')} END`
}

export function isKey(t: TargetMapping, column: string): boolean {
  return t.key.some((key) => key.name === column)
}
