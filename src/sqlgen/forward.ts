import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { Mapping, SourceMapping, TargetMapping } from '../spec/mapping.ts'
import { captureBody } from './capture.ts'
import { leaveToOutbox, lockLinks, triggerRow } from './forward-links.ts'
import { hasQuickWay, quickly, recordKey } from './forward-quick.ts'
import { freeOmitted } from './forward-uniques.ts'
import { functionStatement } from './function.ts'
import { keyAsText, keyCompares, keyEquals, keyText, variableType } from './keys.ts'
import {
  display,
  forwardFunction,
  forwardTrigger,
  hasCaptureTriggers,
  hasColumn,
  lineageTable,
  oldWritesSequence,
  relation,
  touchFunction,
  truncateFunction,
  truncateTrigger,
} from './names.ts'
import { captureStatements } from './outbox-mode.ts'
import type { Statement } from './statement.ts'

/**
 * Forward sync: a write to an old table reaches the new one in the same transaction, and never fails
 * because of it. The key of the row, before and after, is all that the trigger takes from it.
 */
export function forwardStatements(m: Mapping, t: TargetMapping, s: SourceMapping): Statement[] {
  const name = forwardFunction(t, s)
  const trigger = forwardTrigger(t, s)
  const base = relation(s.base)
  const sequence = oldWritesSequence(t, s)
  const counting: Statement[] = [
    {
      id: `forward-count:${display(s.base)}:${t.name}`,
      sql: sql`CREATE SEQUENCE IF NOT EXISTS ${sequence};
COMMENT ON SEQUENCE ${sequence} IS ${literal(`Crossfade: counts writes by the old name ${display(s.base)}`)}`,
      undo: sql`DROP SEQUENCE IF EXISTS ${sequence}`,
      lock: { mode: 'none', on: null },
      transactional: true,
      why: 'counts writes by an old name without a row that everybody would wait for',
    },
  ]
  return [
    ...(s.stub ? [] : counting),
    functionStatement({
      id: `forward-function:${display(s.base)}:${t.name}`,
      name,
      returns: raw('trigger'),
      body: t.mode === 'outbox' && !hasCaptureTriggers(t, s) ? captureBody(t, s, 'row') : forwardBody(m, t, s),
      entry: true,
      lockTimeoutMs: m.budgetMs,
      comment: `Crossfade: brings a write to ${display(s.base)} to ${display(t.relation)}`,
      silenced: true,
      why: `brings each write to ${display(s.base)} to ${display(t.relation)}`,
    }),
    {
      id: `forward-trigger:${display(s.base)}:${t.name}`,
      sql: sql`CREATE TRIGGER ${trigger} AFTER INSERT OR UPDATE OR DELETE ON ${base}
  FOR EACH ROW EXECUTE FUNCTION ${name}();
COMMENT ON TRIGGER ${trigger} ON ${base} IS ${literal(`Crossfade: keeps ${display(t.relation)} in step`)};
ALTER TABLE ${base} ENABLE ALWAYS TRIGGER ${trigger}`,
      undo: sql`DROP TRIGGER IF EXISTS ${trigger} ON ${base}`,
      lock: { mode: 'SHARE ROW EXCLUSIVE', on: display(s.base) },
      transactional: true,
      why: 'fires also for rows that logical replication applies (ENABLE ALWAYS)',
    },
    functionStatement({
      id: `truncate-function:${display(s.base)}:${t.name}`,
      name: truncateFunction(t, s),
      returns: raw('trigger'),
      body: truncateBody(t, s),
      entry: true,
      comment: `Crossfade: puts the keys of a truncated ${display(s.base)} into the outbox`,
      silenced: true,
      why: `a TRUNCATE of ${display(s.base)} takes its part out of ${display(t.relation)}`,
    }),
    {
      id: `truncate-trigger:${display(s.base)}:${t.name}`,
      sql: sql`CREATE TRIGGER ${truncateTrigger(t, s)} AFTER TRUNCATE ON ${base}
  FOR EACH STATEMENT EXECUTE FUNCTION ${truncateFunction(t, s)}();
ALTER TABLE ${base} ENABLE ALWAYS TRIGGER ${truncateTrigger(t, s)}`,
      undo: sql`DROP TRIGGER IF EXISTS ${truncateTrigger(t, s)} ON ${base}`,
      lock: { mode: 'SHARE ROW EXCLUSIVE', on: display(s.base) },
      transactional: true,
      why: "row triggers don't fire for TRUNCATE",
    },
    ...captureStatements(t, s),
  ]
}

function forwardBody(m: Mapping, t: TargetMapping, s: SourceMapping): Sql {
  const before = t.key.map((_, i) => ident(`crossfade_before_${i + 1}`))
  const after = t.key.map((_, i) => ident(`crossfade_after_${i + 1}`))
  const own = { OLD: recordKey(s, 'OLD'), NEW: recordKey(s, 'NEW') }
  const noted = (record: 'OLD' | 'NEW'): Sql =>
    keyAsText(
      s.identity.map((column) =>
        own[record] === null ? ident(s.relation.name, column.name) : sql`${raw(record)}.${ident(column.name)}`,
      ),
    )
  const identity = { OLD: raw('crossfade_old_identity'), NEW: raw('crossfade_new_identity') }
  const side = { OLD: { key: before, there: raw('crossfade_was') }, NEW: { key: after, there: raw('crossfade_is') } }
  const where = s.where === null ? raw('') : sql` WHERE (${raw(s.where)})`
  const selected = sql`SELECT ${join(s.key.map((key) => raw(key)))}, true, ${keyAsText(s.identity.map((column) => ident(s.relation.name, column.name)))}`
  const into = (record: 'OLD' | 'NEW'): Sql => join([...side[record].key, side[record].there, identity[record]])
  const read = (record: 'OLD' | 'NEW'): Sql => {
    const direct = own[record]
    if (direct === null)
      return sql`${selected}
  INTO ${into(record)}
  FROM ${triggerRow(s, record)}${where};`
    const { key, there } = side[record]
    const taken = join(
      key.map((part, i) => sql`${part} := ${direct.key[i] ?? raw('NULL')};`),
      '\n',
    )
    const kept = sql`${taken}
IF ${missing(key)} THEN
  ${identity[record]} := ${noted(record)};
END IF;`
    if (direct.where === null)
      return sql`${there} := true;
${kept}`
    return sql`${there} := ${direct.where};
IF ${there} THEN
  ${kept}
END IF;`
  }
  const readWithoutPlan = (record: 'OLD' | 'NEW'): Sql =>
    sql`EXECUTE ${literal(sql`${selected} FROM ${triggerRow(s, '($1)')}${where}`.text)}
          INTO ${into(record)} USING ${raw(record)};`
  const present = (parts: Sql[]): Sql =>
    join(
      parts.map((part) => sql`${part} IS NOT NULL`),
      ' AND ',
    )
  const missing = (parts: Sql[]): Sql =>
    join(
      parts.map((part) => sql`${part} IS NULL`),
      ' OR ',
    )
  const [target, source] = [literal(t.name), literal(s.relation.name)]
  // The journal itself is left to the applier: its row may be locked, or too new for this transaction's snapshot.
  const keyless =
    s.otherwise === 'omit'
      ? raw('')
      : sql`
  IF crossfade_was AND (${missing(before)}) THEN
    PERFORM crossfade.enqueue_keyless(${target}, ${source}, crossfade_old_identity);
  END IF;
  IF crossfade_is AND (${missing(after)})
     AND (crossfade_was AND (${missing(before)}) AND crossfade_new_identity = crossfade_old_identity) IS NOT TRUE THEN
    PERFORM crossfade.enqueue_keyless(${target}, ${source}, crossfade_new_identity);
  END IF;`
  const count = s.stub
    ? raw('')
    : sql`IF crossfade_own THEN
    crossfade_ignored := nextval(${literal(oldWritesSequence(t, s).text)});
  END IF;`
  const variables = t.key.flatMap((key, i) => [
    sql`${ident(`crossfade_before_${i + 1}`)} ${variableType(key)};`,
    sql`${ident(`crossfade_after_${i + 1}`)} ${variableType(key)};`,
  ])
  return sql`
#variable_conflict use_column
DECLARE
  ${join(variables, '\n  ')}
  crossfade_own boolean;
  crossfade_was boolean := false;
  crossfade_is boolean := false;
  crossfade_old_identity text[];
  crossfade_new_identity text[];
  crossfade_state text;
  crossfade_message text;
  crossfade_locked boolean := true;
  crossfade_names text[] := '{}';
  crossfade_values text[];
  crossfade_ignored text;${
    hasQuickWay(t, s)
      ? raw(`
  crossfade_key text[];
  crossfade_writes integer;
  crossfade_started timestamptz := clock_timestamp();`)
      : raw('')
  }
BEGIN
  IF TG_OP = 'UPDATE' AND record_image_eq(OLD, NEW) THEN
    RETURN NULL;
  END IF;
  -- Of the application itself: not what reverse sync writes, nor what its writes set off.
  crossfade_own := coalesce(current_setting('crossfade.guard', true), '') = '';
  ${count}${quickly(m, t, s, after)}
  BEGIN${s.links.length === 0 ? raw('') : lockLinks(m, s)}
    IF TG_OP <> 'INSERT' THEN
      ${read('OLD')}
    END IF;
    IF TG_OP <> 'DELETE' THEN
      ${read('NEW')}
    END IF;
  EXCEPTION WHEN OTHERS THEN
    BEGIN
      -- A session that was here before a column changed its type can't use its plan any more, nor make another.
      IF TG_OP <> 'INSERT' THEN
        ${readWithoutPlan('OLD')}
      END IF;
      IF TG_OP <> 'DELETE' THEN
        ${readWithoutPlan('NEW')}
      END IF;
    EXCEPTION WHEN OTHERS THEN
      -- The old table is not what it was, so nobody can tell which keys this row has: all of them will be looked at.
      GET STACKED DIAGNOSTICS crossfade_state = RETURNED_SQLSTATE, crossfade_message = MESSAGE_TEXT;
      PERFORM crossfade.enqueue(${target}, '{}', crossfade_state, crossfade_message);
      RETURN NULL;
    END;
  END;${keyless}${freeOmitted(t, s, before)}
  crossfade_was := crossfade_was AND ${present(before)};
  crossfade_is := crossfade_is AND ${present(after)};${s.links.length === 0 ? raw('') : leaveToOutbox(t, s, before, after)}
  IF crossfade_was AND crossfade_is AND ${keyEquals(t, before, after)} THEN
    PERFORM ${touchFunction(t)}(${join(after)});
  ELSIF crossfade_was AND crossfade_is AND ${keyCompares(t, before, '>', after)} THEN
    -- Both keys of a moved row, always in the order of the keys.
    PERFORM ${touchFunction(t)}(${join(after)});
    PERFORM ${touchFunction(t)}(${join(before)});
  ELSE
    IF crossfade_was THEN
      PERFORM ${touchFunction(t)}(${join(before)});
    END IF;
    IF crossfade_is THEN
      PERFORM ${touchFunction(t)}(${join(after)});
    END IF;
  END IF;
  RETURN NULL;
END`
}

/** So many keys of a truncated table are noted one by one. */
const MANY = 1000

function truncateBody(t: TargetMapping, s: SourceMapping): Sql {
  const keys = keyText(
    t,
    t.key.map((key) => ident('l', key.name)),
  )
  const [target, source] = [literal(t.name), literal(s.relation.name)]
  return sql`
BEGIN
  -- This snapshot may be older than rows that are truncated now. And while many keys are written, the application would
  -- wait, and all who wait for its lock: then the applier looks for them itself.
  IF current_setting('transaction_isolation') <> 'read committed'
     OR (SELECT count(*) FROM (SELECT FROM ${lineageTable(t)} AS l WHERE l.${hasColumn(s)}
          UNION ALL SELECT FROM crossfade.journal AS j WHERE j.target = ${target} LIMIT ${raw(String(MANY + 1))}) AS few) > ${raw(String(MANY))} THEN
    PERFORM crossfade.enqueue(${target}, '{}', NULL, NULL);
    RETURN NULL;
  END IF;
  INSERT INTO crossfade.outbox (target, key)
  SELECT ${target}, ${keys} FROM ${lineageTable(t)} AS l WHERE l.${hasColumn(s)}
   UNION ALL
  SELECT ${target}, j.key FROM crossfade.journal AS j WHERE j.target = ${target} AND j.key IS NOT NULL;
  INSERT INTO crossfade.outbox (target, source, key)
  SELECT ${target}, ${source}, j.old_key FROM crossfade.journal AS j
   WHERE j.target = ${target} AND j.source = ${source};
  RETURN NULL;
EXCEPTION WHEN OTHERS THEN
  PERFORM crossfade.enqueue(${target}, '{}', SQLSTATE, SQLERRM);
  RETURN NULL;
END`
}
