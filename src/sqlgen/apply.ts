import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { TargetMapping } from '../spec/mapping.ts'
import { createFunction } from './function.ts'
import { keyEquals, keyOf, keyParameters, keyText } from './keys.ts'
import { applyFunction, display, lineageTable, relation } from './names.ts'
import { isKey, lineageColumns, projection } from './projection.ts'
import type { Statement } from './statement.ts'

/**
 * `apply_<table>(key…)` makes one new row what its old rows say it is. Every writer of a new table
 * comes through here: forward triggers, the applier, the last step of reverse sync, repair.
 *
 * The new row is the key's lock. Two transactions that change two sources of one row can't see each
 * other's change, so each would write a row without the other's half. Therefore: lock the new row,
 * then project in a new statement, whose snapshot includes what the lock's last holder committed. Where there is no row
 * to lock, an insert on the unique key takes its place; whoever loses it starts over.
 *
 * Returns 'updated', 'inserted', 'deleted', or 'absent': no new row, and none should be. 'absent' is not yet
 * proof, since an uncommitted insert of another session can't be seen; who gets it looks again once every
 * transaction of now has ended.
 */
export function applyStatement(t: TargetMapping): Statement {
  const parameters = t.key.map((key) => raw(key.type))
  const target = relation(t.relation)
  const lineage = lineageTable(t)
  const own = keyParameters(t)
  const columns = t.columns.map((column) => ident(column.name))
  const updated = t.columns.filter((column) => !isKey(t, column.name)).map((column) => ident(column.name))
  const origin = lineageColumns(t)
  const keys = t.key.map((key) => ident(key.name))
  const row = (column: Sql): Sql => sql`crossfade_row.${column}`
  const update =
    updated.length === 0
      ? raw('')
      : sql`
        UPDATE ${target} AS t
           SET ${join(
             updated.map((column) => sql`${column} = ${row(column)}`),
             ',\n               ',
           )}
         WHERE ${keyEquals(t, keyOf(t, 't'), own)}
           AND record_image_ne(ROW(${join(updated.map((column) => sql`t.${column}`))}),
                               ROW(${join(updated.map(row))}));`
  const respelled = t.key.every((key) => ONE_SPELLING.has(key.type.replace(/\(.*/, '')))
    ? raw('')
    : sql`
        -- Equal keys that are written otherwise (1.0 and 1.00): in a statement of its own, which is rare, since it locks out children.
        UPDATE ${target} AS t
           SET ${join(
             keys.map((key) => sql`${key} = ${row(key)}`),
             ', ',
           )}
         WHERE ${keyEquals(t, keyOf(t, 't'), own)}
           AND record_image_ne(ROW(${join(keys.map((key) => sql`t.${key}`))}),
                               ROW(${join(keys.map(row))}));`
  const writeLineage = sql`INSERT INTO ${lineage} AS l (${join([...keys, ...origin])})
        VALUES (${join([...keys, ...origin].map(row))})
        ON CONFLICT (${join(keys)}) DO UPDATE
           SET ${join(
             origin.map((column) => sql`${column} = excluded.${column}`),
             ', ',
           )}
         WHERE record_image_ne(ROW(${join(origin.map((column) => sql`l.${column}`))}),
                               ROW(${join(origin.map((column) => sql`excluded.${column}`))}));`

  const body = sql`
#variable_conflict use_column
DECLARE
  crossfade_row record;
  crossfade_guard text := current_setting('crossfade.guard', true);
  crossfade_key text[] := ${keyText(t, own)};
  crossfade_result text;
BEGIN
  PERFORM set_config('crossfade.guard', crossfade.guard_for(${t.number}, crossfade_key::text), true);
  LOOP
    PERFORM 1 FROM ${target} AS t WHERE ${keyEquals(t, keyOf(t, 't'), own)} FOR NO KEY UPDATE;
    IF FOUND THEN
      ${projection(t, { kind: 'one', values: own })}
        INTO crossfade_row;
      IF FOUND THEN${respelled}${update}
        ${writeLineage}
        crossfade_result := 'updated';
      ELSE
        DELETE FROM ${target} AS t WHERE ${keyEquals(t, keyOf(t, 't'), own)};
        DELETE FROM ${lineage} AS l WHERE ${keyEquals(t, keyOf(t, 'l'), own)};
        crossfade_result := 'deleted';
      END IF;
      EXIT;
    END IF;

    ${projection(t, { kind: 'one', values: own })}
      INTO crossfade_row;
    IF NOT FOUND THEN
      DELETE FROM ${lineage} AS l WHERE ${keyEquals(t, keyOf(t, 'l'), own)};
      crossfade_result := 'absent';
      EXIT;
    END IF;
    -- The projection may be older than a row that another session inserts right now; the conflict says so.
    INSERT INTO ${target} (${join(columns)})${overriding(t)}
    VALUES (${join(columns.map(row))})
    ON CONFLICT (${join(keys)}) DO NOTHING;
    IF FOUND THEN
      ${writeLineage}
      crossfade_result := 'inserted';
      EXIT;
    END IF;
  END LOOP;
  IF crossfade_result <> 'updated' THEN
    DELETE FROM crossfade.journal AS j WHERE j.target = ${literal(t.name)} AND j.key = crossfade_key;
  END IF;
  PERFORM set_config('crossfade.guard', coalesce(crossfade_guard, ''), true);
  RETURN crossfade_result;
END`
  const name = applyFunction(t)
  return {
    id: `apply:${t.name}`,
    sql: createFunction({
      name,
      arguments: join(parameters),
      returns: raw('text'),
      body,
      entry: false,
      comment: `Crossfade: makes the row of ${display(t.relation)} with this key what its old rows say it is`,
    }),
    undo: sql`DROP FUNCTION IF EXISTS ${name}(${join(parameters)})`,
    lock: { mode: 'none', on: null },
    transactional: true,
    why: `the one way in which rows of ${display(t.relation)} are computed from old rows`,
  }
}

/** Types of which equal values are written alike. */
const ONE_SPELLING = new Set([
  'uuid',
  'text',
  'character varying',
  'character',
  'smallint',
  'integer',
  'bigint',
  'boolean',
  'bytea',
  'date',
  'timestamp without time zone',
  'timestamp with time zone',
])

/** A mapped identity column GENERATED ALWAYS takes the old value only with this word. */
export function overriding(t: TargetMapping): Sql {
  return t.sequences.some((s) => s.identity === 'always') ? raw('\n    OVERRIDING SYSTEM VALUE') : raw('')
}
