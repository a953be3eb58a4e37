import { ident, join, raw, type Sql, sql } from '../lib/sql.ts'
import type { SourceMapping, TargetMapping } from '../spec/mapping.ts'
import { relation } from './names.ts'
import { projectedColumns, projection } from './projection.ts'
import { hasKey, keyExpressions } from './rows.ts'

/** Keys of each source that are looked at. */
const SAMPLE = 1_000

/**
 * One row: `rows` that were looked at, and `w1`, `w2` … the average bytes of each of `projectedColumns`. Of each source
 * the keys of some rows, spread over the table where `rows` says that it is large.
 */
export function sampledWidths(unit: TargetMapping, rows: (s: SourceMapping) => number): Sql {
  // Rules about other rows ask the new tables.
  const t = { ...unit, uniques: [], parents: [] }
  const names = t.key.map((_, i) => ident(`k${i + 1}`))
  const arms = t.sources.map((s) => {
    const key = keyExpressions(s).map((k, i) => sql`(${k})::${raw(t.key[i]?.type ?? 'text')} AS ${names[i] ?? raw('')}`)
    const where = s.where === null ? raw('') : sql` AND (${raw(s.where)})`
    return sql`(SELECT ${join(key)} FROM ${relation(s.relation)} AS ${ident(s.relation.name)}${spread(s, rows(s))} WHERE ${hasKey(s)}${where} LIMIT ${SAMPLE})`
  })
  const keys = sql`SELECT ${join(names.map((name) => sql`crossfade_sample.${name}`))} FROM crossfade_sample`
  const widths = projectedColumns(t).map(
    (column, i) => sql`avg(coalesce(pg_column_size(p.${column}), 0))::float8 AS ${ident(`w${i + 1}`)}`,
  )
  return sql`WITH crossfade_sample (${join(names)}) AS MATERIALIZED (
  ${join(arms, '\n  UNION ')}
)
SELECT count(*)::float8 AS rows, ${join(widths)}
  FROM (${projection(t, { kind: 'among', query: keys })}) AS p`
}

/** Whole blocks, always the same ones; a view has none. */
function spread(s: SourceMapping, rows: number): Sql {
  const isTable = s.base.schema === s.relation.schema && s.base.name === s.relation.name
  if (!isTable || rows <= 10 * SAMPLE) return raw('')
  const percent = Math.max(0.001, (100 * SAMPLE) / rows)
  return sql` TABLESAMPLE SYSTEM (${percent}) REPEATABLE (1)`
}
