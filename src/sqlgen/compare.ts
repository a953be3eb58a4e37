import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { TargetMapping } from '../spec/mapping.ts'
import { keyEquals, keyOf, keyParameters, keyText, stored } from './keys.ts'
import { lineageTable, relation } from './names.ts'
import { lineageColumns, mayRefuse, ownKey, projectedColumns, projection } from './projection.ts'
import { nextBound, type Range, rangeParameters, within } from './ranges.ts'
import { fromRowsOf, type Keys, rowsOf } from './rows.ts'

type Compared = Range | 'keys'

/** The texts with which both sides of one table are walked and compared. */
export interface CompareQueries {
  nextBound(range: Range): string
  compareRange(range: Range, skipUnsettled: boolean): string
  compareKeys(skipUnsettled: boolean): string
}

export function compareQueries(t: TargetMapping): CompareQueries {
  return {
    nextBound: (range) => nextBound(t, { ...range, includeTarget: true }).text,
    compareRange: (range, skipUnsettled) => compareRange(t, range, skipUnsettled).text,
    compareKeys: (skipUnsettled) => compareKeys(t, skipUnsettled).text,
  }
}

/**
 * Both sides of a range of keys in one snapshot: what the projection says against what is stored, by the image
 * of each value (record_image_ne: `=` hides jsonb 1.0 against 1.00, and json has none). Keys that wait in
 * the outbox are left out in the same snapshot; journaled keys must have no row.
 *
 * Returns one row: compared, waiting, journaled, differences (jsonb array of { key, verdict, columns }).
 * With `skipUnsettled` no expression is computed for a key that is in the journal or in the outbox, so that
 * its error can't stop the rest.
 */
export function compareRange(t: TargetMapping, range: Range, skipUnsettled: boolean): Sql {
  return compareSides(t, range, skipUnsettled)
}

/** The same for single keys, which are given as one text array for each column of the key. */
function compareKeys(t: TargetMapping, skipUnsettled: boolean): Sql {
  return compareSides(t, 'keys', skipUnsettled)
}

function compareSides(t: TargetMapping, compared: Compared, skipUnsettled: boolean): Sql {
  const keys = t.key.map((key) => ident(key.name))
  const origin = lineageColumns(t)
  const differs = t.columns.map(
    (column) =>
      sql`CASE WHEN record_image_ne(ROW(p.${ident(column.name)}), ROW(s.${ident(column.name)})) THEN ${literal(column.name)} END`,
  )
  const lineageDiffers = sql`record_image_ne(ROW(${join(origin.map((c) => sql`p.${c}`))}), ROW(${join(origin.map((c) => sql`s.${c}`))}))`
  const differ = sql`record_image_ne(ROW(${join(projectedColumns(t).map((c) => sql`p.${c}`))}), ROW(${join(projectedColumns(t).map((c) => sql`s.${c}`))}))`
  const first = keys[0] ?? raw('')
  const key = raw('e.key')
  const unsettled = skipUnsettled ? skipping(t, compared) : null
  const keysOfProjection: Keys =
    compared === 'keys'
      ? { kind: 'among', query: unsettled === null ? givenKeys(t) : raw('SELECT * FROM settled') }
      : {
          kind: 'range',
          ...rangeParameters(t, compared),
          ...(unsettled === null ? {} : { except: raw('SELECT * FROM unsettled') }),
        }
  const both = keys.map((k) => sql`coalesce(p.${k}, s.${k})`)
  const comparedKeys = keys.map((_, i) => sql`d.${comparedKey(i)}`)
  // Fences: both sides of a row are compared once, and the rest is looked up for those that differ.
  return sql`WITH ${unsettled?.ctes ?? raw('')}projected AS (
  ${comparedRows(t, keysOfProjection)}
), stored AS (
  ${storedRows(t, compared)}
), compared AS (
  SELECT CASE WHEN c.verdict IS NOT NULL THEN ${keyText(
    t,
    keys.map((_, i) => sql`c.${comparedKey(i)}`),
  )} END AS key, c.verdict, c.columns
    FROM (
      SELECT ${join(comparedKeys)}, d.columns, CASE WHEN d.columns IS NOT NULL THEN 'differing' ELSE d.absent END AS verdict
        FROM (
          SELECT ${join(both.map((k, i) => sql`${k} AS ${comparedKey(i)}`))},
                 CASE WHEN s.${first} IS NULL THEN 'missing' WHEN p.${first} IS NULL OR p.crossfade_refused THEN 'extra' END AS absent,
                 CASE WHEN s.${first} IS NOT NULL AND p.${first} IS NOT NULL AND NOT p.crossfade_refused AND ${differ} THEN array_remove(ARRAY[
                   ${join([...differs, sql`CASE WHEN ${lineageDiffers} THEN 'lineage' END`], ',\n                   ')}
                 ]::text[], NULL) END AS columns
            FROM projected AS p
            FULL JOIN stored AS s ON ${keyEquals(t, keyOf(t, 'p'), keyOf(t, 's'))}
          OFFSET 0
        ) AS d
    ) AS c${unsettled?.absent ?? raw('')}
), explained AS (
  SELECT e.*,
         CASE WHEN e.verdict IS NOT NULL THEN ${inOutbox(t, key)} ELSE false END AS waiting,
         CASE WHEN e.verdict = 'missing' THEN ${inJournal(t, key)} ELSE false END AS journaled
    FROM compared AS e
  OFFSET 0
)
SELECT count(*)::int AS compared,
       (count(*) FILTER (WHERE e.waiting))::int AS waiting,
       (count(*) FILTER (WHERE e.journaled AND NOT e.waiting))::int AS journaled,
       coalesce(jsonb_agg(jsonb_build_object('key', to_jsonb(e.key), 'verdict', e.verdict, 'columns', to_jsonb(e.columns)))
                FILTER (WHERE e.verdict IS NOT NULL AND NOT e.waiting AND NOT e.journaled), '[]') AS differences
  FROM explained AS e`
}

/** Names that no column of the user's has. */
function comparedKey(index: number): Sql {
  return ident(`crossfade_key_${index + 1}`)
}

/** What the projection says, and whether such a row has to be in the journal instead; what is left out is not there. */
function comparedRows(t: TargetMapping, keys: Keys): Sql {
  const columns = join(projectedColumns(t))
  return mayRefuse(t)
    ? sql`SELECT ${columns}, q.crossfade_refusal IS NOT NULL AS crossfade_refused FROM (
  ${projection(t, keys)}
  ) AS q WHERE q.crossfade_refusal[1] IS DISTINCT FROM 'omit'`
    : sql`SELECT ${columns}, false AS crossfade_refused FROM (
  ${projection(t, keys)}
  ) AS q`
}

/** The keys to compare without those that are in the journal or in the outbox, which come back where they have no row. */
function skipping(t: TargetMapping, compared: Compared): { ctes: Sql; absent: Sql } {
  const names = t.key.map((key) => ident(key.name))
  const key = keyText(t, keyOf(t, 'c'))
  const unsettled = sql`(${inJournal(t, key)} OR ${inOutbox(t, key)})`
  const candidates = compared === 'keys' ? givenKeys(t) : sourceKeys(t, compared)
  return {
    ctes: sql`candidates (${join(names)}) AS MATERIALIZED (
  ${candidates}
), unsettled AS MATERIALIZED (
  SELECT c.* FROM candidates AS c WHERE ${unsettled}
)${compared === 'keys' ? raw(', settled AS MATERIALIZED (\n  SELECT * FROM candidates EXCEPT SELECT * FROM unsettled\n)') : raw('')}, `,
    absent: sql`
  UNION ALL
  SELECT ${key}, 'missing', NULL FROM unsettled AS c
   WHERE NOT EXISTS (SELECT FROM stored AS s WHERE ${keyEquals(t, keyOf(t, 's'), keyOf(t, 'c'))})`,
  }
}

function sourceKeys(t: TargetMapping, range: Range): Sql {
  const keys: Keys = { kind: 'range', ...rangeParameters(t, range) }
  const arms = t.sources.map((s) => sql`SELECT ${join(rowsOf(t, s, keys).key)} ${fromRowsOf(t, s, keys)}`)
  return join(arms, '\n  UNION\n  ')
}

/** What is stored, in the shape of the projection; of an append a row that lineage knows and the table has lost, too. */
function storedRows(t: TargetMapping, compared: Compared): Sql {
  if (t.kind === 'merge' && compared !== 'keys') return storedRange(t, compared)
  const columns = t.columns.map((column) => sql`t.${ident(column.name)}`)
  const selected = [...ownKey(t).map((key) => sql`l.${key}`), ...columns, ...lineageColumns(t).map((c) => sql`l.${c}`)]
  const from =
    t.kind === 'append'
      ? stored(t).from
      : sql`${relation(t.relation)} AS t
    LEFT JOIN ${lineageTable(t)} AS l ON ${keyEquals(t, keyOf(t, 'l'), keyOf(t, 't'))}`
  return sql`SELECT ${join(selected)}
    FROM ${from}
   WHERE ${storedWhere(t, compared)}`
}

/**
 * Both tables of a range as what it is for the server, a FULL JOIN, which has no nested loop. Of some types (uuid) it
 * takes every range that lies between two values of its histogram for one row, and as the inner side of a LEFT JOIN
 * would read it once for each row of the other.
 */
function storedRange(t: TargetMapping, range: Range): Sql {
  const names = t.columns.map((column) => ident(column.name))
  const rows = (table: Sql, alias: string, columns: readonly Sql[]): Sql => {
    const within = bounds(t, keyOf(t, alias), range)
    return sql`(SELECT ${join(columns)} FROM ${table} AS ${raw(alias)}${within.length === 0 ? raw('') : sql` WHERE ${join(within, ' AND ')}`}) AS ${raw(alias)}`
  }
  const origin = lineageColumns(t)
  const [first = raw('')] = keyOf(t, 't')
  return sql`SELECT ${join([...names, ...origin])} FROM (
    SELECT ${join([...names.map((c) => sql`t.${c}`), ...origin.map((c) => sql`l.${c}`)])}, ${first} IS NOT NULL AS crossfade_there
      FROM ${rows(relation(t.relation), 't', names)}
      FULL JOIN ${rows(lineageTable(t), 'l', [...t.key.map((key) => ident(key.name)), ...origin])} ON ${keyEquals(t, keyOf(t, 'l'), keyOf(t, 't'))}
    OFFSET 0
  ) AS t WHERE crossfade_there`
}

/** `$1::text[] …`: one array for each column of the key. */
function givenKeys(t: TargetMapping): Sql {
  const parts = t.key.map((key, i) => sql`k.${ident(`crossfade_key_${i + 1}`)}::${raw(key.type)}`)
  const arrays = t.key.map((_, i) => sql`$${i + 1}::text[]`)
  const names = t.key.map((_, i) => ident(`crossfade_key_${i + 1}`))
  return sql`SELECT DISTINCT ${join(parts)} FROM unnest(${join(arrays)}) AS k (${join(names)})`
}

function storedWhere(t: TargetMapping, compared: Compared): Sql {
  if (compared === 'keys') {
    const names = t.key.map((_, i) => ident(`crossfade_key_${i + 1}`))
    const given = names.map((name) => sql`g.${name}`)
    return sql`EXISTS (SELECT FROM (${givenKeys(t)}) AS g (${join(names)}) WHERE ${keyEquals(t, stored(t).key, given)})`
  }
  const range = bounds(t, stored(t).key, compared)
  return range.length > 0 ? join(range, ' AND ') : raw('true')
}

function bounds(t: TargetMapping, key: readonly Sql[], compared: Compared): Sql[] {
  if (compared === 'keys') return []
  const { after, upTo } = rangeParameters(t, compared)
  return within(t, key, after, upTo)
}

function inOutbox(t: TargetMapping, key: Sql): Sql {
  return sql`EXISTS (SELECT FROM crossfade.outbox AS o WHERE o.target = ${literal(t.name)} AND o.source IS NULL AND o.key IN (${key}, '{}'))`
}

function inJournal(t: TargetMapping, key: Sql): Sql {
  return sql`EXISTS (SELECT FROM crossfade.journal AS j WHERE j.target = ${literal(t.name)} AND j.key = ${key})`
}

/** The rows of both sides under one key, as json, for the first difference of each kind in a report. `$1 …` is the key. */
export function bothSides(t: TargetMapping): Sql {
  const values = keyParameters(t)
  return sql`SELECT (SELECT to_jsonb(p.*) FROM (${projection(t, { kind: 'one', values })}) AS p) AS projected,
       (SELECT to_jsonb(t.*) FROM ${stored(t).from} WHERE ${keyEquals(t, stored(t).key, values)}) AS stored`
}
