import { ident, join, raw, type Sql, sql } from '../lib/sql.ts'
import type { Link, SourceMapping, TargetMapping } from '../spec/mapping.ts'
import { keyCompares, keyOf, keyParameters, stored } from './keys.ts'
import { keyLink, stepAt } from './links.ts'
import { lineageTable, relation } from './names.ts'
import { hasKey, lookupExpressions } from './rows.ts'

/**
 * Where the next chunk of about `$limit` keys ends: at the first key at which some source has given so many rows, found
 * by counting along its index alone; with the last key of all where no source has so many left. A chunk has at most
 * that many rows of each source, and with a limit of 1 one key. No row: no key is left.
 * Parameters: the text parts of the lower bound, of the upper one, as far as the range has them; then the chunk's size.
 */
export function nextBound(
  t: TargetMapping,
  options: { readonly after: boolean; readonly upTo?: boolean; readonly includeTarget: boolean },
): Sql {
  const { after, upTo } = rangeParameters(t, { after: options.after, upTo: options.upTo ?? false })
  const limit = raw(`$${((after ? 1 : 0) + (upTo ? 1 : 0)) * t.key.length + 1}::bigint`)
  const arms = t.sources.flatMap((s) => {
    const link = keyLink(s)
    if (link) return linkedKeys(t, s, link, { after, upTo })
    const own = lookupExpressions(s)
    const conditions = [
      hasKey(s),
      ...(s.where === null ? [] : [sql`(${raw(s.where)})`]),
      ...within(t, own, after, upTo),
    ]
    return [keysFrom(t, own, sql`${relation(s.relation)} AS ${ident(s.relation.name)}`, conditions)]
  })
  if (options.includeTarget) {
    const { from, key } = t.kind === 'append' ? { from: sql`${lineageTable(t)} AS l`, key: keyOf(t, 'l') } : stored(t)
    arms.push(keysFrom(t, key, from, within(t, key, after, upTo)))
  }
  const up = join(t.key.map((_, i) => sql`${i + 1}`))
  const down = join(t.key.map((_, i) => sql`${i + 1} DESC`))
  const full = arms.map((arm) => sql`(${arm} ORDER BY ${up} OFFSET ${limit} - 1 LIMIT 1)`)
  const last = arms.map((arm) => sql`(${arm} ORDER BY ${down} LIMIT 1)`)
  const text = join(t.key.map((key) => sql`${ident(key.name)}::text AS ${ident(key.name)}`))
  return sql`WITH crossfade_full AS MATERIALIZED (
  SELECT * FROM (
    ${join(full, '\n    UNION ALL\n    ')}
  ) AS every_source ORDER BY ${up} LIMIT 1
)
SELECT ${text} FROM (
  SELECT * FROM crossfade_full
  UNION ALL
  (SELECT * FROM (
    ${join(last, '\n    UNION ALL\n    ')}
  ) AS every_source WHERE NOT EXISTS (SELECT FROM crossfade_full) ORDER BY ${down} LIMIT 1)
) AS chunk`
}

function keysFrom(t: TargetMapping, own: readonly Sql[], from: Sql, conditions: readonly Sql[]): Sql {
  const where = conditions.length > 0 ? sql` WHERE ${join(conditions, ' AND ')}` : raw('')
  return sql`SELECT ${join(own.map((key, i) => sql`${key} AS ${keyName(t, i)}`))} FROM ${from}${where}`
}

/** Keys that linked rows may have, of which some may have none: a chunk then has fewer rows, and none is missed. */
function linkedKeys(t: TargetMapping, s: SourceMapping, link: Link, chunk: Bounds): Sql[] {
  const last = stepAt(link, link.steps.length - 1)
  const arm = (own: Sql[], from: Sql): Sql =>
    keysFrom(t, own, from, [...own.map((key) => sql`${key} IS NOT NULL`), ...within(t, own, chunk.after, chunk.upTo)])
  return [
    arm(
      link.take.map((take) => raw(take)),
      sql`${relation(last.relation)} AS ${ident(last.alias)}`,
    ),
    ...(link.generated === null
      ? []
      : [
          arm(
            link.generated.map((text) => raw(text)),
            sql`${relation(s.relation)} AS ${ident(s.relation.name)}`,
          ),
        ]),
  ]
}

/**
 * Keys that cut all of them into `$2` parts of about one size, by a sample of `$1` percent of the blocks of one source.
 * Null where no source has both a key of its own and a table to sample.
 */
export function partBounds(t: TargetMapping): Sql | null {
  const s = t.sources.find(
    (source) =>
      !source.stub &&
      keyLink(source) === null &&
      source.base.schema === source.relation.schema &&
      source.base.name === source.relation.name,
  )
  if (!s) return null
  const keys = t.key.map((_, i) => keyName(t, i))
  const own = lookupExpressions(s).map((key, i) => sql`${key} AS ${keys[i] ?? raw('')}`)
  const where = s.where === null ? raw('') : sql` AND (${raw(s.where)})`
  return sql`SELECT ${join(keys.map((key) => sql`p.${key}::text`))} FROM (
  SELECT k.*, row_number() OVER (ORDER BY ${join(keys.map((key) => sql`k.${key}`))}) AS crossfade_place, count(*) OVER () AS crossfade_rows
    FROM (SELECT DISTINCT ${join(own)} FROM ${relation(s.relation)} AS ${ident(s.relation.name)} TABLESAMPLE SYSTEM ($1)
           WHERE ${hasKey(s)}${where}) AS k
) AS p
 WHERE p.crossfade_place IN (SELECT i * p.crossfade_rows / $2::bigint FROM generate_series(1, $2::bigint - 1) AS i)
 ORDER BY p.crossfade_place`
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
