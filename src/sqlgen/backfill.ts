import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { SourceMapping, TargetMapping } from '../spec/mapping.ts'
import { overriding } from './apply.ts'
import { keyAsText, keyEquals, keyOf, keyText } from './keys.ts'
import { lineageTable, relation } from './names.ts'
import { hasKey, keyExpressions, lineageColumns, lookupExpressions, projection } from './projection.ts'
import { type Range, rangeParameters, within } from './ranges.ts'

/**
 * One chunk: the rows of a key range that are not there yet, with their lineage. A row that a trigger wrote
 * meanwhile is newer and stays. Returns `projected` and `inserted`.
 */
export function backfillChunk(t: TargetMapping, range: Range): Sql {
  const keys = t.key.map((key) => ident(key.name))
  const columns = t.columns.map((column) => ident(column.name))
  const origin = lineageColumns(t)
  return sql`WITH projected AS MATERIALIZED (
  ${projection(t, { kind: 'range', ...rangeParameters(t, range) })}
), inserted AS (
  INSERT INTO ${relation(t.relation)} (${join(columns)})${overriding(t)}
  SELECT ${join(columns)} FROM projected ORDER BY ${join(keys)}
  ON CONFLICT (${join(keys)}) DO NOTHING
  RETURNING ${join(keys)}
), lineage AS (
  INSERT INTO ${lineageTable(t)} (${join([...keys, ...origin])})
  SELECT ${join([...keys, ...origin].map((column) => sql`p.${column}`))}
    FROM projected AS p JOIN inserted AS i ON ${keyEquals(t, keyOf(t, 'i'), keyOf(t, 'p'))}
  ON CONFLICT (${join(keys)}) DO NOTHING
)
SELECT (SELECT count(*) FROM projected) AS projected, (SELECT count(*) FROM inserted) AS inserted`
}

/** A chunk in which some row can't be written goes to the applier, which finds out which, and why. */
export function enqueueRange(t: TargetMapping, range: Range): Sql {
  const arms = t.sources.map((s) => {
    const own = keyExpressions(s)
    const { after, upTo } = rangeParameters(t, range)
    const bounds = boundsOf(t, s, lookupExpressions(s), after, upTo)
    return sql`SELECT ${keyText(t, own)} AS key FROM ${relation(s.relation)} AS ${ident(s.relation.name)} WHERE ${bounds}`
  })
  return sql`INSERT INTO crossfade.outbox (target, key)
SELECT ${literal(t.name)}, u.key FROM (${join(arms, '\n  UNION\n  ')}) AS u ORDER BY u.key`
}

function boundsOf(t: TargetMapping, s: SourceMapping, own: Sql[], after: Sql[] | null, upTo: Sql[] | null): Sql {
  return join(
    [hasKey(s), ...(s.where === null ? [] : [sql`(${raw(s.where)})`]), ...within(t, own, after, upTo)],
    ' AND ',
  )
}

/** Old rows without a key, into the journal; and out of it where they have found one or gone. */
export function keylessStatements(t: TargetMapping, s: SourceMapping): Sql[] {
  if (s.otherwise === 'omit') return []
  const identity = keyAsText(s.identity.map((column) => ident(s.relation.name, column.name)))
  const where = s.where === null ? sql`` : sql` AND (${raw(s.where)})`
  const keyless = sql`FROM ${relation(s.relation)} AS ${ident(s.relation.name)} WHERE NOT (${hasKey(s)})${where}`
  const [target, source] = [literal(t.name), literal(s.relation.name)]
  return [
    sql`SELECT count(crossfade.journal_keyless(${target}, ${source}, ${identity})) ${keyless}`,
    sql`DELETE FROM crossfade.journal AS j
 WHERE j.target = ${target} AND j.source = ${source} AND j.old_key NOT IN (SELECT ${identity} ${keyless})`,
  ]
}
