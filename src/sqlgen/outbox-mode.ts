import { join, literal, raw, sql } from '../lib/sql.ts'
import type { SourceMapping, TargetMapping } from '../spec/mapping.ts'
import { captureBody, transition } from './capture.ts'
import { functionStatement } from './function.ts'
import {
  captureFunction,
  captureTrigger,
  display,
  hasCaptureTriggers,
  modeTriggers,
  relation,
  replicatedFunction,
  replicatedTrigger,
} from './names.ts'
import type { Statement } from './statement.ts'

/**
 * In outbox mode triggers for whole statements note the keys (`capture.ts`) in place of the row trigger of forward sync.
 * Both are always there, and a mode is which of them are switched on: what is switched off costs next to nothing. The
 * lock that a switch takes waits for the statements under way, so each of them meets the one or the other. They wait for no
 * lock but for room on the disk, so they have no lock timeout: its error would be the application's.
 */
export function captureStatements(t: TargetMapping, s: SourceMapping): Statement[] {
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
      body: captureBody(t, s, 'statement'),
      entry: true,
      lockTimeoutMs: 0,
      comment: `Crossfade: notes the keys of a statement's writes to ${display(s.base)}`,
      silenced: true,
      why: `in outbox mode notes what a statement writes to ${display(s.base)}, for ${display(t.relation)}`,
    }),
    functionStatement({
      id: `replicated-function:${display(s.base)}:${t.name}`,
      name: replicated,
      returns: raw('trigger'),
      body: captureBody(t, s, 'row'),
      entry: true,
      lockTimeoutMs: 0,
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
        why: 'one call for all rows of a statement; switched off in inline mode',
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
    modeStatement(t, s),
  ]
}

/** Switches on what the mode needs, and off what it doesn't. */
export function modeStatement(t: TargetMapping, s: SourceMapping): Statement {
  const table = relation(s.base)
  const outbox = t.mode === 'outbox'
  const words = modeTriggers(t, s).map(
    ({ name, enabled }) =>
      sql`${raw(enabled === 'A' ? 'ENABLE ALWAYS' : enabled === 'O' ? 'ENABLE' : 'DISABLE')} TRIGGER ${name}`,
  )
  return {
    id: `mode:${display(s.base)}:${t.name}`,
    sql: sql`ALTER TABLE ${table} ${join(words)}`,
    undo: null,
    lock: { mode: 'SHARE ROW EXCLUSIVE', on: display(s.base) },
    transactional: true,
    why: outbox ? 'outbox mode: whole statements are noted' : 'inline mode: each row is applied at once',
  }
}
