import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { Mapping, TargetMapping } from '../spec/mapping.ts'
import { insertAppended, insertMerged, updateAppended, updateMerged } from './apply-row.ts'
import { obey } from './apply-rules.ts'
import { functionStatement } from './function.ts'
import { keyEquals, keyOf, keyParameters, keyText } from './keys.ts'
import { applyFunction, display, lineageTable, relation, removeFunction } from './names.ts'
import { projection } from './projection.ts'
import type { Statement } from './statement.ts'
import { followReferences, looseReferences, wake, wakeBeaten, wakes } from './wake.ts'

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
export function applyStatement(m: Mapping, t: TargetMapping): Statement {
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
  crossfade_former record;
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
        crossfade_result := 'updated';${t.kind === 'merge' ? updateMerged(t, own) : updateAppended(t, own)}${followReferences(m, t)}
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
    ${t.kind === 'merge' ? insertMerged(t, own) : insertAppended(t, own)}
  END LOOP;
  IF crossfade_result <> 'updated' THEN
    DELETE FROM crossfade.journal AS j WHERE j.target = ${literal(t.name)} AND j.key = crossfade_key;${wakeBeaten(t, raw('crossfade_key'))}
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
  return functionStatement({
    id: `apply:${t.name}`,
    name,
    arguments: join(parameters),
    returns: raw('text'),
    body,
    entry: false,
    comment: `Crossfade: makes the row of ${display(t.relation)} with this key what its old rows say it is`,
    why: `the one way in which rows of ${display(t.relation)} are computed from old rows`,
  })
}

function lock(t: TargetMapping, own: Sql[]): Sql {
  if (t.kind === 'append') {
    return sql`SELECT l.* INTO crossfade_locked FROM ${lineageTable(t)} AS l WHERE ${keyEquals(t, keyOf(t, 'l'), own)} FOR NO KEY UPDATE;`
  }
  const names = [
    ...t.uniques.flatMap((rule) => rule.columns),
    ...looseReferences(t).flatMap((child) => child.referenced),
  ]
  const columns = join([...new Set(names)].map((name) => sql`t.${ident(name)}`))
  const rows = sql`FROM ${relation(t.relation)} AS t WHERE ${keyEquals(t, keyOf(t, 't'), own)} FOR NO KEY UPDATE;`
  return names.length === 0 ? sql`PERFORM 1 ${rows}` : sql`SELECT ${columns} INTO crossfade_former ${rows}`
}
