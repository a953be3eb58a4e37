import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { TargetMapping } from '../spec/mapping.ts'
import { hasOneSpelling, overriding } from './apply-row.ts'
import { functionStatement } from './function.ts'
import { columnText, keyEquals, keyOf, keyText } from './keys.ts'
import { imageDiffers, isAmong, isIn, isNotIn, keyAsLine, lockRows, manyKeys, ofHandle, setTo } from './many-keys.ts'
import { applyManyFunction, display, handleColumn, lineageTable, relation } from './names.ts'
import { isKey, lineageColumns } from './projection.ts'
import type { Statement } from './statement.ts'
import { wakesOf } from './wake.ts'

/**
 * `apply_many_<table>(limit)` does at once what `apply_<table>` does key by key, for those keys of the outbox with which
 * nothing is out of the ordinary: their new rows are locked (never waited for), and in a new statement projected, updated,
 * inserted, or deleted. What is contended, refused or missing on both sides, or concerns other rows, stays in the outbox
 * for the one way that knows all rules; so does everything where anything at all raises.
 *
 * Returns {keys that are done, id up to which others were passed over}; the second is null where there were no more.
 */
export function applyManyStatement(t: TargetMapping): Statement {
  const parts = t.key.map((_, i) => raw(`crossfade_part_${i + 1}`))
  const body = sql`
#variable_conflict use_column
DECLARE
  crossfade_limit integer := $1;
  crossfade_ids bigint[];
  crossfade_last bigint;
  ${join(
    parts.map((part) => sql`${part} text[];`),
    '\n  ',
  )}
  -- Keys as text.
  crossfade_locked text[];
  crossfade_done text[];
  crossfade_rows bigint;
  crossfade_guard text := current_setting('crossfade.guard', true);
BEGIN
  PERFORM set_config('crossfade.guard', crossfade.guard_for(${t.number}, '*'), true);
  LOOP
    BEGIN
      SELECT array_agg(q.id), max(q.id), ${join(parts.map((_, i) => sql`array_agg((q.key)[${i + 1}])`))}
        INTO crossfade_ids, crossfade_last, ${join(parts)}
        FROM crossfade.due(${literal(t.name)}, crossfade_limit, true, NULL) AS q;
      IF crossfade_ids IS NULL THEN
        PERFORM set_config('crossfade.guard', coalesce(crossfade_guard, ''), true);
        RETURN ARRAY[0, NULL];
      END IF;
      ${lockRows(t)}
      ${t.kind === 'merge' ? writeMerged(t) : writeAppended(t)}
      DELETE FROM crossfade.journal AS j
       USING unnest(crossfade_done) AS u (k) WHERE j.target = ${literal(t.name)} AND j.key = u.k::text[];
      DELETE FROM crossfade.outbox AS o
       WHERE o.target = ${literal(t.name)} AND o.id = ANY (crossfade_ids) AND ${isAmong(raw('o.key::text'), raw('crossfade_done'))};
      GET DIAGNOSTICS crossfade_rows = ROW_COUNT;
      PERFORM set_config('crossfade.guard', coalesce(crossfade_guard, ''), true);
      RETURN ARRAY[crossfade_rows, CASE WHEN cardinality(crossfade_ids) = crossfade_limit THEN crossfade_last END];
    EXCEPTION WHEN OTHERS THEN
      -- Of a few keys the one is found that does not fit.
      IF crossfade_limit <= 50 THEN
        PERFORM set_config('crossfade.guard', coalesce(crossfade_guard, ''), true);
        RETURN ARRAY[0, NULL];
      END IF;
      crossfade_limit := greatest(50, crossfade_limit / 8);
    END;
  END LOOP;
END`
  return functionStatement({
    id: `apply-many:${t.name}`,
    name: applyManyFunction(t),
    arguments: raw('integer'),
    returns: raw('bigint[]'),
    body: hasOneSpelling(t)
      ? body
      : sql`\nBEGIN\n  -- Equal keys may be written otherwise, which is looked after one by one.\n  RETURN ARRAY[0, NULL];\nEND`,
    entry: false,
    comment: `Crossfade: applies many keys of the outbox to ${display(t.relation)} at once, where nothing speaks against it`,
    why: `the applier of ${display(t.relation)} keeps up with a hot table`,
  })
}

function writeMerged(t: TargetMapping): Sql {
  const keys = t.key.map((key) => ident(key.name))
  const columns = t.columns.map((column) => ident(column.name))
  const values = t.columns.filter((column) => !isKey(t, column.name)).map((column) => ident(column.name))
  const origin = lineageColumns(t)
  const update =
    values.length === 0
      ? raw('')
      : sql`, updated AS (
        UPDATE ${relation(t.relation)} AS t SET ${setTo(values, 'c')} FROM changed AS c
         WHERE ${keyEquals(t, keyOf(t, 't'), keyOf(t, 'c'))} AND ${imageDiffers('t', values, 'c')}
      )`
  const remove = mayDelete(t)
    ? sql`, removed AS (
        DELETE FROM ${relation(t.relation)} AS t USING gone AS g WHERE ${keyEquals(t, keyOf(t, 't'), keyOf(t, 'g'))}
      ), unrecorded AS (
        DELETE FROM ${lineageTable(t)} AS l USING gone AS g WHERE ${keyEquals(t, keyOf(t, 'l'), keyOf(t, 'g'))}
      )`
    : raw('')
  return sql`WITH ${manyKeys(t)}${update}, inserted AS (
        INSERT INTO ${relation(t.relation)} (${join(columns)})${overriding(t)}
        SELECT ${join(columns.map((column) => sql`a.${column}`))} FROM added AS a ORDER BY ${join(keyOf(t, 'a'))}
        ON CONFLICT (${join(keys)}) DO NOTHING RETURNING ${join(keys)}
      ), arrived AS MATERIALIZED (
        SELECT a.* FROM added AS a WHERE ${isIn(t, 'a', 'inserted')}
      )${gone(t)}${remove}, recorded AS (
        INSERT INTO ${lineageTable(t)} AS l (${join([...keys, ...origin])})
        SELECT ${join([...keys, ...origin].map((column) => sql`w.${column}`))} FROM (SELECT * FROM changed UNION ALL SELECT * FROM arrived) AS w
        ON CONFLICT (${join(keys)}) DO UPDATE SET ${setTo(origin, 'excluded')} WHERE ${imageDiffers('l', origin, 'excluded')}
      )${woken(t)}
      ${doneKeys(t)}`
}

function writeAppended(t: TargetMapping): Sql {
  const keys = t.key.map((key) => ident(key.name))
  const columns = t.columns.map((column) => ident(column.name))
  const origin = lineageColumns(t)
  const handles = t.handle.map((_, i) => handleColumn(i))
  const remove = mayDelete(t)
    ? sql`, unrecorded AS (
        DELETE FROM ${lineageTable(t)} AS l USING gone AS g WHERE ${keyEquals(t, keyOf(t, 'l'), keyOf(t, 'g'))} RETURNING ${join(handles.map((h) => sql`l.${h}`))}
      ), removed AS (
        DELETE FROM ${relation(t.relation)} AS t USING unrecorded AS l WHERE ${ofHandle(t)}
      )`
    : raw('')
  return sql`WITH ${manyKeys(t)}, updated AS (
        UPDATE ${relation(t.relation)} AS t SET ${setTo(columns, 'c')} FROM changed AS c JOIN ${lineageTable(t)} AS l ON ${keyEquals(t, keyOf(t, 'l'), keyOf(t, 'c'))}
         WHERE ${ofHandle(t)} AND ${imageDiffers('t', columns, 'c')}
      ), recorded AS (
        UPDATE ${lineageTable(t)} AS l SET ${setTo(origin, 'c')} FROM changed AS c
         WHERE ${keyEquals(t, keyOf(t, 'l'), keyOf(t, 'c'))} AND ${imageDiffers('l', origin, 'c')}
      ), inserted AS (
        INSERT INTO ${lineageTable(t)} AS l (${join([...keys, ...origin, ...handles])})
        SELECT ${join([...[...keys, ...origin].map((column) => sql`a.${column}`), ...t.handle.map((h) => raw(h.next))])} FROM added AS a ORDER BY ${join(keyOf(t, 'a'))}
        ON CONFLICT (${join(keys)}) DO NOTHING RETURNING ${join([...keys, ...handles].map((column) => sql`l.${column}`))}
      ), arrived AS MATERIALIZED (
        SELECT a.*, ${join(handles.map((h) => sql`l.${h}`))} FROM added AS a JOIN inserted AS l ON ${keyEquals(t, keyOf(t, 'l'), keyOf(t, 'a'))}
      ), written AS (
        INSERT INTO ${relation(t.relation)} (${join([...t.handle.map((h) => ident(h.name)), ...columns])})${overriding(t)}
        SELECT ${join([...handles, ...columns].map((column) => sql`a.${column}`))} FROM arrived AS a ORDER BY ${join(handles.map((h) => sql`a.${h}`))}
      )${gone(t)}${remove}${woken(t)}
      ${doneKeys(t)}`
}

/** Nothing is to be computed again when a row of it goes. */
function mayDelete(t: TargetMapping): boolean {
  return t.children.length === 0 && t.uniques.length === 0
}

function gone(t: TargetMapping): Sql {
  if (!mayDelete(t)) return raw('')
  return sql`, gone AS MATERIALIZED (
        SELECT ${join(keyOf(t, 'h'))} FROM held AS h
         WHERE ${isAmong(keyAsLine(t, 'h'), raw('crossfade_locked'))} AND ${isNotIn(t, 'h', 'projected')}
      )`
}

/** What waits in the journal for a row that has just come, or for what it had before. */
function woken(t: TargetMapping): Sql {
  const waits = [
    ...(t.uniques.length === 0 ? [] : [sql`ARRAY['', ${literal(t.name)}] || ${keyText(t, keyOf(t, 'a'))}`]),
    ...wakesOf(t).map(
      (child) =>
        sql`ARRAY[${literal(t.relation.name)}, ${join(child.referenced.map((column) => columnText(t, column, ident('a', column))))}]`,
    ),
  ]
  return join(
    waits.map(
      (wait, i) => sql`, woken_${i + 1} AS (
        INSERT INTO crossfade.outbox (target, source, key)
        SELECT j.target, j.source, coalesce(j.key, j.old_key) FROM arrived AS a JOIN crossfade.journal AS j ON j.waits_for = ${wait}
      )`,
    ),
    '',
  )
}

function doneKeys(t: TargetMapping): Sql {
  const removed = mayDelete(t) ? sql` UNION ALL SELECT ${keyAsLine(t, 'g')} FROM gone AS g` : raw('')
  return sql`SELECT array_agg(d.k) INTO crossfade_done FROM (
        SELECT ${keyAsLine(t, 'c')} AS k FROM changed AS c UNION ALL SELECT ${keyAsLine(t, 'a')} FROM arrived AS a${removed}) AS d;`
}
