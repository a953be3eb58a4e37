import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { SourceMapping, TargetMapping } from '../spec/mapping.ts'
import { applyCall } from './apply.ts'
import { enqueueBeaten } from './apply-rules.ts'
import { functionStatement } from './function.ts'
import { keyAsText, keyFromText, keyOf, keyText } from './keys.ts'
import { furtherLocks, keyLink, linkPlace, linksOf, lockName, tablesUnder } from './links.ts'
import { lookAgain } from './look-again.ts'
import {
  applyManyFunction,
  display,
  drainFunction,
  lineageTable,
  relation,
  relinkFunction,
  removeFunction,
} from './names.ts'
import { projection } from './projection.ts'
import { hasKey, identityOf, keyExpressions } from './rows.ts'
import type { Statement } from './statement.ts'

/** Few enough that a writer who meets one of these rows waits a moment only. */
const ONE_BY_ONE = 50

/**
 * The applier of one table: takes keys from the outbox and applies each, from what is committed, under
 * the same lock as everybody. What can't be applied because of the data itself (classes 22, 23, and 54: too long for an index) goes
 * into the journal, and its row leaves the new table: a stale row would be acted upon. Whatever may
 * pass (locks, missing objects, no space) waits and is tried again.
 *
 * Where there is no new row, there is none to lock: somebody may at this moment make what the applier found
 * missing, or mend what it found wrong. So «no row» and «into the journal» are looked at a second time,
 * when every transaction of the first look has ended.
 */
export function drainStatement(t: TargetMapping): Statement {
  const key = keyFromText(t, raw('crossfade_item.key'))
  const target = literal(t.name)
  const item = sql`o.target = ${target} AND o.id = crossfade_item.id`
  const body = sql`
#variable_conflict use_column
DECLARE
  crossfade_item record;${t.uniques.length === 0 ? raw('') : raw('\n  crossfade_refused record;')}
  crossfade_result text;
  crossfade_state text;
  crossfade_message text;
  crossfade_constraint text;
  -- What a row waits for: a parent, or the key that has a value of its own; as text[].
  crossfade_waits text;
  crossfade_patience text := '50ms';
  crossfade_ignored text;
  crossfade_settled xid8;
  crossfade_second boolean;
  crossfade_absorbed boolean := false;
  crossfade_many bigint[] := ${applyManyFunction(t)}($1);
  crossfade_done integer := crossfade_many[1];
BEGIN
  FOR crossfade_item IN
    SELECT o.id, o.key, o.source, o.link, o.settled, o.attempts
      FROM crossfade.due(${target}, least($1, ${raw(String(ONE_BY_ONE))}), false, crossfade_many[2]) AS o
  LOOP
    IF crossfade_absorbed AND NOT EXISTS (SELECT FROM crossfade.outbox AS o WHERE ${item}) THEN
      crossfade_done := crossfade_done + 1;
      CONTINUE;
    END IF;
    IF crossfade_item.settled IS NULL AND (crossfade_item.source IS NULL OR crossfade_item.link IS NOT NULL) THEN
      -- One look does for all that ask for it now: a thousand rows with one link would each have a thousand looked at.
      DELETE FROM crossfade.outbox WHERE target = ${target} AND id IN (
        SELECT o.id FROM crossfade.outbox AS o
         WHERE o.target = ${target} AND o.key = crossfade_item.key AND o.id <> crossfade_item.id AND o.settled IS NULL
           AND o.source IS NOT DISTINCT FROM crossfade_item.source AND o.link IS NOT DISTINCT FROM crossfade_item.link
           FOR UPDATE SKIP LOCKED);
      crossfade_absorbed := crossfade_absorbed OR FOUND;
    END IF;
    -- Asked before the look itself: what ends while it lasts may not be in it. Null at the first look.
    -- What the first look wrote into the journal nobody could see before its end: who is to find it there, and has
    -- begun since, is waited for, too. So the transactions are those older than that of the look that follows ('0');
    -- pg_snapshot_xmax would not name them: it follows the youngest that has ended, and what runs may be younger.
    crossfade_settled := CASE WHEN crossfade_item.settled = '0' THEN pg_current_xact_id() ELSE crossfade_item.settled END;
    crossfade_second := NOT crossfade.has_writer_before(crossfade_settled, ARRAY[${bases(t)}]);
    crossfade_ignored := set_config('lock_timeout', crossfade_patience, true);
    BEGIN
      crossfade_waits := NULL;
      IF crossfade_item.link IS NOT NULL THEN
        crossfade_result := 'linked';${join(
          linksOf(t).map((linked) => relinked(t, linked)),
          '',
        )}
      ELSIF crossfade_item.source IS NOT NULL THEN
        crossfade_result := 'noted';${join(
          t.sources.map((s) => noteKeyless(t, s)),
          '',
        )}${lookAgain(t)}
      ELSIF crossfade_item.key = '{}' THEN
        crossfade_result := 'spread';
        IF crossfade_item.settled IS NULL OR crossfade_second THEN
        ${spread(t)}
        END IF;
      ELSE
        IF crossfade_second THEN
          -- Who takes the entry out of the journal right now has made the row, and is waited for: this look is the last.
          PERFORM FROM crossfade.journal AS j WHERE j.target = ${target} AND j.key = crossfade_item.key FOR UPDATE;
        END IF;
        crossfade_result := ${applyCall(t, key, 'free')};
        IF crossfade_result IN ('inserted', 'updated') THEN
          DELETE FROM crossfade.journal AS j WHERE j.target = ${target} AND j.key = crossfade_item.key;
        END IF;
      END IF;
    EXCEPTION
      WHEN data_exception OR integrity_constraint_violation OR program_limit_exceeded THEN
        crossfade_result := 'wrong';
        GET STACKED DIAGNOSTICS crossfade_state = RETURNED_SQLSTATE, crossfade_message = MESSAGE_TEXT,
                                crossfade_constraint = CONSTRAINT_NAME, crossfade_waits = PG_EXCEPTION_DETAIL;
        IF crossfade_constraint NOT IN ('crossfade_parent', 'crossfade_unique') THEN
          crossfade_waits := NULL;
        END IF;
      WHEN feature_not_supported THEN
        -- A plan that a changed column has made old passes; a value that a cast has no place for (NaN, as an integer) stays.
        crossfade_result := CASE WHEN crossfade_item.attempts < 3 THEN 'later' ELSE 'wrong' END;
        GET STACKED DIAGNOSTICS crossfade_state = RETURNED_SQLSTATE, crossfade_message = MESSAGE_TEXT;
      WHEN OTHERS THEN
        crossfade_result := 'later';
        GET STACKED DIAGNOSTICS crossfade_state = RETURNED_SQLSTATE, crossfade_message = MESSAGE_TEXT;
    END;
    IF crossfade_result = 'wrong' AND crossfade_item.source IS NULL AND crossfade_item.key <> '{}' THEN
      BEGIN
        PERFORM crossfade.journal_key(${target}, crossfade_item.key, crossfade_state, crossfade_message, crossfade_waits);
        PERFORM ${removeFunction(t)}(${join(key)});${beatAllTheSame(t, key)}
        crossfade_result := 'journaled';
      EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS crossfade_state = RETURNED_SQLSTATE, crossfade_message = MESSAGE_TEXT;
      END;
    END IF;

    -- The outbox's own rows are held already, and its room on the disk is worth waiting for.
    crossfade_ignored := set_config('lock_timeout', '0', true);
    IF crossfade_result IN ('wrong', 'later') THEN
      IF crossfade_state = '55P03' THEN
        -- Whoever waits for a row of this batch has waited long enough for those of others.
        crossfade_patience := '1ms';
      END IF;
      UPDATE crossfade.outbox AS o
         SET attempts = o.attempts + 1, sqlstate = crossfade_state, message = crossfade_message,
             not_before = clock_timestamp() + least(30, 0.02 * 2 ^ least(o.attempts, 11)) * interval '1 second'
       WHERE ${item};
    ELSIF crossfade_result NOT IN ('absent', 'journaled'${linksOf(t).length === 0 ? raw('') : raw(", 'spread'")}) OR crossfade_second THEN
      DELETE FROM crossfade.outbox AS o WHERE ${item};
      crossfade_done := crossfade_done + 1;
    ELSE
      UPDATE crossfade.outbox AS o
         SET settled = coalesce(crossfade_settled, '0'),
             not_before = CASE WHEN o.settled IS NULL THEN o.not_before ELSE clock_timestamp() + interval '50 milliseconds' END
       WHERE ${item};
      IF crossfade_item.settled IS NULL THEN
        crossfade_done := crossfade_done + 1;
      END IF;
    END IF;
  END LOOP;
  RETURN crossfade_done;
END`
  const name = drainFunction(t)
  return functionStatement({
    id: `drain:${t.name}`,
    name,
    arguments: raw('integer'),
    returns: raw('integer'),
    body,
    entry: true,
    lockTimeoutMs: 50,
    comment: `Crossfade: applies up to so many keys of the outbox to ${display(t.relation)}`,
    why: `applies what waits in the outbox for ${display(t.relation)}`,
  })
}

/** Who has a unique value that this row wins, and now can't take. What can't be computed at all wins nothing. */
function beatAllTheSame(t: TargetMapping, key: Sql[]): Sql {
  if (t.uniques.length === 0) return raw('')
  return sql`
        BEGIN
          FOR crossfade_refused IN ${projection(t, { kind: 'one', values: key })} LOOP${enqueueBeaten(t, 'crossfade_refused', key)}
          END LOOP;
        EXCEPTION WHEN data_exception THEN
          NULL;
        END;`
}

/** The entry first, since it is what two appliers of one old row lock; then whether it is due. */
function noteKeyless(t: TargetMapping, s: SourceMapping): Sql {
  if (s.otherwise === 'omit') return raw('')
  const [target, source] = [literal(t.name), literal(s.relation.name)]
  const entry = sql`j.target = ${target} AND j.source = ${source} AND j.old_key = crossfade_item.key`
  return sql`
        IF crossfade_item.source = ${source} THEN
          PERFORM crossfade.journal_keyless(${target}, ${source}, crossfade_item.key);
          PERFORM FROM crossfade.journal AS j WHERE ${entry} FOR UPDATE;
          IF NOT EXISTS (SELECT ${keylessRows(s)}
                            AND ROW(${join(identityOf(s))}) = ROW(${identityFromText(s)})) THEN
            DELETE FROM crossfade.journal AS j WHERE ${entry};${
              keyLink(s) === null
                ? raw('')
                : sql`${foundKey(t, s)}
          ELSE
            -- Its partner may be on the way, and did not see this entry.
            crossfade_result := 'journaled';`
            }
          END IF;
        END IF;`
}

/** A row that was without a key has found one through its link. */
function foundKey(t: TargetMapping, s: SourceMapping): Sql {
  return sql`
            INSERT INTO crossfade.outbox (target, key)
            SELECT ${literal(t.name)}, ${keyText(t, keyExpressions(s))} FROM ${from(s)}
             WHERE ${kept(s)}${hasKey(s)} AND ROW(${join(identityOf(s))}) = ROW(${identityFromText(s)});`
}

/** The rows of one link value: whoever writes the other side of it has ended, since this takes his lock. */
function relinked(t: TargetMapping, { s, link, index }: ReturnType<typeof linksOf>[number]): Sql {
  const arms = link.steps.map((step, at) => {
    const value = sql`(crossfade_item.key[1])::${raw(step.type)}`
    const further =
      link.steps.length < 2 || at > 0
        ? raw('')
        : sql`
          PERFORM crossfade.lock_links(${furtherLocks(link, raw(''), value)}, false);`
    return sql`
        IF crossfade_item.source = ${literal(s.relation.name)} AND crossfade_item.link = ${linkPlace(index, at)} THEN
          PERFORM crossfade.lock_links(ARRAY[${lockName(step, raw('crossfade_item.key[1]'))}], true);${further}
          PERFORM ${relinkFunction(t, s, index, at)}(crossfade_item.key);
        END IF;`
  })
  return join(arms, '')
}

/**
 * Every key that either side knows, and every row without one. One such item does for all that are there. With links it
 * is done twice: a partner's change that failed holds no lock on the link, and whoever writes a linked row may not see it.
 */
function spread(t: TargetMapping): Sql {
  const target = literal(t.name)
  const keys = [
    ...t.sources.map((s) => sql`SELECT ${keyText(t, keyExpressions(s))} FROM ${from(s)} WHERE ${kept(s)}${hasKey(s)}`),
    sql`SELECT ${keyText(t, keyOf(t, 'l'))} FROM ${lineageTable(t)} AS l`,
    ...(t.kind === 'merge' ? [sql`SELECT ${keyText(t, keyOf(t, 't'))} FROM ${relation(t.relation)} AS t`] : []),
    sql`SELECT j.key FROM crossfade.journal AS j WHERE j.target = ${target} AND j.key IS NOT NULL`,
  ]
  const keyless = [
    ...t.sources
      .filter((s) => s.otherwise === 'journal')
      .map((s) => sql`SELECT ${literal(s.relation.name)}, ${keyAsText(identityOf(s))} ${keylessRows(s)}`),
    sql`SELECT j.source, j.old_key FROM crossfade.journal AS j WHERE j.target = ${target} AND j.source IS NOT NULL`,
  ]
  const all = sql`FROM crossfade.outbox AS o WHERE o.target = ${target} AND o.key = '{}' AND o.source IS NULL`
  return sql`IF EXISTS (SELECT ${all} AND o.id = crossfade_item.id) THEN
          INSERT INTO crossfade.outbox (target, key)
          SELECT ${target}, u.key FROM (${join(keys, '\n            UNION ')}) AS u (key);
          INSERT INTO crossfade.outbox (target, source, key)
          SELECT ${target}, u.source, u.key FROM (${join(keyless, '\n            UNION ')}) AS u (source, key);
          ${
            linksOf(t).length === 0
              ? sql`DELETE FROM crossfade.outbox WHERE target = ${target} AND id IN (SELECT o.id ${all} FOR UPDATE SKIP LOCKED);`
              : sql`IF NOT coalesce(crossfade_second, false) THEN
            DELETE FROM crossfade.outbox WHERE target = ${target} AND id IN (SELECT o.id ${all} AND o.id <> crossfade_item.id FOR UPDATE SKIP LOCKED);
          END IF;`
          }
        END IF;`
}

function bases(t: TargetMapping): Sql {
  const tables = [...tablesUnder(t), ...t.parents.map((parent) => parent.relation)]
  // A table that is gone for now is no error here: what needs it fails on its own, and is tried again.
  return join(
    [...new Set(tables.map((table) => relation(table).text))].map((name) => sql`to_regclass(${literal(name)})`),
  )
}

function from(s: SourceMapping): Sql {
  return sql`${relation(s.relation)} AS ${ident(s.relation.name)}`
}

function kept(s: SourceMapping): Sql {
  return s.where === null ? raw('') : sql`(${raw(s.where)}) AND `
}

function keylessRows(s: SourceMapping): Sql {
  return sql`FROM ${from(s)} WHERE ${kept(s)}NOT (${hasKey(s)})`
}

function identityFromText(s: SourceMapping): Sql {
  return join(s.identity.map((column, i) => sql`(crossfade_item.key)[${i + 1}]::${raw(column.type)}`))
}

/** One call of the applier; `$1` is how many keys at most. Returns `drained`. */
export function drainCall(t: TargetMapping): Sql {
  // How long it took, without the network; OFFSET keeps the function from being called after the clock is read.
  return sql`SELECT d.drained, (extract(epoch FROM clock_timestamp() - statement_timestamp()) * 1000)::float8 AS "tookMs"
  FROM (SELECT ${drainFunction(t)}($1) AS drained OFFSET 0) AS d`
}
