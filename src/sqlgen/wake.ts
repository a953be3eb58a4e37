import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { ChildRule, TargetMapping } from '../spec/mapping.ts'

/** Children that wait in the journal for a row that has just come. */
export function wake(t: TargetMapping, record: 'crossfade_row' | 'NEW'): Sql {
  const waits = references(t).map((child) => {
    const values = child.referenced.map((column) => sql`${raw(record)}.${ident(column)}::text`)
    return sql`
    INSERT INTO crossfade.outbox (target, source, key)
    SELECT j.target, j.source, coalesce(j.key, j.old_key) FROM crossfade.journal AS j
     WHERE j.waits_for = ARRAY[${literal(t.relation.name)}, ${join(values)}];`
  })
  return join(waits, '')
}

export function wakes(t: TargetMapping): boolean {
  return references(t).length > 0
}

/** Each set of columns that children reference, once; those that come from old rows, since only these can be waited for. */
function references(t: TargetMapping): ChildRule[] {
  const known = t.children.filter((child) =>
    child.referenced.every((name) => t.columns.some((column) => column.name === name)),
  )
  return [...new Map(known.map((child) => [child.referenced.join('\0'), child])).values()]
}
