import { join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { Mapping, TargetMapping } from '../spec/mapping.ts'
import { createFunction } from './function.ts'
import { closedFunction, closedTrigger, display, isSame, relation } from './names.ts'
import type { Statement } from './statement.ts'

/**
 * A new table is closed until `move`: nobody but sync writes to it, not even its owner, whom no REVOKE stops.
 * A statement trigger, so that the backfill doesn't pay for each row.
 */
export function closedFunctionStatement(m: Mapping, t: TargetMapping): Statement {
  const name = closedFunction(t)
  return {
    id: `closed-function:${t.relation.name}`,
    sql: closing(m, t, name),
    undo: sql`DROP FUNCTION IF EXISTS ${name}() CASCADE`,
    lock: { mode: 'none', on: null },
    transactional: true,
    why: `only sync writes to ${display(t.relation)} until it is opened`,
  }
}

/** A trigger function under this name that lets Crossfade's own writes pass and refuses all others. */
export function closing(m: Mapping, t: TargetMapping, name: Sql): Sql {
  const numbers = m.targets.filter((unit) => isSame(unit, t)).map((unit) => literal(String(unit.number)))
  const body = sql`
DECLARE
  crossfade_guard text := current_setting('crossfade.guard', true);
  crossfade_number text := split_part(crossfade_guard, ':', 1);
BEGIN
  -- The seal is 64 characters behind a bar, and a key may hold bars of its own: so it is cut from the right.
  IF crossfade_number IN (${join(numbers)})
     AND crossfade_guard = crossfade.guard_for(crossfade_number::integer, substr(left(crossfade_guard, -65), length(crossfade_number) + 2)) THEN
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
    pathAlone: true,
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
