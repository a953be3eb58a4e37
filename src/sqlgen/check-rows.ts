import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { SourceMapping, TargetMapping } from '../spec/mapping.ts'
import { columnEquals, columnText, keyAsText, keyOf } from './keys.ts'
import { relation } from './names.ts'
import { joinedArms, mayRefuse, projection, sourceAlias } from './projection.ts'
import { hasKey, identityOf, keyExpressions } from './rows.ts'

/**
 * Questions about what the projection would give, asked before the new tables are there. They read old tables alone and
 * need no function of the control schema, so a read-only session will do.
 */

/** Keys that a finding shows. */
const EXAMPLES = 3

/** Stands between the parts of a message: what is constant in it, and the value. */
export const MARK = '\u0001'

/** The unit without its rules about other rows, and with messages whose parts can be told apart. */
export function alone(t: TargetMapping): TargetMapping {
  const sources = t.sources.map((s) => ({
    ...s,
    feeds: s.feeds.map((feed) => {
      if (feed.fault === null) return feed
      const before = [feed.column, s.base.name, feed.fault.before, ''].join(MARK)
      return { ...feed, fault: { ...feed.fault, before: `${MARK}${before}`, after: `${MARK}${feed.fault.after}` } }
    }),
  }))
  return { ...t, sources, uniques: [], parents: [] }
}

export const ALL = { kind: 'all' } as const

/** Rows: `sqlstate`, `reason`, `rows`, `keys` (text[][] as JSON); one row of null, null has the number of all rows. */
export function refusedRows(unit: TargetMapping): Sql {
  const t = alone(unit)
  const refusal = mayRefuse(t) ? raw('p.crossfade_refusal') : raw('NULL::text[]')
  const mark = literal(MARK)
  const part = (index: number): Sql => sql`split_part(r.message, ${mark}, ${index})`
  const parts = join([2, 3, 4, 6].map(part), sql`, ${mark}, `.text)
  return sql`WITH projected AS MATERIALIZED (
  SELECT ${keyAsText(keyOf(t, 'p'))} AS key, (${refusal})[1] AS sqlstate, (${refusal})[2] AS message
    FROM (${projection(t, ALL)}) AS p
), told AS (
  SELECT r.key, r.sqlstate,
         CASE WHEN starts_with(r.message, ${mark}) THEN concat(${parts})
              ELSE regexp_replace(r.message, '^(column ".*?": ).*( does not fit [^"]* without loss)$', '\\1...\\2') END AS reason
    FROM projected AS r WHERE r.sqlstate IS NOT NULL
), numbered AS (
  SELECT n.*, row_number() OVER (PARTITION BY n.sqlstate, n.reason ORDER BY n.key) AS place FROM told AS n
)
SELECT sqlstate, reason, count(*)::text AS rows, json_agg(key ORDER BY key) FILTER (WHERE place <= ${EXAMPLES}) AS keys
  FROM numbered GROUP BY sqlstate, reason
UNION ALL
SELECT NULL, NULL, count(*)::text, NULL FROM projected`
}

/** One row: for each column that several sources feed `c1`, `c2` … with how many keys differ, and `e1` … {key, values} of one. */
export function conflictingValues(unit: TargetMapping, columns: readonly string[]): Sql {
  const t = alone(unit)
  const told = columns.flatMap((name, i) => {
    const given = feeding(t, name).map((s) => ident(sourceAlias(s), name))
    const pairs = given.flatMap((a, x) =>
      given.slice(x + 1).map((b) => sql`(NOT (${columnEquals(t, name, a, b)})) IS TRUE`),
    )
    // A null disagrees with nothing.
    const differ = sql`(${join(pairs, ' OR ')})`
    const key = t.key.map((k) => sql`coalesce(${join(t.sources.map((s) => ident(sourceAlias(s), k.name)))})`)
    const values = given.map((value) => columnText(t, name, value))
    const example = sql`json_build_object('key', ${keyAsText(key)}, 'values', ARRAY[${join(values)}])::text`
    return [
      sql`count(*) FILTER (WHERE ${differ})::text AS ${ident(`c${i + 1}`)}`,
      sql`min(${example}) FILTER (WHERE ${differ}) AS ${ident(`e${i + 1}`)}`,
    ]
  })
  return sql`SELECT ${join(told, ',\n       ')}
  FROM ${joinedArms(t, ALL, null)}`
}

/** Sources that give this column a value of their own. */
export function feeding(t: TargetMapping, column: string): SourceMapping[] {
  return t.sources.filter((s) => !s.stub && s.feeds.some((feed) => feed.column === column))
}

/** One row: `rows`, `leftOut` by where, `keyless`, and `keys` of keyless ones, as JSON of their identity. */
export function unreachedRows(s: SourceMapping): Sql {
  const where = s.where === null ? raw('true') : sql`((${raw(s.where)}) IS TRUE)`
  const keyless = sql`${where} AND NOT (${hasKey(s)})`
  return sql`SELECT count(*)::text AS rows, count(*) FILTER (WHERE NOT ${where})::text AS "leftOut",
       count(*) FILTER (WHERE ${keyless})::text AS keyless, min(${keyAsText(identityOf(s))}) FILTER (WHERE ${keyless}) AS first
  FROM ${relation(s.relation)} AS ${ident(s.relation.name)}`
}

/** One row: how many rows share their key with another of the same source and don't feed the new row; an example. */
export function repeatedKeys(t: TargetMapping, s: SourceMapping): Sql {
  const where = s.where === null ? raw('') : sql` AND (${raw(s.where)})`
  const key = keyExpressions(s).map((k, i) => sql`(${k})::${raw(t.key[i]?.type ?? 'text')} AS ${ident(`k${i + 1}`)}`)
  const names = join(t.key.map((_, i) => ident(`k${i + 1}`)))
  return sql`SELECT coalesce(sum(g.n - 1), 0)::text AS rows, min(g.key) AS first
  FROM (SELECT count(*) AS n, ${keyAsText(t.key.map((_, i) => ident(`k${i + 1}`)))} AS key
          FROM (SELECT ${join(key)} FROM ${relation(s.relation)} AS ${ident(s.relation.name)} WHERE ${hasKey(s)}${where}) AS k
         GROUP BY ${names} HAVING count(*) > 1) AS g`
}

/** One row: `rows` that are not the first of those with the same values in these columns, over all units; `keys` of some. */
export function beatenRows(units: readonly TargetMapping[], columns: readonly string[]): Sql {
  const arms = units.map((unit) => {
    const t = alone(unit)
    return sql`SELECT ${join(columns.map((c, i) => sql`p.${ident(c)} AS ${ident(`u${i + 1}`)}`))}, ${keyAsText(keyOf(t, 'p'))} AS key, ${placeOf(unit, columns, 'p')} AS place
    FROM (${projection(t, ALL)}) AS p WHERE ${join(
      columns.map((c) => sql`p.${ident(c)} IS NOT NULL`),
      ' AND ',
    )}`
  })
  const same = join(columns.map((_, i) => ident(`u${i + 1}`)))
  const place = units.length === 1 ? raw('a.place') : sql`row_number() OVER (PARTITION BY ${same} ORDER BY a.place)`
  return counted(sql`SELECT b.key FROM (SELECT a.key, ${place} AS place FROM (
  ${join(arms, '\n  UNION ALL\n  ')}
) AS a) AS b WHERE b.place > 1`)
}

function ruleOf(t: TargetMapping, columns: readonly string[]): TargetMapping['uniques'][number] | undefined {
  const set = [...columns].sort().join('\0')
  return t.uniques.find((rule) => [...rule.columns].sort().join('\0') === set)
}

/** The first of those with the same values stays: as `comesFirst` of the refusal has it. */
export function placeOf(t: TargetMapping, columns: readonly string[], alias: string): Sql {
  const pick = ruleOf(t, columns)?.pick
  const direction = pick?.direction === 'latest' ? raw('DESC') : raw('ASC')
  const order = [...(pick ? [sql`${ident(alias, pick.column)} ${direction} NULLS LAST`] : []), ...keyOf(t, alias)]
  const same = join(columns.map((c) => ident(alias, c)))
  return sql`row_number() OVER (PARTITION BY ${same} ORDER BY ${join(order)})`
}

/** How many rows a query with a `key` gives, and the first keys. */
export function counted(rows: Sql): Sql {
  return sql`SELECT count(*)::text AS rows, json_agg(n.key ORDER BY n.key) FILTER (WHERE n.place <= ${EXAMPLES}) AS keys
  FROM (SELECT o.key, row_number() OVER (ORDER BY o.key) AS place FROM (${rows}) AS o) AS n`
}
