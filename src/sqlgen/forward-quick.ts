import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { Mapping, SourceMapping, TargetMapping } from '../spec/mapping.ts'
import { replaceReferences } from '../spec/qualify.ts'
import { applyBody, applyVariables, isAlone } from './apply.ts'
import { freesOmitted } from './forward-uniques.ts'
import { keyEquals, keyText } from './keys.ts'
import { keyLink } from './links.ts'
import { wakeBeaten } from './wake.ts'

/** The key and the filter of a source as expressions over a trigger's record, which PL/pgSQL computes without a query. */
export interface RecordKey {
  readonly key: readonly Sql[]
  /** Null where every row counts. */
  readonly where: Sql | null
}

/** Null where that can't be: over the columns of a view, through another table, or over the whole row. */
export function recordKey(s: SourceMapping, record: 'OLD' | 'NEW'): RecordKey | null {
  if (s.viewQuery !== null || keyLink(s) !== null) return null
  const columns = new Set(s.shape.map((column) => column.name))
  let known = true
  const over = (text: string): Sql =>
    raw(
      replaceReferences(text, (_, column) => {
        known &&= columns.has(column)
        return `${record}.${ident(column).text}`
      }),
    )
  const found = { key: s.key.map(over), where: s.where === null ? null : sql`coalesce((${over(s.where)}), false)` }
  return known ? found : null
}

/**
 * Part of the body of a forward trigger (`forward.ts`): the usual case, one row whose key stays, in a transaction that has
 * not waited yet. All in this one function, since each call and each expression is set up anew in every transaction.
 * Whatever is different goes the general way, which follows.
 */
export function quickly(m: Mapping, t: TargetMapping, s: SourceMapping, after: readonly Sql[]): Sql {
  const before = recordKey(s, 'OLD')
  const now = recordKey(s, 'NEW')
  if (!hasQuickWay(t, s) || before === null || now === null) return raw('')
  const conditions = [
    raw('crossfade_own'),
    sql`current_setting('transaction_isolation') = 'read committed'`,
    sql`(TG_OP <> 'UPDATE' OR (${keyEquals(t, before.key, now.key)}))`,
    ...(before.where === null ? [] : [sql`(TG_OP = 'INSERT' OR ${before.where})`]),
    ...(now.where === null ? [] : [sql`(TG_OP = 'DELETE' OR ${now.where})`]),
  ]
  const keys = after.map(
    (part, i) =>
      sql`${part} := CASE TG_OP WHEN 'DELETE' THEN ${before.key[i] ?? raw('NULL')} ELSE ${now.key[i] ?? raw('NULL')} END;`,
  )
  const present = join(
    after.map((part) => sql`${part} IS NOT NULL`),
    ' AND ',
  )
  return sql`
  DECLARE
    ${applyVariables(t)}
  BEGIN
    IF ${join(conditions, '\n       AND ')} THEN
      ${join(keys, '\n      ')}
      crossfade_writes := crossfade.counter('crossfade.writes') + 1;
      IF ${present} AND crossfade_writes <= ${m.inlineWrites} AND crossfade.counter('crossfade.spent') = 0 THEN
        crossfade_key := ${keyText(t, after)};
        crossfade_ignored := set_config('crossfade.writes', crossfade_writes::text, true);${isAlone(t) ? raw('\n        crossfade_held := true;') : raw('')}
        ${applyBody(m, t, [...after])}
        crossfade_ignored := set_config('crossfade.guard', '', true);
        IF crossfade_result = 'absent' THEN
          PERFORM crossfade.enqueue(${literal(t.name)}, crossfade_key, NULL, NULL);
        END IF;
      END IF;
    END IF;
  EXCEPTION WHEN OTHERS THEN
    -- Before the key is known, a session may not be able to read a column that has got another type meanwhile.
    IF crossfade_key IS NOT NULL THEN
      GET STACKED DIAGNOSTICS crossfade_state = RETURNED_SQLSTATE, crossfade_message = MESSAGE_TEXT;
      PERFORM crossfade.enqueue(${literal(t.name)}, crossfade_key, crossfade_state, crossfade_message);${wakeBeaten(t, raw('crossfade_key'))}
      crossfade_ignored := set_config('crossfade.writes', crossfade_writes::text, true);
    END IF;
  END;
  IF crossfade_key IS NOT NULL THEN
    -- In microseconds. What takes no time has not waited.
    IF clock_timestamp() > crossfade_started + interval '200 microseconds' THEN
      crossfade_ignored := set_config('crossfade.spent', least(999999999, ceil(extract(epoch FROM clock_timestamp() - crossfade_started) * 1000000))::text, true);
    END IF;
    RETURN NULL;
  END IF;`
}

export function hasQuickWay(t: TargetMapping, s: SourceMapping): boolean {
  return s.links.length === 0 && !freesOmitted(t, s) && recordKey(s, 'OLD') !== null
}
