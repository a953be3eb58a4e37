import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { SourceMapping, TargetColumn, TargetMapping } from '../spec/mapping.ts'
import { keyCompares, keyEquals, keyOf } from './keys.ts'
import { carriedColumn, hasColumn, relation } from './names.ts'

/**
 * The projection: the new rows that a set of keys should have, computed from the old rows alone.
 * Backfill, triggers, verify and repair all run this one query; they differ only in `Keys`, the
 * predicate that each source applies to its own key.
 */
export type Keys =
  | { readonly kind: 'one'; readonly values: readonly Sql[] }
  | { readonly kind: 'range'; readonly after: readonly Sql[] | null; readonly upTo: readonly Sql[] | null }
  | { readonly kind: 'among'; readonly query: Sql }
  | { readonly kind: 'all' }

export function projection(t: TargetMapping, keys: Keys): Sql {
  const columns = [
    ...t.columns.map((column) => sql`${fitted(column)} AS ${ident(column.name)}`),
    ...lineageColumns(t).map((column) => sql`q.${column}`),
  ]
  return sql`SELECT ${join(columns, ',\n       ')}
FROM (
  ${combination(t, keys)}
) AS q`
}

/** The columns of the projection that describe where the row came from, in the order of the lineage table. */
export function lineageColumns(t: TargetMapping): Sql[] {
  return t.sources.flatMap((s) => [hasColumn(s), ...s.carried.map((_, i) => carriedColumn(s, i))])
}

function sourceAlias(s: SourceMapping): string {
  return `s${s.ordinal + 1}`
}

function combination(t: TargetMapping, keys: Keys): Sql {
  const selected = [
    ...t.key.map(
      (key) => sql`${firstValue(t.sources.map((s) => ident(sourceAlias(s), key.name)))} AS ${ident(key.name)}`,
    ),
    ...t.columns
      .filter((column) => !isKey(t, column.name))
      .map((column) => sql`${combined(t, column)} AS ${ident(column.name)}`),
    ...t.sources.flatMap((s) => [
      sql`${ident(sourceAlias(s))}.crossfade_present IS NOT NULL AS ${hasColumn(s)}`,
      ...s.carried.map((_, i) => sql`${ident(sourceAlias(s))}.${carriedColumn(s, i)}`),
    ]),
  ]
  return sql`SELECT ${join(selected, ',\n         ')}
  FROM ${joinedArms(t, keys)}`
}

function joinedArms(t: TargetMapping, keys: Keys): Sql {
  return t.sources.reduce<Sql>((left, s, i) => {
    const arm = sql`(
${sourceRows(t, s, keys)}
  ) AS ${ident(sourceAlias(s))}`
    if (i === 0) return arm
    const before = t.sources.slice(0, i)
    const leftKey = t.key.map((key) => firstValue(before.map((b) => ident(sourceAlias(b), key.name))))
    return sql`${left}
  FULL JOIN ${arm} ON ${keyEquals(t, leftKey, keyOf(t, sourceAlias(s)))}`
  }, raw(''))
}

/** The rows of one source under the keys of the new table, one row for each key. */
function sourceRows(t: TargetMapping, s: SourceMapping, keys: Keys): Sql {
  const selected = [
    // With their types, so that a change of one in the old table leaves the plans of open sessions as they are.
    ...t.key.map((key, i) => sql`(${keyExpression(s, i)})::${raw(key.type)} AS ${ident(key.name)}`),
    ...s.feeds.filter((feed) => !isKey(t, feed.column)).map((feed) => sql`${raw(feed.from)} AS ${ident(feed.column)}`),
    sql`true AS crossfade_present`,
    ...s.carried.map(
      (column, i) => sql`${ident(s.relation.name, column.name)}::${raw(column.type)} AS ${carriedColumn(s, i)}`,
    ),
  ]
  const conditions = [...(s.where === null ? [] : [sql`(${raw(s.where)})`]), keyCondition(t, s, keys)]
  const positions = join(t.key.map((_, i) => sql`${i + 1}`))
  const distinct = s.unique ? raw('') : sql`DISTINCT ON (${positions}) `
  const order = s.unique ? raw('') : sql`\n    ORDER BY ${positions}, ${winnerOrder(s)}`
  // A fence: without it the planner may compute the columns of every row before it looks at the key, and what was
  // to be left out because it raises would raise.
  const fence = keys.kind === 'among' ? raw('\n    OFFSET 0') : raw('')
  return sql`    SELECT ${distinct}${join(selected, ',\n           ')}
    FROM ${
      keys.kind === 'one' && !s.unique
        ? keyedRows(s, conditions)
        : sql`${relation(s.relation)} AS ${ident(s.relation.name)}
    WHERE ${join(conditions, '\n      AND ')}`
    }${order}${fence}`
}

/**
 * The old rows of one key, behind a fence: to find the first of them in the order of their identity, the planner
 * would otherwise read the table along that index and look at each row's key (85 ms instead of 0.1 at 17,000 rows).
 */
export function keyedRows(s: SourceMapping, conditions: readonly Sql[]): Sql {
  const name = ident(s.relation.name)
  return sql`(SELECT ${name}.* FROM ${relation(s.relation)} AS ${name} WHERE ${join(conditions, ' AND ')} OFFSET 0) AS ${name}`
}

/** Which of several old rows with one key feeds the new row: a function of the rows alone. */
export function winnerOrder(s: SourceMapping): Sql {
  const latest = s.latestBy === null ? [] : [sql`${ident(s.relation.name, s.latestBy)} DESC NULLS LAST`]
  return join([...latest, ...identityOf(s)])
}

/** The columns that tell one old row from another. */
export function identityOf(s: SourceMapping): Sql[] {
  return s.identity.map((column) => ident(s.relation.name, column.name))
}

function keyExpression(s: SourceMapping, index: number): Sql {
  const text = s.key[index]
  if (text === undefined) throw new Error(`${s.relation.name} has no expression for key column ${index + 1}`)
  return raw(text)
}

export function keyExpressions(s: SourceMapping): Sql[] {
  return s.key.map((text) => raw(text))
}

/** The key as predicates and orders use it, in the form that an index serves. */
export function lookupExpressions(s: SourceMapping): Sql[] {
  return s.lookup.map((text) => raw(text))
}

function keyCondition(t: TargetMapping, s: SourceMapping, keys: Keys): Sql {
  const own = lookupExpressions(s)
  switch (keys.kind) {
    case 'one':
      return keyEquals(t, own, keys.values)
    case 'among':
      return amongKeys(t, own, keys.query)
    case 'range': {
      const bounds = [
        ...(keys.after ? [keyCompares(t, own, '>', keys.after)] : []),
        ...(keys.upTo ? [keyCompares(t, own, '<=', keys.upTo)] : []),
      ]
      return join([...bounds, hasKey(s)], ' AND ')
    }
    case 'all':
      return hasKey(s)
  }
}

/** The names keep clear of the source's columns, which an expression may write without their table. */
function amongKeys(t: TargetMapping, own: readonly Sql[], query: Sql): Sql {
  const names = t.key.map((_, i) => ident(`crossfade_key_${i + 1}`))
  const given = names.map((name) => sql`crossfade_given.${name}`)
  return sql`EXISTS (SELECT FROM (${query}) AS crossfade_given (${join(names)}) WHERE ${keyEquals(t, own, given)})`
}

export function hasKey(s: SourceMapping): Sql {
  return join(
    lookupExpressions(s).map((key) => sql`${key} IS NOT NULL`),
    ' AND ',
  )
}

function combined(t: TargetMapping, column: TargetColumn): Sql {
  const feeding = t.sources.filter((s) => s.feeds.some((feed) => feed.column === column.name))
  const values = feeding.map((s) => ident(sourceAlias(s), column.name))
  if (column.otherwise !== null) values.push(sql`(${raw(column.otherwise)})::${raw(column.baseType)}`)
  const value = firstValue(values)
  if (column.absent === null || column.otherwise !== null || feeding.length === t.sources.length) return value
  const nobody = feeding.map((s) => sql`${ident(sourceAlias(s))}.crossfade_present IS NULL`)
  return sql`CASE WHEN ${join(nobody, ' AND ')} THEN (${raw(column.absent)})::${raw(column.baseType)} ELSE ${value} END`
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
