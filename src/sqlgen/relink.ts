import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { Link, Mapping, SourceMapping, TargetMapping } from '../spec/mapping.ts'
import { createFunction, silenceFunction } from './function.ts'
import { keyAsText, keyText } from './keys.ts'
import { linkIsAmong, linksOf, linkText, lockName, resolveFrom, stepAt } from './links.ts'
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
import { identityOf, keyExpressions } from './rows.ts'
import type { Statement } from './statement.ts'

/**
 * Links kept right: when a row of the table that gives keys (or values) comes, changes or goes, the rows that are
 * linked to it are computed again. `relink_…(values)` does it for all rows with these link values; a trigger on each
 * table on the way calls it, under a lock on the values that excludes writers of linked rows.
 */
export function relinkStatements(t: TargetMapping): Statement[] {
  return linksOf(t).map(({ s, link, index }) => {
    const name = relinkFunction(t, s, index)
    return {
      id: `relink:${display(s.relation)}:${t.name}:${index + 1}`,
      sql: createFunction({
        name,
        arguments: raw('text[]'),
        returns: raw('void'),
        body: relinkBody(t, s, link),
        entry: false,
        comment: `Crossfade: computes rows of ${display(t.relation)} again that rows of ${display(s.relation)} with these links feed`,
      }),
      undo: sql`DROP FUNCTION IF EXISTS ${name}(text[])`,
      lock: { mode: 'none', on: null },
      transactional: true,
      why: `finds the rows that a change of ${display(stepAt(link, 0).relation)} concerns`,
    }
  })
}

export function linkTriggerStatements(m: Mapping, t: TargetMapping): Statement[] {
  const links = linksOf(t).flatMap(({ s, link, index }) =>
    link.steps.flatMap((step, at) => {
      const name = linkFunction(t, s, index, at)
      const trigger = linkTrigger(t, s, index, at)
      const table = relation(step.relation)
      const what = `${display(step.relation)}:${t.name}:${s.relation.name}:${index + 1}`
      return [
        {
          id: `link-function:${what}`,
          sql: createFunction({
            name,
            returns: raw('trigger'),
            body: linkBody(m, t, s, link, index, at),
            entry: true,
            lockTimeoutMs: m.budgetMs,
            comment: `Crossfade: brings a write to ${display(step.relation)} to rows of ${display(s.relation)} that are linked to it`,
          }),
          undo: sql`DROP FUNCTION IF EXISTS ${name}() CASCADE`,
          silence: silenceFunction(name),
          lock: { mode: 'none' as const, on: null },
          transactional: true,
          why: `rows of ${display(s.relation)} find what they feed through ${display(step.relation)}`,
        },
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
    {
      id: `unlinked-function:${t.name}`,
      sql: createFunction({
        name,
        returns: raw('trigger'),
        body: sql`
BEGIN
  PERFORM crossfade.enqueue(${literal(t.name)}, '{}', NULL, NULL);
  RETURN NULL;
END`,
        entry: true,
        comment: `Crossfade: has all of ${display(t.relation)} computed again when a table that gives it keys is truncated`,
      }),
      undo: sql`DROP FUNCTION IF EXISTS ${name}() CASCADE`,
      silence: silenceFunction(name),
      lock: { mode: 'none', on: null },
      transactional: true,
      why: "row triggers don't fire for TRUNCATE",
    },
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

/** Generated keys first: they let go of rows that found a partner, and of the unique values of those. */
function relinkBody(t: TargetMapping, s: SourceMapping, link: Link): Sql {
  const rows = sql`FROM ${relation(s.relation)} AS ${ident(s.relation.name)} WHERE ${linkIsAmong(link, raw('$1'))}`
  const names = t.key.map((_, i) => ident(`crossfade_key_${i + 1}`))
  const step = stepAt(link, 0)
  const isKey = link.column === null
  const arms = [
    sql`SELECT 1, ${join(keyExpressions(s))} ${rows}`,
    ...(isKey && link.generated ? [sql`SELECT 0, ${join(link.generated.map((text) => raw(text)))} ${rows}`] : []),
    ...(isKey
      ? [
          sql`SELECT 1, ${join(link.take.map((take) => raw(take)))} FROM ${onTheWay(link)} WHERE ${raw(step.to)} = ANY (($1)::${raw(step.type)}[])`,
        ]
      : []),
  ]
  const there = join(
    names.map((name) => sql`k.${name} IS NOT NULL`),
    ' AND ',
  )
  const missing = join(
    keyExpressions(s).map((key) => sql`(${key}) IS NULL`),
    ' OR ',
  )
  const identity = keyAsText(identityOf(s))
  const journaled = sql`EXISTS (SELECT FROM crossfade.journal AS j WHERE j.target = ${literal(t.name)} AND j.source = ${literal(s.relation.name)} AND j.old_key = ${identity})`
  const keyless =
    !isKey || s.otherwise === 'omit'
      ? raw('')
      : sql`
  INSERT INTO crossfade.outbox (target, source, key)
  SELECT ${literal(t.name)}, ${literal(s.relation.name)}, ${identity} ${rows} AND ((${missing}) OR ${journaled});`
  return sql`
#variable_conflict use_column
DECLARE
  crossfade_touched record;
BEGIN
  FOR crossfade_touched IN
    SELECT k.* FROM (
      ${join(arms, '\n      UNION\n      ')}
    ) AS k (place, ${join(names)}) WHERE ${there} ORDER BY k.place, ${join(names.map((name) => sql`k.${name}`))}
  LOOP
    PERFORM ${touchFunction(t)}(${join(names.map((name) => sql`crossfade_touched.${name}`))});
  END LOOP;${keyless}
END`
}

/** All rows that these links lead to, not only the ones that count: the former winner loses what the new one gets. */
function onTheWay(link: Link): Sql {
  return link.steps
    .slice(1)
    .reduce(
      (from, step) =>
        sql`${from} JOIN ${relation(step.relation)} AS ${ident(step.alias)} ON ${raw(step.to)} = ${raw(step.link)}`,
      sql`${relation(stepAt(link, 0).relation)} AS ${ident(stepAt(link, 0).alias)}`,
    )
}

function linkBody(m: Mapping, t: TargetMapping, s: SourceMapping, link: Link, index: number, at: number): Sql {
  const step = stepAt(link, at)
  const alias = ident(step.alias)
  const row = (record: 'OLD' | 'NEW'): Sql => sql`(SELECT ${raw(record)}.*) AS ${alias}`
  const value = linkText(step, raw(step.to))
  const uses = (record: string): Sql => join(step.uses.map((column) => sql`${raw(record)}.${ident(column)}`))
  const isKey = link.column === null
  const before = t.key.map((_, i) => ident(`crossfade_before_${i + 1}`))
  const [first] = link.steps
  // The source's link values: of this row itself, or of the rows on the way to it.
  const firstValues =
    at === 0 || first === undefined
      ? sql`crossfade_links := crossfade_values;`
      : sql`SELECT coalesce(array_agg(DISTINCT ${linkText(first, raw(first.to))}), '{}') INTO crossfade_links
    FROM ${relation(first.relation)} AS ${ident(first.alias)} WHERE ${raw(step.link)} = ANY ((crossfade_values)::${raw(step.type)}[]);`
  const next = link.steps[at + 1]
  const nextNames = next
    ? sql`

  IF TG_OP <> 'DELETE' THEN
    SELECT coalesce(array_agg(u.name), '{}') INTO crossfade_names FROM (
      SELECT ${lockName(next, linkText(next, raw(next.link)))} FROM ${row('NEW')}) AS u (name) WHERE u.name IS NOT NULL;
    crossfade_locked := crossfade_locked AND crossfade.try_lock_links(crossfade_names, false, ${m.budgetMs});
  END IF;`
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
  const touchBefore = withBefore(sql`PERFORM ${touchFunction(t)}(${join(before)});`)
  // Not now: whoever holds the lock may be about to write this key with what he still sees.
  const enqueueBefore = withBefore(
    sql`PERFORM crossfade.enqueue(${literal(t.name)}, ${keyText(t, before)}, NULL, NULL);`,
  )
  const readBefore = isKey
    ? sql`
    SELECT ${join(resolveFrom(link, at))} INTO ${join(before)} FROM ${row('OLD')};`
    : raw('')
  return sql`
#variable_conflict use_column
DECLARE
  ${join(
    t.key.map((key, i) => sql`${before[i] ?? raw('')} ${raw(key.type)};`),
    '\n  ',
  )}
  crossfade_values text[] := '{}';
  crossfade_links text[];
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
  crossfade_locked := crossfade.try_lock_links(crossfade_names, true, ${m.budgetMs});${nextNames}
  ${firstValues}
  IF TG_OP <> 'INSERT' THEN${readBefore}
    NULL;
  END IF;
  IF NOT crossfade_locked THEN
    PERFORM crossfade.enqueue_links(${literal(t.name)}, ${literal(s.relation.name)}, ${index}, crossfade_links);${enqueueBefore}
    RETURN NULL;
  END IF;
  IF NOT EXISTS (SELECT FROM ${relation(s.relation)} AS ${ident(s.relation.name)} WHERE ${linkIsAmong(link, raw('crossfade_links'))}) THEN
    RETURN NULL;
  END IF;
  PERFORM ${relinkFunction(t, s, index)}(crossfade_links);${touchBefore}
  RETURN NULL;
EXCEPTION WHEN OTHERS THEN
  -- The table is not what it was.
  PERFORM crossfade.enqueue(${literal(t.name)}, '{}', SQLSTATE, SQLERRM);
  RETURN NULL;
END`
}
