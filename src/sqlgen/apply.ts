import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { TargetMapping } from '../spec/mapping.ts'
import { createFunction } from './function.ts'
import { keyEquals, keyOf, keyParameters, keyText } from './keys.ts'
import { applyFunction, display, handleColumn, lineageTable, relation, removeFunction } from './names.ts'
import { isKey, lineageColumns, mayRefuse, projection } from './projection.ts'
import { parentIs, parentsOf } from './refusal.ts'
import { enqueueContenders } from './remove.ts'
import type { Statement } from './statement.ts'
import { wake, wakes } from './wake.ts'

/**
 * `apply_<table>(key…)` makes one new row what its old rows say it is. Every writer of a new table
 * comes through here: forward triggers, the applier, the last step of reverse sync, repair.
 *
 * The new row is the key's lock; of an append, whose new row doesn't have the key, its row in lineage. Two transactions
 * that change two sources of one row can't see each other's change, so each would write a row without the other's half.
 * Therefore: lock, then project in a new statement, whose snapshot includes what the lock's last holder committed. Where
 * there is no row to lock, an insert on the unique key takes its place; whoever loses it starts over.
 *
 * Returns 'updated', 'inserted', 'deleted', or 'absent': no new row, and none should be. 'absent' is not yet
 * proof, since an uncommitted insert of another session can't be seen; who gets it looks again once every
 * transaction of now has ended. Raises 23503 and 23505 where the mapping wants such a row in the journal.
 */
export function applyStatement(t: TargetMapping): Statement {
  const parameters = t.key.map((key) => raw(key.type))
  const own = keyParameters(t)
  const project = sql`${projection(t, { kind: 'one', values: own })}
        INTO crossfade_row;
      crossfade_found := FOUND;${obey(t)}`
  const body = sql`
#variable_conflict use_column
DECLARE
  crossfade_row record;
  crossfade_locked record;
  crossfade_other record;
  crossfade_found boolean;
  crossfade_guard text := current_setting('crossfade.guard', true);
  crossfade_key text[] := ${keyText(t, own)};
  crossfade_result text;
BEGIN
  PERFORM set_config('crossfade.guard', crossfade.guard_for(${t.number}, crossfade_key::text), true);
  LOOP
    ${lock(t, own)}
    IF FOUND THEN
      ${project}
      IF crossfade_found THEN
        crossfade_result := 'updated';${t.kind === 'merge' ? updateMerged(t, own) : updateAppended(t, own)}
      ELSE
        PERFORM ${removeFunction(t)}(${join(own)});
        crossfade_result := 'deleted';
      END IF;
      EXIT;
    END IF;

    ${project}
    IF NOT crossfade_found THEN
      DELETE FROM ${lineageTable(t)} AS l WHERE ${keyEquals(t, keyOf(t, 'l'), own)};
      crossfade_result := 'absent';
      EXIT;
    END IF;
    -- The projection may be older than a row that another session inserts right now; the conflict says so.
    ${t.kind === 'merge' ? insertMerged(t) : insertAppended(t)}
  END LOOP;
  IF crossfade_result <> 'updated' THEN
    DELETE FROM crossfade.journal AS j WHERE j.target = ${literal(t.name)} AND j.key = crossfade_key;
  END IF;${
    wakes(t)
      ? sql`
  IF crossfade_result = 'inserted' THEN${wake(t, 'crossfade_row')}
  END IF;`
      : raw('')
  }
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

function lock(t: TargetMapping, own: Sql[]): Sql {
  if (t.kind === 'append') {
    return sql`SELECT l.* INTO crossfade_locked FROM ${lineageTable(t)} AS l WHERE ${keyEquals(t, keyOf(t, 'l'), own)} FOR NO KEY UPDATE;`
  }
  const columns = join([...new Set(t.uniques.flatMap((rule) => rule.columns))].map((name) => sql`t.${ident(name)}`))
  const rows = sql`FROM ${relation(t.relation)} AS t WHERE ${keyEquals(t, keyOf(t, 't'), own)} FOR NO KEY UPDATE;`
  return t.uniques.length === 0 ? sql`PERFORM 1 ${rows}` : sql`SELECT ${columns} INTO crossfade_locked ${rows}`
}

/** Rows that must not be there, although their old rows say what they would be. */
function obey(t: TargetMapping): Sql {
  if (!mayRefuse(t)) return raw('')
  const parents = parentsOf(t).map((rule) => {
    const own = rule.columns.map((column) => sql`crossfade_row.${ident(column)}`)
    const there = join(
      own.map((value) => sql`${value} IS NOT NULL`),
      ' AND ',
    )
    const text = own.map((value) => sql`${value}::text`)
    return sql`
      IF crossfade_found AND ${there} THEN
        -- Like a foreign key: who deletes the parent waits for this transaction, or is waited for here.
        PERFORM FROM ${relation(rule.relation)} AS crossfade_parent WHERE ${parentIs(rule, own)} FOR KEY SHARE;
        IF NOT FOUND THEN
          PERFORM crossfade.refuse_row(ARRAY['23503', ${literal(rule.relation.name)}, ${join(text)}]);
        END IF;
      END IF;`
  })
  return sql`
      IF crossfade_found AND crossfade_row.crossfade_refusal[1] = 'omit' THEN
        crossfade_found := false;
      ELSIF crossfade_found AND crossfade_row.crossfade_refusal IS NOT NULL THEN
        PERFORM crossfade.refuse_row(crossfade_row.crossfade_refusal);
      END IF;${join(parents, '')}`
}

function updateMerged(t: TargetMapping, own: Sql[]): Sql {
  const keys = t.key.map((key) => ident(key.name))
  const respelled = t.key.every((key) => ONE_SPELLING.has(key.type.replace(/\(.*/, '')))
    ? raw('')
    : sql`
        -- Equal keys that are written otherwise (1.0 and 1.00): in a statement of its own, which is rare, since it locks out children.
        ${update(t, keys, keyEquals(t, keyOf(t, 't'), own))}`
  const updated = t.columns.filter((column) => !isKey(t, column.name)).map((column) => ident(column.name))
  return sql`${respelled}${displace(t)}${
    updated.length === 0 ? raw('') : sql`\n        ${update(t, updated, keyEquals(t, keyOf(t, 't'), own))}`
  }${letGo(t, own)}
        ${writeLineage(t)}`
}

function updateAppended(t: TargetMapping, own: Sql[]): Sql {
  const columns = t.columns.map((column) => ident(column.name))
  const ofRow = join(
    t.handle.map((h, i) => sql`t.${ident(h.name)} = crossfade_locked.${handleColumn(i)}`),
    ' AND ',
  )
  const again = insertRow(
    t,
    t.handle.map((_, i) => sql`crossfade_locked.${handleColumn(i)}`),
  )
  return sql`
        PERFORM 1 FROM ${relation(t.relation)} AS t WHERE ${ofRow} FOR NO KEY UPDATE;
        IF FOUND THEN
          ${update(t, columns, ofRow)}
        ELSE
          ${again}
        END IF;
        ${setLineage(t, own)}`
}

function update(t: TargetMapping, columns: Sql[], where: Sql): Sql {
  const row = (column: Sql): Sql => sql`crossfade_row.${column}`
  return sql`UPDATE ${relation(t.relation)} AS t
           SET ${join(
             columns.map((column) => sql`${column} = ${row(column)}`),
             ',\n               ',
           )}
         WHERE ${where}
           AND record_image_ne(ROW(${join(columns.map((column) => sql`t.${column}`))}),
                               ROW(${join(columns.map(row))}));`
}

function insertMerged(t: TargetMapping): Sql {
  const columns = t.columns.map((column) => ident(column.name))
  return sql`${displace(t)}
    INSERT INTO ${relation(t.relation)} (${join(columns)})${overriding(t)}
    VALUES (${join(columns.map((column) => sql`crossfade_row.${column}`))})
    ON CONFLICT (${join(t.key.map((key) => ident(key.name)))}) DO NOTHING;
    IF FOUND THEN
      ${writeLineage(t)}
      crossfade_result := 'inserted';
      EXIT;
    END IF;`
}

function insertAppended(t: TargetMapping): Sql {
  const keys = t.key.map((key) => ident(key.name))
  const handles = t.handle.map((_, i) => handleColumn(i))
  const origin = lineageColumns(t)
  const taken = [...keys, ...origin].map((column) => sql`crossfade_row.${column}`)
  return sql`INSERT INTO ${lineageTable(t)} AS l (${join([...keys, ...origin, ...handles])})
    VALUES (${join([...taken, ...t.handle.map((h) => raw(h.next))])})
    ON CONFLICT (${join(keys)}) DO NOTHING RETURNING l.* INTO crossfade_locked;
    IF FOUND THEN
      ${insertRow(
        t,
        handles.map((handle) => sql`crossfade_locked.${handle}`),
      )}
      crossfade_result := 'inserted';
      EXIT;
    END IF;`
}

function insertRow(t: TargetMapping, handle: Sql[]): Sql {
  const columns = t.columns.map((column) => ident(column.name))
  return sql`INSERT INTO ${relation(t.relation)} (${join([...t.handle.map((h) => ident(h.name)), ...columns])})${overriding(t)}
          VALUES (${join([...handle, ...columns.map((column) => sql`crossfade_row.${column}`)])});`
}

function writeLineage(t: TargetMapping): Sql {
  const keys = t.key.map((key) => ident(key.name))
  const origin = lineageColumns(t)
  return sql`INSERT INTO ${lineageTable(t)} AS l (${join([...keys, ...origin])})
        VALUES (${join([...keys, ...origin].map((column) => sql`crossfade_row.${column}`))})
        ON CONFLICT (${join(keys)}) DO UPDATE
           SET ${join(
             origin.map((column) => sql`${column} = excluded.${column}`),
             ', ',
           )}
         WHERE record_image_ne(ROW(${join(origin.map((column) => sql`l.${column}`))}),
                               ROW(${join(origin.map((column) => sql`excluded.${column}`))}));`
}

function setLineage(t: TargetMapping, own: Sql[]): Sql {
  const origin = lineageColumns(t)
  return sql`UPDATE ${lineageTable(t)} AS l
           SET ${join(
             origin.map((column) => sql`${column} = crossfade_row.${column}`),
             ', ',
           )}
         WHERE ${keyEquals(t, keyOf(t, 'l'), own)}
           AND record_image_ne(ROW(${join(origin.map((column) => sql`l.${column}`))}),
                               ROW(${join(origin.map((column) => sql`crossfade_row.${column}`))}));`
}

/** Whoever still has a unique value that this row is to have is no longer its winner, or has another by now. */
function displace(t: TargetMapping): Sql {
  const own = keyParameters(t)
  const others = t.uniques.map((rule) => {
    const same = join(
      rule.columns.map((column) => sql`t.${ident(column)} = crossfade_row.${ident(column)}`),
      ' AND ',
    )
    return sql`
        FOR crossfade_other IN SELECT ${join(keyOf(t, 't'))} FROM ${relation(t.relation)} AS t WHERE ${same} AND NOT (${keyEquals(t, keyOf(t, 't'), own)}) LOOP
          PERFORM crossfade.enqueue(${literal(t.name)}, ${keyText(
            t,
            t.key.map((key) => sql`crossfade_other.${ident(key.name)}`),
          )}, NULL, NULL);
          PERFORM ${removeFunction(t)}(${join(t.key.map((key) => sql`crossfade_other.${ident(key.name)}`))});
        END LOOP;`
  })
  return join(others, '')
}

/** A unique value that the row gives up is for the next of those that wanted it. */
function letGo(t: TargetMapping, own: Sql[]): Sql {
  if (t.uniques.length === 0) return raw('')
  const freed = t.uniques.map((rule) => {
    const columns = rule.columns.map((column) => ident(column))
    return sql`
        IF record_image_ne(ROW(${join(columns.map((c) => sql`crossfade_locked.${c}`))}), ROW(${join(columns.map((c) => sql`crossfade_row.${c}`))})) THEN
          ${enqueueContenders(t, rule, raw('crossfade_locked'), own)}
        END IF;`
  })
  return join(freed, '')
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
  const identity = t.sequences.some((s) => s.identity === 'always') || t.handle.length > 0
  return identity ? raw('\n    OVERRIDING SYSTEM VALUE') : raw('')
}
