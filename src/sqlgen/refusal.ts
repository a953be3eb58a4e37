import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { ParentRule, TargetMapping, UniqueLookup, UniqueRule } from '../spec/mapping.ts'
import { columnEquals, columnText, keyCompares, keyEquals, keyText } from './keys.ts'
import { relation } from './names.ts'
import { type Keys, keyExpressions } from './rows.ts'

/** The combination of some columns of the new table under some keys; given by the projection, which needs what is here. */
type Combination = (t: TargetMapping, keys: Keys, only: readonly string[]) => Sql

/**
 * Why a projected row `p` must not be in the new table, as text[]: `{sqlstate, message}` where the row itself doesn't
 * fit, `{23503, parent, value…}` where its parent isn't there, `{23505, column, value, '', unit, key…}` where the row of that
 * key keeps a value that must be unique, `{omit}` where the mapping leaves that other row out. Null where nothing speaks against it.
 * Returns null for units of which no row can be refused.
 */
export function refusal(t: TargetMapping, mayBeUnfit: boolean, combination: Combination): Sql | null {
  const own = [
    ...(mayBeUnfit ? [raw('WHEN p.crossfade_unfit IS NOT NULL THEN p.crossfade_unfit')] : []),
    ...t.checks.map(
      (check) =>
        sql`WHEN ${raw(check.sql)} IS FALSE THEN ARRAY['23514', ${literal(`new row for relation "${t.relation.name}" violates check constraint "${check.name}"`)}]`,
    ),
    ...parentsOf(t).map((rule) => sql`WHEN ${isOrphan(t, rule)} THEN ${orphan(t, rule)}`),
  ]
  const cases = [
    ...(own.length === 0 ? [] : [sql`CASE ${join(own, '\n            ')} END`]),
    ...t.uniques.map((rule) => beaten(t, rule, combination)),
  ]
  return cases.length < 2 ? (cases[0] ?? null) : sql`coalesce(${join(cases, ',\n            ')})`
}

/** Rows can be refused for the sake of others, or of a constraint. */
export function hasRules(t: TargetMapping): boolean {
  return t.checks.length > 0 || t.uniques.length > 0 || parentsOf(t).length > 0
}

/** Foreign keys whose columns come from the old rows; what the new side fills by itself is not sync's to look after. */
export function parentsOf(t: TargetMapping): ParentRule[] {
  return t.parents.filter((rule) => rule.columns.every((name) => t.columns.some((column) => column.name === name)))
}

function isOrphan(t: TargetMapping, rule: ParentRule): Sql {
  const own = rule.columns.map((column) => sql`p.${ident(column)}`)
  const missing = sql`NOT EXISTS (SELECT FROM ${relation(rule.relation)} AS crossfade_parent WHERE ${parentIs(t, rule, own)})`
  return sql`${allThere(own)} AND ${missing}${isItself(t, rule) ? sql` AND (${ownParent(t, rule, 'p')}) IS NOT TRUE` : raw('')}`
}

/** A row of this table may be its own parent. */
export function isItself(t: TargetMapping, rule: ParentRule): boolean {
  const { schema, name } = t.relation
  return rule.relation.schema === schema && rule.relation.name === name && rule.referenced.every((c) => isFed(t, c))
}

export function ownParent(t: TargetMapping, rule: ParentRule, row: string): Sql {
  const same = rule.columns.map((column, i) =>
    columnEquals(t, column, ident(row, rule.referenced[i] ?? ''), ident(row, column)),
  )
  return join(same, ' AND ')
}

function isFed(t: TargetMapping, name: string): boolean {
  return t.columns.some((column) => column.name === name)
}

/** The parent row `crossfade_parent` of these values of the foreign key. */
export function parentIs(t: TargetMapping, rule: ParentRule, own: readonly Sql[]): Sql {
  return join(
    rule.referenced.map((name, i) =>
      columnEquals(t, rule.columns[i] ?? '', ident('crossfade_parent', name), own[i] ?? raw('NULL')),
    ),
    ' AND ',
  )
}

function orphan(t: TargetMapping, rule: ParentRule): Sql {
  const own = rule.columns.map((column) => columnText(t, column, ident('p', column)))
  return sql`ARRAY['23503', ${literal(rule.relation.name)}, ${join(own)}]::text[]`
}

/**
 * Another key has the same values and comes first. Whether any other old row has the value at all is looked up first:
 * mostly none has, and the other rows need not be computed. Null where it isn't so.
 */
function beaten(t: TargetMapping, rule: UniqueRule, combination: Combination): Sql {
  const own = rule.columns.map((column) => sql`p.${ident(column)}`)
  const others = contenders(t, rule, own)
  const ownKey = t.key.map((key) => sql`p.${ident(key.name)}`)
  const given = t.key.map((_, i) => sql`crossfade_other.${ident(`crossfade_key_${i + 1}`)}`)
  const names = t.key.map((_, i) => ident(`crossfade_key_${i + 1}`))
  // False for a row without a key.
  const isOther = sql`NOT (${keyEquals(t, given, ownKey)})`
  const columns = [...rule.columns, ...(rule.pick ? [rule.pick.column] : [])]
  const row = combination(t, { kind: 'one', values: given }, columns)
  const same = join(
    rule.columns.map((column, i) =>
      columnEquals(t, column, sql`crossfade_row.${ident(column)}::${typeOf(t, column)}`, own[i] ?? raw('')),
    ),
    ' AND ',
  )
  const values = own.map((value) => sql`${value}::text`)
  const reason =
    rule.otherwise === 'omit'
      ? raw("ARRAY['omit']::text[]")
      : sql`ARRAY['23505', ${literal(rule.columns.join(', '))}, concat_ws(', ', ${join(values)}), '', ${literal(t.name)}]::text[] || ${keyText(t, given)}`
  const from = sql`FROM (${others}) AS crossfade_other (${join(names)})`
  return sql`CASE WHEN ${allThere(own)} AND EXISTS (SELECT ${from} WHERE ${isOther}) THEN (
              SELECT ${reason} ${from}, LATERAL (
                ${row}
              ) AS crossfade_row WHERE ${isOther} AND ${same} AND ${comesFirst(t, rule, given, ownKey)} LIMIT 1) END`
}

/** Keys of old rows that hold a value for the first column of the rule: null, double, and with others in it that differ. */
export function contenders(t: TargetMapping, rule: UniqueRule, values: readonly Sql[]): Sql {
  const [column = ''] = rule.columns
  const value = values[0] ?? raw('NULL')
  const arms = t.sources.flatMap((s) => {
    const lookup = rule.lookups.find(({ source }) => source === s.ordinal)
    if (!lookup && rule.lookups.length > 0) return []
    const where = s.where === null ? raw('') : sql` AND (${raw(s.where)})`
    const holds = lookup ? holdsValue(t, column, lookup, value) : sql`${value} IS NOT NULL`
    return [
      sql`SELECT ${join(keyExpressions(s))} FROM ${relation(s.relation)} AS ${ident(s.relation.name)} WHERE ${holds}${where}`,
    ]
  })
  return join(arms, ' UNION ALL ')
}

function holdsValue(t: TargetMapping, column: string, lookup: UniqueLookup, value: Sql): Sql {
  const own = lookup.sql === null ? null : columnEquals(t, column, sql`(${raw(lookup.sql)})`, value)
  if (lookup.otherwise === null) return own ?? raw('false')
  const filled = columnEquals(t, column, raw(lookup.otherwise), value)
  return own === null ? filled : sql`(${own} OR (${raw(lookup.sql ?? '')}) IS NULL AND ${filled})`
}

function comesFirst(t: TargetMapping, rule: UniqueRule, other: Sql[], own: Sql[]): Sql {
  const smaller = keyCompares(t, own, '>', other)
  if (rule.pick === null) return smaller
  const theirs = sql`crossfade_row.${ident(rule.pick.column)}::${typeOf(t, rule.pick.column)}`
  const ours = sql`p.${ident(rule.pick.column)}`
  const ahead = rule.pick.direction === 'latest' ? raw('>') : raw('<')
  return sql`CASE WHEN ${theirs} IS NULL AND ${ours} IS NULL THEN ${smaller} WHEN ${theirs} IS NULL THEN false WHEN ${ours} IS NULL THEN true
                     WHEN ${theirs} = ${ours} THEN ${smaller} ELSE ${theirs} ${ahead} ${ours} END`
}

function typeOf(t: TargetMapping, name: string): Sql {
  return raw(t.columns.find((column) => column.name === name)?.type ?? 'text')
}

function allThere(values: readonly Sql[]): Sql {
  return join(
    values.map((value) => sql`${value} IS NOT NULL`),
    ' AND ',
  )
}
