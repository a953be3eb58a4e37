import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { SourceMapping, TargetMapping } from '../spec/mapping.ts'
import { ofRow } from './lineage.ts'
import { carriedColumn, compatView, display, hasColumn, lineageTable, relation } from './names.ts'
import type { Statement } from './statement.ts'

/**
 * The compat view: the old table's name and columns over the new table, so that a read is routed by
 * choosing the schema. security_invoker: whoever reads it needs his own right to the new table.
 */
export function compatStatement(t: TargetMapping, s: SourceMapping): Statement {
  const view = compatView(s)
  const alias = t.relation.name
  const columns = s.shape.map((column) => {
    const name = ident(column.name)
    const carried = s.carried.findIndex((c) => c.name === column.name)
    if (carried >= 0) return sql`crossfade_lineage.${carriedColumn(s, carried)} AS ${name}`
    const back = s.back.find((b) => b.name === column.name)
    return back ? sql`(${raw(back.back)})::${raw(column.type)} AS ${name}` : sql`NULL::${raw(column.type)} AS ${name}`
  })
  return {
    id: `compat:${display(s.relation)}`,
    sql: sql`CREATE OR REPLACE VIEW ${view} WITH (security_invoker = true) AS
SELECT ${join(columns, ',\n       ')}
  FROM ${relation(t.relation)} AS ${ident(alias)}${rowsOfSource(t, s)};
COMMENT ON VIEW ${view} IS ${literal(`Crossfade: ${display(s.relation)}, read from ${display(t.relation)}`)}`,
    // Somebody's view over it must not stop a rollback; it could show nothing afterwards.
    undo: sql`DROP VIEW IF EXISTS ${view} CASCADE`,
    lock: { mode: 'ACCESS SHARE', on: display(t.relation) },
    transactional: true,
    why: `reads of ${display(s.relation)} can come from ${display(t.relation)} without a change of code`,
  }
}

/** Which rows of the new table came from the source, and what only lineage knows of them. */
function rowsOfSource(t: TargetMapping, s: SourceMapping): Sql {
  const alias = t.relation.name
  const lineage = raw('crossfade_lineage')
  if (t.kind === 'append')
    return sql`
  JOIN ${lineageTable(t)} AS ${lineage}
    ON ${ofRow(t, alias, lineage)}
 WHERE ${lineage}.${hasColumn(s)}`
  // A left join on the key: where a query asks for none of its columns, the planner leaves it out.
  const carried =
    s.carried.length === 0
      ? raw('')
      : sql`\n  LEFT JOIN ${lineageTable(t)} AS ${lineage} ON ${ofRow(t, alias, lineage)}`
  if (t.sources.length === 1) return carried
  const without = raw('crossfade_without')
  return sql`${carried}
 WHERE NOT EXISTS (SELECT FROM ${lineageTable(t)} AS ${without} WHERE ${ofRow(t, alias, without)} AND NOT ${without}.${hasColumn(s)})`
}
