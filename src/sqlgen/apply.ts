import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { Mapping, TargetMapping } from '../spec/mapping.ts'
import {
  changeLineage,
  hasOneSpelling,
  insertAppended,
  insertMerged,
  setLineage,
  updateAppended,
  updateMerged,
} from './apply-row.ts'
import { obey } from './apply-rules.ts'
import { functionStatement } from './function.ts'
import { keyEquals, keyOf, keyParameters, keyText } from './keys.ts'
import { applyFunction, display, lineageTable, relation, removeFunction } from './names.ts'
import { isKey, projection } from './projection.ts'
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
  const parameters = [...t.key.map((key) => raw(key.type)), ...(isAlone(t) ? [raw('boolean')] : [])]
  const own = keyParameters(t)
  const body = sql`
#variable_conflict use_column
DECLARE
  crossfade_key text[] := ${keyText(t, own)};
  crossfade_guard text := current_setting('crossfade.guard', true);
  ${applyVariables(t)}
BEGIN
  ${isAlone(t) ? sql`crossfade_held := $${t.key.length + 1};\n  ` : raw('')}${applyBody(m, t, own)}
  crossfade_ignored := set_config('crossfade.guard', coalesce(crossfade_guard, ''), true);
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

/** What `applyBody` needs, beside `crossfade_key`: the key as text[]. */
export function applyVariables(t: TargetMapping): Sql {
  return sql`crossfade_row record;
  crossfade_locked record;
  crossfade_former record;
  crossfade_other record;
  crossfade_found boolean;
  crossfade_there boolean;${isAlone(t) ? raw('\n  crossfade_held boolean;') : raw('')}
  crossfade_result text;
  crossfade_ignored text;`
}

/**
 * The statements themselves: forward triggers have them in their own body, since each call of a function counts there.
 * With `crossfade_held`, the first round locks nothing, and leaves to the second whatever it finds otherwise than it expects.
 */
export function applyBody(m: Mapping, t: TargetMapping, own: Sql[]): Sql {
  const alone = isAlone(t)
  const lineage =
    t.kind === 'merge'
      ? sql`, (SELECT crossfade_l FROM ${lineageTable(t)} AS crossfade_l WHERE ${keyEquals(t, keyOf(t, 'crossfade_l'), own)}) AS crossfade_lineage`
      : raw('')
  const locked = sql`${lock(t, own)}
    crossfade_there := FOUND;`
  const known = sql`(crossfade_row.crossfade_lineage).${ident(t.key[0]?.name ?? '')} IS NOT NULL`
  const again = alone
    ? sql`
      IF crossfade_held THEN
        crossfade_held := false;
        CONTINUE;
      END IF;`
    : raw('')
  return sql`crossfade_ignored := set_config('crossfade.guard', crossfade.guard_for(${t.number}, crossfade_key::text), true);
  LOOP
    ${
      alone
        ? sql`IF NOT crossfade_held THEN
      ${locked}
    END IF;`
        : locked
    }
    SELECT crossfade_new.*${lineage} INTO crossfade_row FROM (
${projection(t, { kind: 'one', values: own })}
    ) AS crossfade_new;
    crossfade_found := FOUND;${
      alone
        ? sql`
    IF crossfade_held THEN
      crossfade_there := ${known};
    END IF;`
        : raw('')
    }${obey(t)}
    IF crossfade_there AND crossfade_found THEN
      ${t.kind === 'merge' ? updateMerged(t, own) : updateAppended(t, own)}${
        alone
          ? sql`
      IF crossfade_held AND NOT FOUND THEN
        crossfade_held := false;
        CONTINUE;
      END IF;`
          : raw('')
      }
      ${t.kind === 'merge' ? changeLineage(t) : setLineage(t, own)}${followReferences(m, t)}
      crossfade_result := 'updated';
      EXIT;
    ELSIF crossfade_found THEN
      -- The projection may be older than a row that another session inserts right now; the conflict says so.
      ${t.kind === 'merge' ? insertMerged(t, own) : insertAppended(t, own)}${alone ? raw('\n      crossfade_held := false;') : raw('')}
    ELSIF crossfade_there THEN${again}
      PERFORM ${removeFunction(t)}(${join(own)});
      crossfade_result := 'deleted';
      EXIT;
    ELSE
      DELETE FROM ${lineageTable(t)} AS l WHERE ${keyEquals(t, keyOf(t, 'l'), own)};
      crossfade_result := 'absent';
      EXIT;
    END IF;
  END LOOP;
  IF crossfade_result <> 'updated' THEN
    DELETE FROM crossfade.journal AS j WHERE j.target = ${literal(t.name)} AND j.key = crossfade_key;${wakeBeaten(t, raw('crossfade_key'))}
  END IF;${
    wakes(t)
      ? sql`
  IF crossfade_result = 'inserted' THEN${wake(t, 'crossfade_row')}
  END IF;`
      : raw('')
  }`
}

/**
 * One old row makes the new one, and no rule looks at other rows. So whoever holds the old row knows all that the new
 * one depends on.
 */
export function isAlone(t: TargetMapping): boolean {
  const [source] = t.sources
  return (
    t.kind === 'merge' &&
    t.sources.length === 1 &&
    source?.unique === true &&
    source.viewQuery === null &&
    source.links.length === 0 &&
    t.uniques.length === 0 &&
    looseReferences(t).length === 0 &&
    hasOneSpelling(t) &&
    t.columns.some((column) => !isKey(t, column.name))
  )
}

/**
 * A call of it. 'held': by a trigger of the old row, which nobody else can change until this transaction ends. Where that
 * row alone makes the new one, it says what the new one is, whoever is writing it: nothing has to be locked before.
 */
export function applyCall(t: TargetMapping, key: readonly Sql[], caller: 'held' | 'free'): Sql {
  const held = isAlone(t) ? [raw(caller === 'held' ? 'true' : 'false')] : []
  return sql`${applyFunction(t)}(${join([...key, ...held])})`
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
