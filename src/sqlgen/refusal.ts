import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { ParentRule, TargetMapping, UniqueRule } from '../spec/mapping.ts'
import { keyCompares, keyEquals } from './keys.ts'
import { relation } from './names.ts'
import { type Keys, keyExpressions } from './rows.ts'

/** The combination of some columns of the new table under some keys; given by the projection, which needs what is here. */
type Combination = (t: TargetMapping, keys: Keys, only: readonly string[]) => Sql

/**
 * Why a projected row `p` must not be in the new table, as text[]: `{23503, parent, value…}` where its parent isn't
 * there, `{23505, column, value}` where another row keeps a value that must be unique, `{omit}` where the mapping leaves
 * that other row out. Null where nothing speaks against it. Returns null for units without such rules.
 */
export function refusal(t: TargetMapping, combination: Combination): Sql | null {
  const cases = [
    ...parentsOf(t).map((rule) => sql`WHEN ${isOrphan(rule)} THEN ${orphan(rule)}`),
    ...t.uniques.map((rule) => sql`WHEN ${isBeaten(t, rule, combination)} THEN ${beaten(rule)}`),
  ]
  return cases.length === 0 ? null : sql`CASE ${join(cases, '\n            ')} END`
}

/** Foreign keys whose columns come from the old rows; what the new side fills by itself is not sync's to look after. */
export function parentsOf(t: TargetMapping): ParentRule[] {
  return t.parents.filter((rule) => rule.columns.every((name) => t.columns.some((column) => column.name === name)))
}

function isOrphan(rule: ParentRule): Sql {
  const own = rule.columns.map((column) => sql`p.${ident(column)}`)
  return sql`${allThere(own)} AND NOT EXISTS (SELECT FROM ${relation(rule.relation)} AS crossfade_parent WHERE ${parentIs(rule, own)})`
}

/** The parent row `crossfade_parent` of these values of the foreign key. */
export function parentIs(rule: ParentRule, own: readonly Sql[]): Sql {
  return join(
    rule.referenced.map((column, i) => sql`crossfade_parent.${ident(column)} = ${own[i] ?? raw('NULL')}`),
    ' AND ',
  )
}

function orphan(rule: ParentRule): Sql {
  const own = rule.columns.map((column) => sql`p.${ident(column)}::text`)
  return sql`ARRAY['23503', ${literal(rule.relation.name)}, ${join(own)}]::text[]`
}

function beaten(rule: UniqueRule): Sql {
  if (rule.otherwise === 'omit') return raw("ARRAY['omit']::text[]")
  const values = rule.columns.map((column) => sql`p.${ident(column)}::text`)
  return sql`ARRAY['23505', ${literal(rule.columns.join(', '))}, concat_ws(', ', ${join(values)})]::text[]`
}

/**
 * Another key has the same values and comes first. Whether any other old row has the value at all is looked up first:
 * mostly none has, and the other rows need not be computed.
 */
function isBeaten(t: TargetMapping, rule: UniqueRule, combination: Combination): Sql {
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
    rule.columns.map((column, i) => sql`crossfade_row.${ident(column)}::${typeOf(t, column)} = ${own[i] ?? raw('')}`),
    ' AND ',
  )
  const from = sql`FROM (${others}) AS crossfade_other (${join(names)})`
  return sql`${allThere(own)} AND CASE WHEN EXISTS (SELECT ${from} WHERE ${isOther}) THEN EXISTS (
              SELECT ${from}, LATERAL (
                ${row}
              ) AS crossfade_row WHERE ${isOther} AND ${same} AND ${comesFirst(t, rule, given, ownKey)}) ELSE false END`
}

/** Keys of old rows that hold a value for the first column of the rule: null, double, and with others in it that differ. */
export function contenders(t: TargetMapping, rule: UniqueRule, values: readonly Sql[]): Sql {
  const [column = ''] = rule.columns
  const arms = t.sources.flatMap((s) => {
    const feed = s.feeds.find((f) => f.column === column)
    if (!feed) return []
    const where = s.where === null ? raw('') : sql` AND (${raw(s.where)})`
    return [
      sql`SELECT ${join(keyExpressions(s))} FROM ${relation(s.relation)} AS ${ident(s.relation.name)} WHERE (${raw(feed.from)}) = ${values[0] ?? raw('NULL')}${where}`,
    ]
  })
  return join(arms, ' UNION ALL ')
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
