import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { Relation, TargetMapping } from '../spec/mapping.ts'
import { keyEquals, keyOf, keyText } from './keys.ts'
import { lineageTable, relation } from './names.ts'
import { projection } from './projection.ts'
import { keyExpressions } from './rows.ts'

/**
 * Where every old row went: merged with others into a new row, a new row of its own, left out by a rule
 * of the mapping, in the journal, waiting in the outbox, or nowhere (which must be zero). One row for each source.
 */
export function accounting(t: TargetMapping): Sql {
  const keys = t.key.map((key) => ident(key.name))
  const sources = t.sources.filter((s) => !s.stub)
  const arms = sources.map((s) => {
    const own = keyExpressions(s).map((key, i) => sql`${key} AS ${keys[i] ?? raw('')}`)
    return sql`SELECT ${s.ordinal} AS crossfade_source, ${s.where === null ? raw('true') : sql`coalesce((${raw(s.where)}), false)`} AS crossfade_kept,
         ${literal(s.otherwise)} AS crossfade_otherwise, ${join(own)}
    FROM ${relation(s.relation)} AS ${ident(s.relation.name)}`
  })
  const names = sources.map((s) => sql`(${s.ordinal}, ${literal(s.relation.name)})`)
  const target = literal(t.name)
  // A row of its own in the new table; of an append its row in lineage, which goes with it.
  const there = t.kind === 'merge' ? relation(t.relation) : lineageTable(t)
  const beaten = t.uniques.some((rule) => rule.otherwise === 'omit')
    ? sql`
              WHEN EXISTS (SELECT FROM (${projection(t, { kind: 'one', values: keys.map((k) => sql`r.${k}`) })}) AS p WHERE p.crossfade_refusal[1] = 'omit') THEN 'leftOut'`
    : raw('')
  const keyless = join(
    keys.map((key) => sql`r.${key} IS NULL`),
    ' OR ',
  )
  const key = keyText(
    t,
    keys.map((k) => sql`r.${k}`),
  )
  return sql`WITH old_rows AS MATERIALIZED (
  ${join(arms, '\n  UNION ALL\n  ')}
), shared AS (
  SELECT ${join(keys)}, count(*) AS crossfade_rows FROM old_rows AS r WHERE r.crossfade_kept AND NOT (${keyless}) GROUP BY ${join(keys)}
), placed AS (
  SELECT r.crossfade_source,
         CASE WHEN NOT r.crossfade_kept THEN 'leftOut'
              WHEN ${keyless} THEN CASE r.crossfade_otherwise WHEN 'omit' THEN 'leftOut' ELSE 'journaled' END
              WHEN t.${keys[0] ?? raw('')} IS NOT NULL THEN CASE WHEN s.crossfade_rows > 1 THEN 'merged' ELSE 'own' END
              WHEN EXISTS (SELECT FROM crossfade.journal AS j WHERE j.target = ${target} AND j.key = ${key}) THEN 'journaled'
              WHEN EXISTS (SELECT FROM crossfade.outbox AS o WHERE o.target = ${target} AND o.source IS NULL AND o.key IN (${key}, '{}')) THEN 'waiting'
${beaten}
              ELSE 'lost' END AS place
    FROM old_rows AS r
    LEFT JOIN shared AS s ON r.crossfade_kept AND ${keyEquals(t, keyOf(t, 's'), keyOf(t, 'r'))}
    LEFT JOIN ${there} AS t ON r.crossfade_kept AND ${keyEquals(t, keyOf(t, 't'), keyOf(t, 'r'))}
)
SELECT n.source, count(p.place)::int AS "oldRows",
       ${join(
         ['merged', 'own', 'leftOut', 'journaled', 'waiting', 'lost'].map(
           (place) => sql`(count(*) FILTER (WHERE p.place = ${literal(place)}))::int AS ${ident(place)}`,
         ),
         ',\n       ',
       )}
  FROM (VALUES ${join(names)}) AS n (ordinal, source)
  LEFT JOIN placed AS p ON p.crossfade_source = n.ordinal
 GROUP BY n.source, n.ordinal ORDER BY n.ordinal`
}

/** One row: `rows`. */
export function rowCount(r: Relation): Sql {
  return sql`SELECT count(*) AS rows FROM ${relation(r)}`
}
