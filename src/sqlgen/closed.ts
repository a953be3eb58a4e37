import { literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { TargetMapping } from '../spec/mapping.ts'
import { createFunction } from './function.ts'
import { closedFunction, closedTrigger, display, relation } from './names.ts'
import type { Statement } from './statement.ts'

/**
 * A new table is closed until `move`: nobody but sync writes to it, not even its owner, whom no REVOKE stops.
 * A statement trigger, so that the backfill doesn't pay for each row.
 */
export function closedFunctionStatement(t: TargetMapping): Statement {
  const name = closedFunction(t)
  return {
    id: `closed-function:${t.relation.name}`,
    sql: closing(t, name),
    undo: sql`DROP FUNCTION IF EXISTS ${name}() CASCADE`,
    lock: { mode: 'none', on: null },
    transactional: true,
    why: `only sync writes to ${display(t.relation)} until it is opened`,
  }
}

/** A trigger function under this name that lets Crossfade's own writes pass and refuses all others. */
export function closing(t: TargetMapping, name: Sql): Sql {
  const body = sql`
BEGIN
  -- The seal is 64 characters behind a bar, and a key may hold bars of its own: so it is cut from the right.
  IF starts_with(current_setting('crossfade.guard', true), ${literal(`${t.number}:`)})
     AND current_setting('crossfade.guard', true)
         = crossfade.guard_for(${t.number}, substr(left(current_setting('crossfade.guard', true), -65), ${String(t.number).length + 2})) THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION '% is not open for writing yet', TG_RELID::regclass
    USING ERRCODE = '42501',
          HINT = 'Crossfade keeps it in step with the old tables. It opens with: crossfade move. Until then write by the old names.';
END`
  return createFunction({
    name,
    returns: raw('trigger'),
    body,
    entry: true,
    comment: `Crossfade: refuses native writes to ${display(t.relation)} until it is opened`,
  })
}

export function closedTriggerStatement(t: TargetMapping): Statement {
  const target = relation(t.relation)
  return {
    id: `closed-trigger:${t.relation.name}`,
    sql: sql`CREATE TRIGGER ${closedTrigger} BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON ${target}
  FOR EACH STATEMENT EXECUTE FUNCTION ${closedFunction(t)}();
ALTER TABLE ${target} ENABLE ALWAYS TRIGGER ${closedTrigger}`,
    undo: sql`DROP TRIGGER IF EXISTS ${closedTrigger} ON ${target}`,
    lock: { mode: 'SHARE ROW EXCLUSIVE', on: display(t.relation) },
    transactional: true,
    why: `only sync writes to ${display(t.relation)} until it is opened`,
  }
}
