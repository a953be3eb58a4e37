import { ident, join, raw, type Sql, sql } from '../lib/sql.ts'
import type { TargetMapping } from '../spec/mapping.ts'
import { keyCompares, keyOf, keyParameters } from './keys.ts'
import { relation } from './names.ts'
import { hasKey, lookupExpressions } from './projection.ts'

/**
 * The last key of the next chunk of at most `$limit` keys: each source gives its own next keys from an
 * index, and the smallest of all of them count. No row: no key is left.
 * Parameters: the text parts of the lower bound, of the upper one, as far as the range has them; then the chunk's size.
 */
export function nextBound(
  t: TargetMapping,
  options: { readonly after: boolean; readonly upTo?: boolean; readonly includeTarget: boolean },
): Sql {
  const { after, upTo } = rangeParameters(t, { after: options.after, upTo: options.upTo ?? false })
  const limit = raw(`$${((after ? 1 : 0) + (upTo ? 1 : 0)) * t.key.length + 1}::bigint`)
  const order = join(t.key.map((_, i) => sql`${i + 1}`))
  const arms = t.sources.map((s) => {
    const own = lookupExpressions(s)
    const conditions = [
      hasKey(s),
      ...(s.where === null ? [] : [sql`(${raw(s.where)})`]),
      ...within(t, own, after, upTo),
    ]
    const distinct = s.unique ? raw('') : raw('DISTINCT ')
    return sql`(SELECT ${distinct}${join(own.map((key, i) => sql`${key} AS ${keyName(t, i)}`))} FROM ${relation(s.relation)} AS ${ident(s.relation.name)}
     WHERE ${join(conditions, ' AND ')} ORDER BY ${order} LIMIT ${limit})`
  })
  if (options.includeTarget) {
    const bounds = within(t, keyOf(t, 't'), after, upTo)
    const where = bounds.length > 0 ? sql` WHERE ${join(bounds, ' AND ')}` : raw('')
    arms.push(
      sql`(SELECT ${join(keyOf(t, 't'))} FROM ${relation(t.relation)} AS t${where} ORDER BY ${order} LIMIT ${limit})`,
    )
  }
  const text = join(t.key.map((key) => sql`${ident(key.name)}::text AS ${ident(key.name)}`))
  return sql`SELECT ${text} FROM (
  SELECT DISTINCT * FROM (
    ${join(arms, '\n    UNION ALL\n    ')}
  ) AS every_source ORDER BY ${order} LIMIT ${limit}
) AS chunk ORDER BY ${join(t.key.map((key) => sql`chunk.${ident(key.name)} DESC`))} LIMIT 1`
}

function keyName(t: TargetMapping, index: number): Sql {
  const key = t.key[index]
  if (!key) throw new Error('no such key column')
  return ident(key.name)
}

/** Which of its two ends a range has; the lower one is outside of it, the upper one inside. */
export interface Range {
  readonly after: boolean
  readonly upTo: boolean
}

interface Bounds {
  readonly after: Sql[] | null
  readonly upTo: Sql[] | null
}

/** The ends of a range as parameters: the lower one first, then the upper one, all as text parts. */
export function rangeParameters(t: TargetMapping, range: Range): Bounds {
  return {
    after: range.after ? keyParameters(t) : null,
    upTo: range.upTo ? keyParameters(t, range.after ? t.key.length + 1 : 1) : null,
  }
}

/** The predicate that puts a key into a range; nothing where the range has no ends. */
export function within(t: TargetMapping, own: readonly Sql[], after: Sql[] | null, upTo: Sql[] | null): Sql[] {
  return [...(after ? [keyCompares(t, own, '>', after)] : []), ...(upTo ? [keyCompares(t, own, '<=', upTo)] : [])]
}
