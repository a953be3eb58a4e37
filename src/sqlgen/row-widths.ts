import { ident, join, raw, type Sql, sql } from '../lib/sql.ts'
import type { SourceMapping } from '../spec/mapping.ts'
import { relation } from './names.ts'
import { hasKey, keyExpressions } from './rows.ts'

/** Rows of a source that are looked at. */
const SAMPLE = 1_000

/**
 * One row: the average bytes of what one source gives, `k1` … of its key, `f1` … of its feeds, `c1` … of its carried
 * columns; null where it has no row. Of a table of many `rows` blocks here and there are read. Without its partners, since
 * to find them is work for an index that may not be there yet.
 */
export function sampledWidths(s: SourceMapping, rows: number): Sql {
  const width = (letter: string) => (value: Sql, i: number) =>
    sql`avg(coalesce(pg_column_size(${value}), 0))::float8 AS ${ident(`${letter}${i + 1}`)}`
  const name = ident(s.relation.name)
  const widths = [
    ...keyExpressions(s).map(width('k')),
    ...s.feeds.map((feed) => raw(feed.from)).map(width('f')),
    ...s.carried.map((column) => ident(s.relation.name, column.name)).map(width('c')),
  ]
  const where = s.where === null ? raw('') : sql` AND (${raw(s.where)})`
  return sql`SELECT ${join(widths, ',\n       ')}
  FROM (SELECT * FROM ${relation(s.relation)} AS ${name}${spread(s, rows)} WHERE ${hasKey(s)}${where} LIMIT ${SAMPLE}) AS ${name}`
}

/** Whole blocks, always the same ones; a view has none. */
function spread(s: SourceMapping, rows: number): Sql {
  const isTable = s.base.schema === s.relation.schema && s.base.name === s.relation.name
  if (!isTable || rows <= 10 * SAMPLE) return raw('')
  return sql` TABLESAMPLE SYSTEM (${(100 * SAMPLE) / rows}) REPEATABLE (1)`
}
