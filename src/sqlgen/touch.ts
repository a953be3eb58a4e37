import { join, literal, raw, sql } from '../lib/sql.ts'
import type { Mapping, TargetMapping } from '../spec/mapping.ts'
import { applyCall } from './apply.ts'
import { functionStatement } from './function.ts'
import { keyText } from './keys.ts'
import { display, touchFunction } from './names.ts'
import type { Statement } from './statement.ts'
import { wakeBeaten } from './wake.ts'

/**
 * What a write does to one key: apply it now, within what is left of the transaction's budget, or put it
 * into the outbox. Nothing that happens here reaches the application.
 */
export function touchStatement(m: Mapping, t: TargetMapping): Statement {
  const own = t.key.map((_, i) => raw(`$${i + 1}`))
  const parameters = join(t.key.map((key) => raw(key.type)))
  const target = literal(t.name)
  const name = touchFunction(t)
  const body = sql`
DECLARE
  crossfade_key text[] := ${keyText(t, own)};
  crossfade_spent integer := crossfade.counter('crossfade.spent');
  crossfade_writes integer := crossfade.counter('crossfade.writes') + 1;
  crossfade_started timestamptz := clock_timestamp();
  crossfade_state text;
  crossfade_message text;
  -- An assignment costs a third of a PERFORM, which is a query.
  crossfade_ignored text;
BEGIN
  -- Reverse sync applies the key that it writes itself, when all old rows are written.
  IF current_setting('crossfade.guard', true) <> '' AND crossfade.is_guarded(${t.number}, crossfade_key::text) THEN
    RETURN;
  END IF;
  crossfade_ignored := set_config('crossfade.writes', crossfade_writes::text, true);
  -- A snapshot of the whole transaction may be too old to project from. And each caught error costs a
  -- subtransaction: past ${m.inlineWrites} of them, all other sessions' snapshots pay.
  IF crossfade_writes > ${m.inlineWrites} OR current_setting('transaction_isolation') <> 'read committed' THEN
    PERFORM crossfade.enqueue(${target}, crossfade_key, NULL, NULL);${wakeBeaten(t, raw('crossfade_key'))}
    RETURN;
  END IF;
  BEGIN
    IF crossfade_spent > 0 THEN
      crossfade_ignored := set_config('lock_timeout', greatest(1, ${m.budgetMs} - crossfade_spent / 1000)::text || 'ms', true);
    END IF;
    IF ${applyCall(t, own, 'held')} = 'absent' THEN
      PERFORM crossfade.enqueue(${target}, crossfade_key, NULL, NULL);
    END IF;
  EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS crossfade_state = RETURNED_SQLSTATE, crossfade_message = MESSAGE_TEXT;
    PERFORM crossfade.enqueue(${target}, crossfade_key, crossfade_state, crossfade_message);${wakeBeaten(t, raw('crossfade_key'))}
  END;
  -- In microseconds. What takes no time has not waited.
  IF clock_timestamp() > crossfade_started + interval '200 microseconds' THEN
    crossfade_spent := least(999999999, crossfade_spent + ceil(extract(epoch FROM clock_timestamp() - crossfade_started) * 1000000));
    crossfade_ignored := set_config('crossfade.spent', crossfade_spent::text, true);
  END IF;
END`
  return functionStatement({
    id: `touch:${t.name}`,
    name,
    arguments: parameters,
    returns: raw('void'),
    body,
    entry: false,
    comment: `Crossfade: applies one key to ${display(t.relation)} within the budget, or puts it into the outbox`,
    why: 'an old write never fails and never waits beyond its budget',
  })
}
