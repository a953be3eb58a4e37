import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { Relation, SourceMapping, TargetMapping } from '../spec/mapping.ts'
import { keyEquals, keyOf, keyText } from './keys.ts'
import { lineageTable, relation } from './names.ts'
import { projection } from './projection.ts'
import { keyExpressions } from './rows.ts'

const PLACES = ['merged', 'own', 'leftOut', 'journaled', 'waiting', 'lost'] as const
type Place = (typeof PLACES)[number]

/**
 * Where every old row went: merged with others into a new row, a new row of its own, left out by a rule
 * of the mapping, in the journal, waiting in the outbox, or nowhere (which must be zero). One row for each source.
 *
 * All rows of one key go the same way, so the keys are placed and their rows counted; what has no key is what remains.
 */
export function accounting(t: TargetMapping): Sql {
  const sources = t.sources.filter((s) => !s.stub)
  const counted = sources.map((s) => {
    const kept = s.where === null ? raw('') : sql` FILTER (WHERE ${raw(s.where)})`
    const keyless = literal(s.otherwise === 'omit' ? 'leftOut' : 'journaled')
    return sql`SELECT ${s.ordinal} AS ordinal, ${literal(s.relation.name)} AS source, ${keyless} AS keyless, count(*) AS every, count(*)${kept} AS kept
    FROM ${relation(s.relation)} AS ${ident(s.relation.name)}`
  })
  const ofSource = sources.map((s) => sql`(${s.ordinal}, p.${rowsColumn(s)})`)
  const place = (name: Place): Sql => {
    const placed = sql`p.rows[${PLACES.indexOf(name) + 1}]`
    const keyless = sql`CASE WHEN n.keyless = ${literal(name)} THEN n.kept - p.keyed ELSE 0 END`
    if (name === 'leftOut') return sql`(${placed} + n.every - n.kept + ${keyless})::int AS ${ident(name)}`
    return sql`(${placed}${name === 'journaled' ? sql` + ${keyless}` : raw('')})::int AS ${ident(name)}`
  }
  return sql`WITH counted AS (
  ${join(counted, '\n  UNION ALL\n  ')}
), placed AS (
  SELECT u.ordinal, u.rows, (SELECT sum(r.rows) FROM unnest(u.rows) AS r (rows)) AS keyed
    FROM (
${placedKeys(t, sources)}
    ) AS p, LATERAL (VALUES ${join(ofSource)}) AS u (ordinal, rows)
)
SELECT n.source, n.every::int AS "oldRows",
       ${join(PLACES.map(place), ',\n       ')}
  FROM counted AS n
  JOIN placed AS p ON p.ordinal = n.ordinal
 ORDER BY n.ordinal`
}

/** How many rows of each source have their key in each of the places. One row. */
function placedKeys(t: TargetMapping, sources: readonly SourceMapping[]): Sql {
  const keys = t.key.map((key) => ident(key.name))
  const target = literal(t.name)
  const key = keyText(t, keyOf(t, 'r'))
  // A row of its own in the new table; of an append its row in lineage, which goes with it.
  const there = t.kind === 'merge' ? relation(t.relation) : lineageTable(t)
  const beaten = t.uniques.some((rule) => rule.otherwise === 'omit')
    ? sql`
                  WHEN EXISTS (SELECT FROM (${projection(t, { kind: 'one', values: keyOf(t, 'r') })}) AS p WHERE p.crossfade_refusal[1] = 'omit') THEN 'leftOut'`
    : raw('')
  const every = join(
    sources.map((s) => sql`r.${rowsColumn(s)}`),
    ' + ',
  )
  // Not by GROUP BY: the planner knows nothing of how few places there are, and would sort all keys by them.
  const sums = sources.map((s) => {
    const rows = PLACES.map(
      (name) => sql`coalesce(sum(k.${rowsColumn(s)}) FILTER (WHERE k.place = ${literal(name)}), 0)`,
    )
    return sql`ARRAY[${join(rows)}] AS ${rowsColumn(s)}`
  })
  return sql`      SELECT ${join(sums, ',\n             ')}
        FROM (
          SELECT CASE WHEN t.${keys[0] ?? raw('')} IS NOT NULL THEN CASE WHEN ${every} > 1 THEN 'merged' ELSE 'own' END
                  WHEN EXISTS (SELECT FROM crossfade.journal AS j WHERE j.target = ${target} AND j.key = ${key}) THEN 'journaled'
                  WHEN EXISTS (SELECT FROM crossfade.outbox AS o WHERE o.target = ${target} AND o.source IS NULL AND o.key IN (${key}, '{}')) THEN 'waiting'${beaten}
                  ELSE 'lost' END AS place, ${join(sources.map((s) => sql`r.${rowsColumn(s)}`))}
            FROM (
${everyKey(t, sources)}
            ) AS r
            LEFT JOIN ${there} AS t ON ${keyEquals(t, keyOf(t, 't'), keyOf(t, 'r'))}
          OFFSET 0
        ) AS k`
}

/** The keys of all sources, each with its number of rows in each source. */
function everyKey(t: TargetMapping, sources: readonly SourceMapping[]): Sql {
  const keys = t.key.map((key) => ident(key.name))
  const alias = (s: SourceMapping): Sql => ident(`s${s.ordinal + 1}`)
  const coalesced = (of: readonly SourceMapping[]): Sql[] =>
    keys.map((key) => {
      const values = of.map((s) => sql`${alias(s)}.${key}`)
      return of.length === 1 ? join(values) : sql`coalesce(${join(values)})`
    })
  const arms = sources.map((s) => {
    const own = keyExpressions(s).map(
      (key, i) => sql`(${key})::${raw(t.key[i]?.type ?? 'text')} AS ${keys[i] ?? raw('')}`,
    )
    const where = s.where === null ? raw('') : sql` WHERE ${raw(s.where)}`
    const rows = s.unique ? raw('1::bigint') : raw('count(*)')
    const group = s.unique ? raw('') : sql` GROUP BY ${join(keys.map((key) => sql`o.${key}`))}`
    const there = join(
      keys.map((key) => sql`o.${key} IS NOT NULL`),
      ' AND ',
    )
    return sql`(SELECT ${join(keys.map((key) => sql`o.${key}`))}, ${rows} AS crossfade_rows
                 FROM (SELECT ${join(own)} FROM ${relation(s.relation)} AS ${ident(s.relation.name)}${where}) AS o
                WHERE ${there}${group}) AS ${alias(s)}`
  })
  const from = arms.reduce((left, arm, i) => {
    if (i === 0) return arm
    const right = keys.map((key) => sql`${alias(sources[i] as SourceMapping)}.${key}`)
    return sql`${left}
          FULL JOIN ${arm} ON ${keyEquals(t, coalesced(sources.slice(0, i)), right)}`
  }, raw(''))
  const counts = sources.map((s) => sql`coalesce(${alias(s)}.crossfade_rows, 0) AS ${rowsColumn(s)}`)
  return sql`        SELECT ${join([...coalesced(sources).map((key, i) => sql`${key} AS ${keys[i] ?? raw('')}`), ...counts])}
          FROM ${from}`
}

function rowsColumn(s: SourceMapping): Sql {
  return ident(`crossfade_rows_${s.ordinal + 1}`)
}

/** One row: `rows`. */
export function rowCount(r: Relation): Sql {
  return sql`SELECT count(*) AS rows FROM ${relation(r)}`
}
