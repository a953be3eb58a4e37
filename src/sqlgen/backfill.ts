import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { SourceMapping, TargetMapping } from '../spec/mapping.ts'
import { overriding } from './apply-row.ts'
import { keyAsText, keyEquals, keyOf, keyText } from './keys.ts'
import { handleColumn, lineageTable, relation } from './names.ts'
import { lineageColumns, mayRefuse, projection } from './projection.ts'
import { type Range, rangeParameters } from './ranges.ts'
import { fromRowsOf, hasKey, type Keys, rowsOf } from './rows.ts'

/**
 * One chunk: the rows of a key range that are not there yet, with their lineage. A row that a trigger wrote
 * meanwhile is newer and stays. Returns `projected` and `inserted`.
 */
export function backfillChunk(t: TargetMapping, range: Range): Sql {
  const keys = t.key.map((key) => ident(key.name))
  const columns = t.columns.map((column) => ident(column.name))
  const origin = lineageColumns(t)
  const projected = projection(t, { kind: 'range', ...rangeParameters(t, range) })
  const fits = mayRefuse(t) ? sql` WHERE crossfade_refusal IS NULL` : raw('')
  if (t.kind === 'append') return appendChunk(t, projected, fits)
  return sql`WITH projected AS MATERIALIZED (
  ${projected}
)${refused(t)}, inserted AS (
  INSERT INTO ${relation(t.relation)} (${join(columns)})${overriding(t)}
  SELECT ${join(columns)} FROM projected${fits} ORDER BY ${join(keys)}
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

/** Lineage first: it has the keys, and says which of them are new. */
function appendChunk(t: TargetMapping, projected: Sql, fits: Sql): Sql {
  const keys = t.key.map((key) => ident(key.name))
  const origin = lineageColumns(t)
  const handles = t.handle.map((_, i) => handleColumn(i))
  const columns = t.columns.map((column) => ident(column.name))
  return sql`WITH projected AS MATERIALIZED (
  ${projected}
)${refused(t)}, lineage AS (
  INSERT INTO ${lineageTable(t)} AS l (${join([...keys, ...origin, ...handles])})
  SELECT ${join([...keys, ...origin, ...t.handle.map((h) => raw(h.next))])} FROM projected${fits} ORDER BY ${join(keys)}
  ON CONFLICT (${join(keys)}) DO NOTHING
  RETURNING ${join([...keys, ...handles].map((column) => sql`l.${column}`))}
), inserted AS (
  INSERT INTO ${relation(t.relation)} (${join([...t.handle.map((h) => ident(h.name)), ...columns])})${overriding(t)}
  SELECT ${join([...handles.map((h) => sql`l.${h}`), ...columns.map((c) => sql`p.${c}`)])}
    FROM lineage AS l JOIN projected AS p ON ${keyEquals(t, keyOf(t, 'l'), keyOf(t, 'p'))} ORDER BY ${join(handles.map((h) => sql`l.${h}`))}
  RETURNING 1
)
SELECT (SELECT count(*) FROM projected) AS projected, (SELECT count(*) FROM inserted) AS inserted`
}

/** Rows that a rule keeps out go to the applier, which writes the journal. */
function refused(t: TargetMapping): Sql {
  if (!mayRefuse(t)) return raw('')
  return sql`, refused AS (
  INSERT INTO crossfade.outbox (target, key)
  SELECT ${literal(t.name)}, ${keyText(t, keyOf(t, 'p'))} FROM projected AS p WHERE p.crossfade_refusal[1] <> 'omit'
)`
}

/** A chunk in which some row can't be written goes to the applier, which finds out which, and why. */
export function enqueueRange(t: TargetMapping, range: Range): Sql {
  const keys: Keys = { kind: 'range', ...rangeParameters(t, range) }
  const arms = t.sources.map((s) => sql`SELECT ${keyText(t, rowsOf(t, s, keys).key)} AS key ${fromRowsOf(t, s, keys)}`)
  return sql`INSERT INTO crossfade.outbox (target, key)
SELECT ${literal(t.name)}, u.key FROM (${join(arms, '\n  UNION\n  ')}) AS u ORDER BY u.key`
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
    // Once and for all: whether a row has a key may be dear to tell.
    sql`WITH keyless (old_key) AS MATERIALIZED (SELECT ${identity} ${keyless})
DELETE FROM crossfade.journal AS j
 WHERE j.target = ${target} AND j.source = ${source} AND NOT EXISTS (SELECT FROM keyless AS k WHERE k.old_key = j.old_key)`,
  ]
}
