import { ident, join, literal, raw, sql } from '../lib/sql.ts'
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
  FROM ${relation(t.relation)} AS ${ident(alias)}
  JOIN ${lineageTable(t)} AS crossfade_lineage
    ON ${ofRow(t, alias, raw('crossfade_lineage'))}
 WHERE crossfade_lineage.${hasColumn(s)};
COMMENT ON VIEW ${view} IS ${literal(`Crossfade: ${display(s.relation)}, read from ${display(t.relation)}`)}`,
    // Somebody's view over it must not stop a rollback; it could show nothing afterwards.
    undo: sql`DROP VIEW IF EXISTS ${view} CASCADE`,
    lock: { mode: 'ACCESS SHARE', on: display(t.relation) },
    transactional: true,
    why: `reads of ${display(s.relation)} can come from ${display(t.relation)} without a change of code`,
  }
}
