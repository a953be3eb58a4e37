import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { Link, Mapping, SourceMapping, TargetMapping } from '../spec/mapping.ts'
import { functionStatement } from './function.ts'
import { keyText, variableType } from './keys.ts'
import { firstLinks, linkPlace, linksOf, linkText, lockName, resolveFrom, stepAt } from './links.ts'
import {
  display,
  linkFunction,
  linkTrigger,
  linkTruncateFunction,
  linkTruncateTrigger,
  relation,
  relinkFunction,
  touchFunction,
} from './names.ts'
import { isMany, linkedRows } from './relink.ts'
import type { Statement } from './statement.ts'

/**
 * Triggers on the tables that give keys (or values) to linked rows. When such a row comes, changes or goes, the rows that
 * are linked to it are computed again (`relink.ts`), under a lock on the values that excludes writers of linked rows.
 */
export function linkTriggerStatements(m: Mapping, t: TargetMapping): Statement[] {
  const links = linksOf(t).flatMap(({ s, link, index }) =>
    link.steps.flatMap((step, at) => {
      const name = linkFunction(t, s, index, at)
      const trigger = linkTrigger(t, s, index, at)
      const table = relation(step.relation)
      const what = `${display(step.relation)}:${t.name}:${s.relation.name}:${index + 1}`
      return [
        functionStatement({
          id: `link-function:${what}`,
          name,
          returns: raw('trigger'),
          body: linkBody(m, t, s, link, index, at),
          entry: true,
          lockTimeoutMs: m.budgetMs,
          comment: `Crossfade: brings a write to ${display(step.relation)} to rows of ${display(s.relation)} that are linked to it`,
          silenced: true,
          why: `rows of ${display(s.relation)} find what they feed through ${display(step.relation)}`,
        }),
        {
          id: `link-trigger:${what}`,
          sql: sql`CREATE TRIGGER ${trigger} AFTER INSERT OR UPDATE OR DELETE ON ${table}
  FOR EACH ROW EXECUTE FUNCTION ${name}();
COMMENT ON TRIGGER ${trigger} ON ${table} IS ${literal(`Crossfade: keeps rows of ${display(t.relation)} in step that are found through this table`)};
ALTER TABLE ${table} ENABLE ALWAYS TRIGGER ${trigger}`,
          undo: sql`DROP TRIGGER IF EXISTS ${trigger} ON ${table}`,
          lock: { mode: 'SHARE ROW EXCLUSIVE' as const, on: display(step.relation) },
          transactional: true,
          why: 'a partner that comes late, changes or goes changes what linked rows feed',
        },
      ]
    }),
  )
  return [...links, ...truncateStatements(t)]
}

/** A TRUNCATE of such a table concerns every linked row. */
function truncateStatements(t: TargetMapping): Statement[] {
  const tables = new Map(
    linksOf(t).flatMap(({ link }) => link.steps.map((step) => [display(step.relation), step.relation] as const)),
  )
  if (tables.size === 0) return []
  const name = linkTruncateFunction(t)
  const trigger = linkTruncateTrigger(t)
  return [
    functionStatement({
      id: `unlinked-function:${t.name}`,
      name,
      returns: raw('trigger'),
      body: sql`
BEGIN
  PERFORM crossfade.enqueue(${literal(t.name)}, '{}', NULL, NULL);
  RETURN NULL;
END`,
      entry: true,
      comment: `Crossfade: has all of ${display(t.relation)} computed again when a table that gives it keys is truncated`,
      silenced: true,
      why: "row triggers don't fire for TRUNCATE",
    }),
    ...[...tables.values()].map(
      (table): Statement => ({
        id: `unlinked-trigger:${display(table)}:${t.name}`,
        sql: sql`CREATE TRIGGER ${trigger} AFTER TRUNCATE ON ${relation(table)}
  FOR EACH STATEMENT EXECUTE FUNCTION ${name}();
ALTER TABLE ${relation(table)} ENABLE ALWAYS TRIGGER ${trigger}`,
        undo: sql`DROP TRIGGER IF EXISTS ${trigger} ON ${relation(table)}`,
        lock: { mode: 'SHARE ROW EXCLUSIVE', on: display(table) },
        transactional: true,
        why: "row triggers don't fire for TRUNCATE",
      }),
    ),
  ]
}

function linkBody(m: Mapping, t: TargetMapping, s: SourceMapping, link: Link, index: number, at: number): Sql {
  const step = stepAt(link, at)
  const alias = ident(step.alias)
  const row = (record: 'OLD' | 'NEW'): Sql => sql`(SELECT ${raw(record)}.*) AS ${alias}`
  const value = linkText(step, raw(step.to))
  const uses = (record: string): Sql => join(step.uses.map((column) => sql`${raw(record)}.${ident(column)}`))
  const isKey = link.column === null
  const before = t.key.map((_, i) => ident(`crossfade_before_${i + 1}`))
  // The source's link values: of this row itself, or of the rows on the way to it.
  const links = at === 0 ? raw('crossfade_values') : firstLinks(link, raw('crossfade_values'))
  const next = link.steps[at + 1]
  // Where this row leads, and where it led: whoever writes there may still see it on that way.
  const lockNext = next
    ? sql`
  IF TG_OP <> 'INSERT' THEN
    crossfade_next := ARRAY(SELECT ${linkText(next, raw(next.link))} FROM ${row('OLD')});
  END IF;
  IF TG_OP <> 'DELETE' THEN
    crossfade_next := crossfade_next || ARRAY(SELECT ${linkText(next, raw(next.link))} FROM ${row('NEW')});
  END IF;
  crossfade_names := ARRAY(SELECT DISTINCT ${lockName(next, raw('u.value'))} FROM unnest(crossfade_next) AS u (value) WHERE u.value IS NOT NULL);
  crossfade_locked := crossfade_locked AND ${t.mode === 'outbox' ? raw('false') : sql`crossfade.try_lock_links(crossfade_names, false, ${m.budgetMs})`};`
    : raw('')
  const there = join(
    before.map((key) => sql`${key} IS NOT NULL`),
    ' AND ',
  )
  const withBefore = (call: Sql): Sql =>
    isKey
      ? sql`
    IF ${there} THEN
      ${call}
    END IF;`
      : raw('')
  // Also where no row is linked any more: a cascade or a trigger may have taken it away when this row had gone.
  const touchBefore = withBefore(sql`PERFORM ${touchFunction(t)}(${join(before)});`)
  // Not now: whoever holds the lock may be about to write this key with what he still sees.
  const enqueueBefore = withBefore(
    sql`PERFORM crossfade.enqueue(${literal(t.name)}, ${keyText(t, before)}, NULL, NULL);`,
  )
  const readBefore = isKey
    ? sql`
    SELECT ${join(resolveFrom(link, at))} INTO ${join(before)} FROM ${row('OLD')};`
    : raw('')
  const leaveLinks = (place: number, values: Sql): Sql =>
    sql`PERFORM crossfade.enqueue_links(${literal(t.name)}, ${literal(s.relation.name)}, ${linkPlace(index, place)}, ${values});`
  const leave =
    at > 0
      ? leaveLinks(at, raw('crossfade_values'))
      : sql`${leaveLinks(0, raw('crossfade_links'))}${next ? sql`\n    ${leaveLinks(1, raw('crossfade_next'))}` : raw('')}`
  const rows = linkedRows(s, link, raw('crossfade_links'))
  return sql`
#variable_conflict use_column
DECLARE
  ${join(
    t.key.map((key, i) => sql`${before[i] ?? raw('')} ${variableType(key)};`),
    '\n  ',
  )}
  crossfade_values text[] := '{}';
  crossfade_links text[];
  crossfade_next text[] := '{}';
  crossfade_names text[];
  crossfade_locked boolean;
  crossfade_value text;
BEGIN
  IF TG_OP = 'UPDATE' AND record_image_eq(ROW(${uses('OLD')}), ROW(${uses('NEW')})) THEN
    RETURN NULL;
  END IF;
  IF TG_OP <> 'INSERT' THEN
    SELECT ${value} INTO crossfade_value FROM ${row('OLD')};
    crossfade_values := crossfade_values || crossfade_value;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    SELECT ${value} INTO crossfade_value FROM ${row('NEW')};
    crossfade_values := crossfade_values || crossfade_value;
  END IF;
  SELECT coalesce(array_agg(DISTINCT u.value), '{}'), coalesce(array_agg(DISTINCT ${lockName(step, raw('u.value'))}), '{}')
    INTO crossfade_values, crossfade_names FROM unnest(crossfade_values) AS u (value) WHERE u.value IS NOT NULL;
  IF cardinality(crossfade_values) = 0 THEN
    RETURN NULL;
  END IF;
  crossfade_locked := ${t.mode === 'outbox' ? raw('false') : sql`crossfade.try_lock_links(crossfade_names, true, ${m.budgetMs})`};${lockNext}
  crossfade_links := ${links};
  IF TG_OP <> 'INSERT' THEN${readBefore}
    NULL;
  END IF;
  IF NOT crossfade_locked THEN
    ${leave}${enqueueBefore}
    RETURN NULL;
  END IF;
  IF ${isMany(m, rows)} THEN
    ${leaveLinks(0, raw('crossfade_links'))}${enqueueBefore}
    RETURN NULL;
  END IF;
  IF EXISTS (SELECT ${rows}) THEN
    PERFORM ${relinkFunction(t, s, index, 0)}(crossfade_links);
  END IF;${touchBefore}
  RETURN NULL;
EXCEPTION WHEN OTHERS THEN
  -- The table is not what it was.
  PERFORM crossfade.enqueue(${literal(t.name)}, '{}', SQLSTATE, SQLERRM);
  RETURN NULL;
END`
}
