import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { SourceMapping, TargetMapping } from '../spec/mapping.ts'
import { overriding } from './apply-row.ts'
import { keyAsText, keyEquals, keyOf, keyText } from './keys.ts'
import { isIn } from './many-keys.ts'
import { handleColumn, lineageTable, relation } from './names.ts'
import { lineageColumns, mayRefuse, projection } from './projection.ts'
import { type Range, rangeParameters, within } from './ranges.ts'
import { fromRowsOf, hasKey, type Keys, rowsOf } from './rows.ts'

/** `contested`: somebody else writes rows of this range at the same time. */
export type Writers = 'alone' | 'contested'

/**
 * One chunk: the rows of a key range that are not there yet, with their lineage; as many as the command says. A row
 * that a trigger wrote meanwhile is newer and stays: `alone` leaves out what is there in its snapshot and raises 23505
 * where a row comes between, `contested` takes that, too, for half as much time again.
 */
export function backfillChunk(t: TargetMapping, range: Range, writers: Writers): Sql {
  const projected = sql`WITH projected AS MATERIALIZED (
  SELECT p.*, ${absent(t, range)} AS crossfade_fits FROM (
  ${projection(t, { kind: 'range', ...rangeParameters(t, range) })}
  OFFSET 0
  ) AS p
)${refused(t)}`
  return t.kind === 'append' ? appendChunk(t, projected, writers) : mergeChunk(t, projected, writers)
}

/** The new table first: its row is the key's lock, for a trigger that writes the same key. */
function mergeChunk(t: TargetMapping, projected: Sql, writers: Writers): Sql {
  const keys = t.key.map((key) => ident(key.name))
  const columns = t.columns.map((column) => ident(column.name))
  const ofLineage = [...keys, ...lineageColumns(t)]
  const intoTarget = sql`INSERT INTO ${relation(t.relation)} (${join(columns)})${overriding(t)}
  SELECT ${join(columns)} FROM projected WHERE crossfade_fits ORDER BY ${join(keys)}`
  const intoLineage = sql`INSERT INTO ${lineageTable(t)} (${join(ofLineage)})
  SELECT ${join(ofLineage.map((column) => sql`p.${column}`))} FROM projected AS p`
  if (writers === 'alone')
    return sql`${projected}, lineage AS (
  ${intoLineage} WHERE p.crossfade_fits ORDER BY ${join(keys.map((key) => sql`p.${key}`))}
)
${intoTarget}`
  return sql`${projected}, inserted AS (
  ${intoTarget}
  ON CONFLICT (${join(keys)}) DO NOTHING
  RETURNING ${join(keys)}
)
${intoLineage} WHERE p.crossfade_fits AND ${isIn(t, 'p', 'inserted')}
  ON CONFLICT (${join(keys)}) DO NOTHING`
}

/** Lineage first: it has the keys, and says which of them are new. */
function appendChunk(t: TargetMapping, projected: Sql, writers: Writers): Sql {
  const keys = t.key.map((key) => ident(key.name))
  const origin = lineageColumns(t)
  const handles = t.handle.map((_, i) => handleColumn(i))
  const columns = t.columns.map((column) => ident(column.name))
  const order = join(keys.map((key) => sql`p.${key}`))
  const numbered = sql`${projected}, numbered AS MATERIALIZED (
  SELECT ${join(t.handle.map((h, i) => sql`${raw(h.next)} AS ${handleColumn(i)}`))}, p.*
    FROM (SELECT p.* FROM projected AS p WHERE p.crossfade_fits ORDER BY ${order} OFFSET 0) AS p
)`
  const intoLineage = sql`INSERT INTO ${lineageTable(t)} AS l (${join([...keys, ...origin, ...handles])})
  SELECT ${join([...keys, ...origin, ...handles])} FROM numbered`
  const intoTarget = sql`INSERT INTO ${relation(t.relation)} (${join([...t.handle.map((h) => ident(h.name)), ...columns])})${overriding(t)}
  SELECT ${join([...handles, ...columns].map((column) => sql`n.${column}`))} FROM numbered AS n`
  if (writers === 'alone')
    return sql`${numbered}, inserted AS (
  ${intoTarget}
)
${intoLineage}`
  return sql`${numbered}, lineage AS (
  ${intoLineage}
  ON CONFLICT (${join(keys)}) DO NOTHING
  RETURNING ${join(keys.map((key) => sql`l.${key}`))}
)
${intoTarget} WHERE ${isIn(t, 'n', 'lineage')}`
}

/** No rule keeps the row out, and it isn't there. Bounded, or the planner may read every key of the table for it. */
function absent(t: TargetMapping, range: Range): Sql {
  const of = t.kind === 'append' ? lineageTable(t) : relation(t.relation)
  const own = keyOf(t, 'crossfade_there')
  const { after, upTo } = rangeParameters(t, range)
  const conditions = [keyEquals(t, own, keyOf(t, 'p')), ...within(t, own, after, upTo)]
  const there = sql`NOT EXISTS (SELECT FROM ${of} AS crossfade_there WHERE ${join(conditions, ' AND ')})`
  return mayRefuse(t) ? sql`p.crossfade_refusal IS NULL AND ${there}` : there
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
