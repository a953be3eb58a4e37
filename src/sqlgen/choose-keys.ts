import { ident, join, raw, type Sql, sql } from '../lib/sql.ts'
import type { TargetMapping } from '../spec/mapping.ts'
import { stored } from './keys.ts'
import { relation } from './names.ts'
import { hasKey, keyExpressions } from './rows.ts'

/**
 * `$1` keys of either side, each as likely as any other. Every table is read once for it: TABLESAMPLE would be
 * faster, but draws whole blocks, and the full comparison reads all rows anyway. Rows: `key`, a text array.
 */
export function randomKeys(t: TargetMapping): Sql {
  const arms = everyKey(t).map((arm) => sql`(${arm.select} ORDER BY random() LIMIT $1)`)
  return sql`SELECT ${asArray(t)} AS key FROM (${join(arms, ' UNION ')}) AS u (${keyNames(t)}) ORDER BY random() LIMIT $1`
}

/**
 * At most `$1` keys of both sides, or of the new one alone, whose `column`, a timestamptz, is less than a day old;
 * the newest first. Rows: `key`, a text array.
 */
export function recentKeys(t: TargetMapping, column: string, sides: 'both' | 'new'): Sql {
  const arms = everyKey(t, column)
    .slice(sides === 'new' ? -1 : 0)
    .filter((arm) => arm.at !== null)
    .map(({ select, at }) => {
      const by = at ?? raw('')
      // Of each side as many at most: to group all rows of a busy day would take longer than to compare them.
      return sql`(${select} AND ${by} > now() - interval '24 hours' ORDER BY ${by} DESC LIMIT $1)`
    })
  return sql`SELECT ${asArray(t)} AS key
  FROM (${join(arms, ' UNION ALL ')}) AS u (${keyNames(t)}, crossfade_at)
 GROUP BY ${keyNames(t)} ORDER BY max(u.crossfade_at) DESC LIMIT $1`
}

/** One selection for each source that has the column, and one for the new table. */
function everyKey(t: TargetMapping, column?: string): { select: Sql; at: Sql | null }[] {
  const sources = t.sources.map((s) => {
    const from = s.feeds.find((feed) => feed.column === column)?.from
    const at = from === undefined ? null : raw(from)
    const filter = s.where === null ? raw('') : sql` AND (${raw(s.where)})`
    return {
      at,
      select: sql`SELECT ${join([...keyExpressions(s), ...(at ? [at] : [])])} FROM ${relation(s.relation)} AS ${ident(s.relation.name)} WHERE ${hasKey(s)}${filter}`,
    }
  })
  const at = column === undefined ? null : ident('t', column)
  const { from, key } = stored(t)
  const own = [...key, ...(at ? [at] : [])]
  return [...sources, { at, select: sql`SELECT ${join(own)} FROM ${from} WHERE true` }]
}

function keyNames(t: TargetMapping): Sql {
  return join(t.key.map((_, i) => ident(`crossfade_key_${i + 1}`)))
}

function asArray(t: TargetMapping): Sql {
  return sql`ARRAY[${join(t.key.map((_, i) => sql`u.${ident(`crossfade_key_${i + 1}`)}::text`))}]`
}
