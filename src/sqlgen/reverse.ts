import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { Mapping, TargetMapping } from '../spec/mapping.ts'
import { closing } from './closed.ts'
import { functionStatement } from './function.ts'
import { keyEquals, keyOf, stored } from './keys.ts'
import { isFilled, projectWritten } from './law-after.ts'
import { leaveWord } from './leave-word.ts'
import { keyLink } from './links.ts'
import {
  display,
  hasColumn,
  lineageTable,
  noTruncateTrigger,
  onePerTable,
  patienceTriggers,
  relation,
  reverseFunction,
  reverseTrigger,
} from './names.ts'
import {
  cameMeanwhile,
  deleteOldRows,
  insertLinked,
  lockOldRows,
  shapeMissing,
  updateOldRow,
  variable,
} from './old-rows.ts'
import { mayRefuse, projectedRows, projection } from './projection.ts'
import {
  declarations,
  freeContenders,
  keyFromShape,
  keyVariables,
  noteLineage,
  onDelete,
  readAppendedKey,
  readMergedKey,
  refuseChanges,
} from './reverse-parts.ts'
import type { Statement } from './statement.ts'
import { oldPath } from './trigger-path.ts'
import { isOther, looseReferences, wake, wakes, wakeWaiting } from './wake.ts'

/**
 * Reverse sync: a native write to the new table is applied to its old rows in the same transaction.
 * The new side is strict, under two laws. Before: the row that the statement changed equals the projection
 * of the old rows, else somebody's write was on its way and the statement tries again (40001). After: the row
 * projected from the written old rows equals what the statement wrote, in every column that it changed (columns that
 * the old tables' own triggers set are exempt), else the old side can't hold it and the statement is refused (CF002).
 */
export function reverseStatements(m: Mapping, t: TargetMapping): Statement[] {
  const name = reverseFunction(t)
  return [
    functionStatement({
      id: `reverse-function:${t.name}`,
      name,
      returns: raw('trigger'),
      body: reverseBody(m, t),
      entry: true,
      ownForms: true,
      comment: `Crossfade: brings a native write to ${display(t.relation)} to the old tables of ${m.oldSchema}`,
      why: `brings each native write to ${display(t.relation)} to the old tables`,
    }),
  ]
}

/** The triggers that open a new table for native writes; they are made where `closedStatements` are dropped. */
export function reverseTriggerStatements(m: Mapping, t: TargetMapping): Statement[] {
  const target = relation(t.relation)
  const trigger = reverseTrigger(t)
  const oncePerTable = onePerTable(m.targets).includes(t) ? forStatements(t) : { sql: raw(''), undo: raw('') }
  return [
    {
      id: `reverse-trigger:${t.name}`,
      sql: sql`CREATE TRIGGER ${trigger} AFTER INSERT OR UPDATE OR DELETE ON ${target}
  FOR EACH ROW EXECUTE FUNCTION ${reverseFunction(t)}();
ALTER TABLE ${target} ENABLE ALWAYS TRIGGER ${trigger}${oncePerTable.sql}`,
      undo: sql`DROP TRIGGER IF EXISTS ${trigger} ON ${target}${oncePerTable.undo}`,
      silence: closing(m, t, reverseFunction(t)),
      lock: { mode: 'SHARE ROW EXCLUSIVE', on: display(t.relation) },
      transactional: true,
      why: `a native write to ${display(t.relation)} reaches the old tables in the same transaction`,
    },
  ]
}

/** What a new table has once, whatever feeds it: triggers for statements, whose conditions cost next to nothing where they don't hold. */
function forStatements(t: TargetMapping): { sql: Sql; undo: Sql } {
  const target = relation(t.relation)
  const setting = (name: string): Sql => sql`pg_catalog.current_setting(${literal(name)}, true)`
  const { lose, regain } = patienceTriggers
  return {
    sql: sql`;
CREATE TRIGGER ${noTruncateTrigger} BEFORE TRUNCATE ON ${target}
  FOR EACH STATEMENT EXECUTE FUNCTION crossfade.refuse_truncate();
ALTER TABLE ${target} ENABLE ALWAYS TRIGGER ${noTruncateTrigger};
CREATE TRIGGER ${lose} BEFORE INSERT OR UPDATE OR DELETE ON ${target}
  FOR EACH STATEMENT WHEN (${setting('crossfade.native')} OPERATOR(pg_catalog.=) 'yes')
  EXECUTE FUNCTION crossfade.lose_patience();
CREATE TRIGGER ${regain} AFTER INSERT OR UPDATE OR DELETE ON ${target}
  FOR EACH STATEMENT WHEN (${setting('crossfade.patience')} OPERATOR(pg_catalog.<>) '')
  EXECUTE FUNCTION crossfade.regain_patience()`,
    undo: sql`;
DROP TRIGGER IF EXISTS ${noTruncateTrigger} ON ${target};
DROP TRIGGER IF EXISTS ${lose} ON ${target};
DROP TRIGGER IF EXISTS ${regain} ON ${target}`,
  }
}

function reverseBody(m: Mapping, t: TargetMapping): Sql {
  const sources = t.sources.filter((s) => !s.stub)
  const oldKey = keyVariables(t, 'old')
  const newKey = keyVariables(t, 'new')
  const all = (record: string): Sql => join(t.columns.map((column) => sql`${raw(record)}.${ident(column.name)}`))
  const appeared = sources.map(
    (s) =>
      sql`(l.${hasColumn(s)} AND NOT ${variable('made', s)} AND NOT coalesce(crossfade_had.${hasColumn(s)}, false))`,
  )
  const { from, key } = stored(t)
  // Rows that are found through another old table go before that table's rows, by which they are found.
  const deletions = [...sources.filter((s) => keyLink(s)), ...sources.filter((s) => !keyLink(s))]
  return sql`
#variable_conflict use_column
DECLARE
  crossfade_had record;
  crossfade_has record;
  crossfade_key text[];
  crossfade_result text;
  crossfade_lawful boolean;
  crossfade_exempt text[] := '{}';
  crossfade_lost text[] := '{}';
  crossfade_set text;
  crossfade_rows bigint;
  crossfade_locked bigint;
  crossfade_forms text[];
  crossfade_ignored text;
  crossfade_guard text := coalesce(current_setting('crossfade.guard', true), '');
  ${declarations(t, sources)}
BEGIN
  ${t.kind === 'merge' ? readMergedKey(t) : readAppendedKey(m, t)}
  IF crossfade.is_guarded(${t.number}, crossfade_key::text) THEN
    RETURN NULL;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    ${refuseChanges(t, all)}
  END IF;

  -- From here on it holds old rows: see crossfade.lose_patience.
  crossfade_ignored := set_config('crossfade.native', 'yes', true);
  crossfade_forms := crossfade.pin_forms();
  -- The old rows in the shape that the written row gives them, before and after. What is going to be written is
  -- locked first. Whoever holds it has not brought his change here yet, and may be waiting for the new row, which
  -- this transaction holds: so it is never waited for.
  ${join(
    sources.map((s) => lockOldRows(t, s, oldKey)),
    '\n  ',
  )}${t.kind === 'append' ? keyFromShape(t) : raw('')}

  -- Law before. A parent that the same statement deletes is gone already.
  BEGIN
    IF TG_OP = 'INSERT' THEN
      ${projection(t, { kind: 'one', values: newKey })}
        INTO crossfade_had;
      crossfade_lawful := NOT FOUND${onlyStub(t)};${refuseHidden(t)}
    ELSE
      ${projectedRows(t, { kind: 'one', values: oldKey }, 'orphans')}
        INTO crossfade_had;
      crossfade_lawful := FOUND AND record_image_eq(ROW(${all('crossfade_had')}), ROW(${all('OLD')}))
        AND (${join(sources.map(cameMeanwhile), ' OR ')}) IS NOT TRUE;
      IF NOT FOUND AND TG_OP = 'DELETE' THEN
        ${wasCascaded(t, oldKey)}
      END IF;
    END IF;
  EXCEPTION WHEN data_exception THEN
    -- The old rows don't fit any more; this one is on its way into the journal.
    crossfade_lawful := false;
  END;
  IF NOT crossfade_lawful THEN
    PERFORM crossfade.refuse_native(${literal(t.name)}, crossfade_key);
  END IF;${onDelete(t)}${shapeMissing(t, sources)}

  -- The old tables' own triggers run now, with the names and text forms that they are used to.
  crossfade_ignored := set_config('crossfade.guard', crossfade.guard_for(${t.number}, crossfade_key::text), true);
  PERFORM crossfade.restore_forms(crossfade_forms);
  crossfade_ignored := set_config('search_path', ${literal(oldPath(m))}, true);
  IF TG_OP = 'DELETE' THEN
    ${join(
      deletions.map((s) => deleteOldRows(t, s, oldKey)),
      '\n    ',
    )}
  ELSIF TG_OP = 'UPDATE' THEN
    ${join(
      sources.map((s) => updateOldRow(t, s, oldKey)),
      '\n    ',
    )}
    NULL;
  ELSE
    ${join(
      sources.filter((s) => t.reverse.includes(s.ordinal)).map((s) => insertLinked(t, s)),
      '\n    ',
    )}
    NULL;
  END IF;
  crossfade_ignored := set_config('search_path', 'pg_catalog, pg_temp', true);
  PERFORM crossfade.pin_forms();${t.kind === 'append' ? noteLineage(t) : raw('')}
  crossfade_ignored := set_config('crossfade.guard', crossfade_guard, true);

  -- Law after.
  ${projectWritten(t)}${freeContenders(t)}${
    wakes(t)
      ? sql`
  IF TG_OP = 'INSERT' THEN${wake(t, 'NEW')}
  END IF;${wakeChanged(t)}`
      : raw('')
  }${leaveWord(t)}
  IF TG_OP = 'DELETE' THEN
    IF crossfade_result NOT IN ('absent', 'deleted') THEN
      RAISE EXCEPTION 'the row % of % is still there in the old tables', crossfade_key, TG_RELID::regclass USING ERRCODE = 'CF002';
    END IF;
    PERFORM crossfade.restore_forms(crossfade_forms);
    RETURN NULL;
  END IF;
  SELECT ${all('t')} INTO crossfade_has FROM ${from}
   WHERE ${keyEquals(t, key, newKey)};
  IF NOT FOUND THEN
    crossfade_lost := ARRAY['the whole row'];
  ELSIF record_image_ne(ROW(${all('crossfade_has')}), ROW(${all('NEW')})) THEN
    ${join(
      t.columns.map((column) => {
        const c = ident(column.name)
        const filled = isFilled(t, column) ? sql` AND NOT (TG_OP = 'INSERT' AND NEW.${c} IS NULL)` : raw('')
        return sql`IF record_image_ne(ROW(crossfade_has.${c}), ROW(NEW.${c}))${filled} AND (TG_OP = 'INSERT' OR record_image_ne(ROW(OLD.${c}), ROW(NEW.${c}))) THEN
      crossfade_lost := crossfade_lost || ${literal(column.name)}::text;
    END IF;`
      }),
      '\n    ',
    )}
  END IF;
  IF EXISTS (SELECT FROM unnest(crossfade_lost) AS u(name) WHERE NOT u.name = ANY (crossfade_exempt)) THEN
    IF EXISTS (SELECT FROM ${lineageTable(t)} AS l WHERE ${keyEquals(t, keyOf(t, 'l'), newKey)}
                  AND (${join(appeared, ' OR ')})) THEN
      -- An old row that came meanwhile hides the value: the next try will see it.
      PERFORM crossfade.refuse_native(${literal(t.name)}, crossfade_key);
    END IF;
    RAISE EXCEPTION 'the old tables can''t hold what was written to %: %', TG_RELID::regclass,
      array_to_string(ARRAY(SELECT u.name FROM unnest(crossfade_lost) AS u(name) WHERE NOT u.name = ANY (crossfade_exempt)), ', ')
      USING ERRCODE = 'CF002',
            HINT = 'The mapping gives no way back for this value, or another source hides it: see "back" and "reverse" in the mapping.';
  END IF;
  PERFORM crossfade.restore_forms(crossfade_forms);
  RETURN NULL;
END`
}

/** A parent that its child has just been given stands back for the one that the application makes. */
function onlyStub(t: TargetMapping): Sql {
  if (!t.sources.some((s) => s.stub)) return raw('')
  const real = t.sources.filter((s) => !s.stub).map((s) => sql`crossfade_had.${hasColumn(s)}`)
  return sql` OR NOT (${join(real, ' OR ')})`
}

/** Old rows under this key of which there is no new row, by the mapping's own word: nothing to try again. */
function refuseHidden(t: TargetMapping): Sql {
  if (!mayRefuse(t) || t.uniques.every((rule) => rule.otherwise !== 'omit')) return raw('')
  return sql`
      IF FOUND AND crossfade_had.crossfade_refusal[1] = 'omit' THEN
        RAISE EXCEPTION 'the row % of % is left out: another row has its unique value', crossfade_key, TG_RELID::regclass
          USING ERRCODE = 'CF001', HINT = 'Its old rows are there. Correct or delete them by their old names.';
      END IF;`
}

/**
 * The old rows went with those of another row of the same statement, by a foreign key of the old tables: forward sync
 * has seen that in this transaction, and has taken the lineage away or left the key in the outbox.
 */
function wasCascaded(t: TargetMapping, oldKey: Sql[]): Sql {
  return sql`crossfade_lawful := NOT EXISTS (SELECT FROM ${lineageTable(t)} AS l WHERE ${keyEquals(t, keyOf(t, 'l'), oldKey)})
          OR EXISTS (SELECT FROM crossfade.outbox AS o WHERE o.target = ${literal(t.name)} AND o.key = crossfade_key AND o.source IS NULL AND o.xmin = pg_current_xact_id()::xid);`
}

function wakeChanged(t: TargetMapping): Sql {
  const loose = looseReferences(t)
  if (loose.length === 0) return raw('')
  const parts = loose.map(
    (child) => sql`
    IF ${isOther(child.referenced, 'OLD', 'NEW')} THEN${wakeWaiting(t, child, 'NEW')}
    END IF;`,
  )
  return sql`
  IF TG_OP = 'UPDATE' THEN${join(parts, '')}
  END IF;`
}
