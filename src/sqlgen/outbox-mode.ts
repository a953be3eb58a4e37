import { literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { Mapping, SourceMapping, TargetMapping } from '../spec/mapping.ts'
import { captureBody, transition } from './capture.ts'
import { functionStatement } from './function.ts'
import {
  captureFunction,
  captureTrigger,
  display,
  hasCaptureTriggers,
  relation,
  replicatedFunction,
  replicatedTrigger,
} from './names.ts'
import type { Statement } from './statement.ts'

/**
 * In outbox mode the row trigger of forward sync does nothing, and triggers for whole statements note the keys
 * (`capture.ts`). Both are always there, with functions that say which of them works: so a switch replaces functions, and
 * locks no table. Every body runs with the same rights and settings, since a session may look at these once and at the body later.
 */
const IDLE = sql`
BEGIN
  RETURN NULL;
END`

/** The body of the row trigger in outbox mode. */
export function forwardOutboxBody(t: TargetMapping, s: SourceMapping): Sql {
  return hasCaptureTriggers(t, s) ? IDLE : captureBody(t, s, 'row')
}

/**
 * The triggers beside it. `busy`: the function notes keys whatever the mode is, as it must until the last statement that found
 * the row trigger idle has ended.
 */
export function captureStatements(
  m: Mapping,
  t: TargetMapping,
  s: SourceMapping,
  busy = t.mode === 'outbox',
): Statement[] {
  if (!hasCaptureTriggers(t, s)) return []
  const base = relation(s.base)
  const [captured, replicated] = [captureFunction(t, s), replicatedFunction(t, s)]
  const comment = literal(`Crossfade: notes for ${display(t.relation)} what was written, where it is in outbox mode`)
  const events = [
    ['insert', sql`NEW TABLE AS ${transition('NEW')}`],
    ['update', sql`OLD TABLE AS ${transition('OLD')} NEW TABLE AS ${transition('NEW')}`],
    ['delete', sql`OLD TABLE AS ${transition('OLD')}`],
  ] as const
  return [
    functionStatement({
      id: `capture-function:${display(s.base)}:${t.name}`,
      name: captured,
      returns: raw('trigger'),
      body: busy ? captureBody(t, s, 'statement') : IDLE,
      entry: true,
      lockTimeoutMs: m.budgetMs,
      comment: `Crossfade: notes the keys of a statement's writes to ${display(s.base)}`,
      silenced: true,
      why: `in outbox mode notes what a statement writes to ${display(s.base)}, for ${display(t.relation)}`,
    }),
    functionStatement({
      id: `replicated-function:${display(s.base)}:${t.name}`,
      name: replicated,
      returns: raw('trigger'),
      body: busy ? captureBody(t, s, 'row') : IDLE,
      entry: true,
      lockTimeoutMs: m.budgetMs,
      comment: `Crossfade: notes the keys of rows of ${display(s.base)} that logical replication applies`,
      silenced: true,
      why: `in outbox mode notes rows of ${display(s.base)} that logical replication applies`,
    }),
    ...events.map(
      ([event, tables]): Statement => ({
        id: `capture-trigger:${display(s.base)}:${t.name}:${event}`,
        sql: sql`CREATE TRIGGER ${captureTrigger(t, s, event)} AFTER ${raw(event.toUpperCase())} ON ${base}
  REFERENCING ${tables} FOR EACH STATEMENT EXECUTE FUNCTION ${captured}();
COMMENT ON TRIGGER ${captureTrigger(t, s, event)} ON ${base} IS ${comment}`,
        undo: sql`DROP TRIGGER IF EXISTS ${captureTrigger(t, s, event)} ON ${base}`,
        lock: { mode: 'SHARE ROW EXCLUSIVE', on: display(s.base) },
        transactional: true,
        why: 'one call for all rows of a statement; does nothing in inline mode',
      }),
    ),
    {
      id: `replicated-trigger:${display(s.base)}:${t.name}`,
      sql: sql`CREATE TRIGGER ${replicatedTrigger(t, s)} AFTER INSERT OR UPDATE OR DELETE ON ${base}
  FOR EACH ROW WHEN (pg_catalog.current_setting('session_replication_role') OPERATOR(pg_catalog.=) 'replica')
  EXECUTE FUNCTION ${replicated}();
COMMENT ON TRIGGER ${replicatedTrigger(t, s)} ON ${base} IS ${comment};
ALTER TABLE ${base} ENABLE ALWAYS TRIGGER ${replicatedTrigger(t, s)}`,
      undo: sql`DROP TRIGGER IF EXISTS ${replicatedTrigger(t, s)} ON ${base}`,
      lock: { mode: 'SHARE ROW EXCLUSIVE', on: display(s.base) },
      transactional: true,
      why: 'rows that logical replication applies fire no trigger for statements',
    },
  ]
}
