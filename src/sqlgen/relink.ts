import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { Link, Mapping, SourceMapping, TargetMapping } from '../spec/mapping.ts'
import { functionStatement } from './function.ts'
import { keyAsText, keyText } from './keys.ts'
import { firstLinks, linkIsAmong, linksOf, stepAt } from './links.ts'
import { display, relation, relinkFunction, touchFunction } from './names.ts'
import { identityOf, keyExpressions } from './rows.ts'
import type { Statement } from './statement.ts'

/**
 * `relink_…(values)` computes again what all rows with these link values feed. For the second step of a chain there is
 * another of its kind, whose values are those by which rows of the first table are linked to the second.
 */
export function relinkStatements(m: Mapping, t: TargetMapping): Statement[] {
  return linksOf(t).flatMap(({ s, link, index }) =>
    link.steps.map((step, at) => {
      const name = relinkFunction(t, s, index, at)
      return functionStatement({
        id: `relink:${display(s.relation)}:${t.name}:${index + 1}${at === 0 ? '' : `:${at + 1}`}`,
        name,
        arguments: raw('text[]'),
        returns: raw('void'),
        body: at === 0 ? relinkBody(m, t, s, link) : relinkThroughBody(t, s, link, index),
        entry: false,
        comment: `Crossfade: computes rows of ${display(t.relation)} again that rows of ${display(s.relation)} with these links feed`,
        why: `finds the rows that a change of ${display(step.relation)} concerns`,
      })
    }),
  )
}

/** Generated keys first: they let go of rows that found a partner, and of the unique values of those. */
function relinkBody(m: Mapping, t: TargetMapping, s: SourceMapping, link: Link): Sql {
  const rows = linkedRows(s, link, raw('$1'))
  const names = touchedKeys(t)
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
  // A linked column that may not stay without a partner decides, too, whether a row is left out or has to have a key.
  const decides = isKey || (t.kind === 'merge' && s.where !== null)
  const keyless =
    !decides || s.otherwise === 'omit'
      ? raw('')
      : sql`
  INSERT INTO crossfade.outbox (target, source, key)
  SELECT ${literal(t.name)}, ${literal(s.relation.name)}, ${identity} ${rows} AND ((${missing}) OR ${journaled});`
  const keys = names.map((name) => sql`k.${name}`)
  const found = sql`FROM (
      ${join(arms, '\n      UNION\n      ')}
    ) AS k (place, ${join(names)}) WHERE ${there} ORDER BY k.place, ${join(keys)}`
  return sql`
#variable_conflict use_column
DECLARE
  crossfade_touched record;
BEGIN
  IF ${isMany(m, rows)} THEN
    -- One by one they would take too long, and past ${m.inlineWrites} none would be applied here anyhow.
    INSERT INTO crossfade.outbox (target, key) SELECT ${literal(t.name)}, ${keyText(t, keys)} ${found};
  ELSE
  FOR crossfade_touched IN
    SELECT k.* ${found}
  LOOP
    PERFORM ${touchFunction(t)}(${join(names.map((name) => sql`crossfade_touched.${name}`))});
  END LOOP;
  END IF;${keyless}
END`
}

/** From the second table of a chain; also what its own rows give, to which no row of the first may lead any more. */
function relinkThroughBody(t: TargetMapping, s: SourceMapping, link: Link, index: number): Sql {
  const names = touchedKeys(t)
  const step = stepAt(link, 1)
  const given = sql`SELECT DISTINCT ${join(link.take.map((take, i) => sql`${raw(take)} AS ${names[i] ?? raw('')}`))} FROM ${relation(step.relation)} AS ${ident(step.alias)} WHERE ${raw(step.to)} = ANY (($1)::${raw(step.type)}[])`
  const there = join(
    names.map((name) => sql`k.${name} IS NOT NULL`),
    ' AND ',
  )
  const own =
    link.column !== null
      ? raw('')
      : sql`
  FOR crossfade_touched IN
    SELECT k.* FROM (${given}) AS k WHERE ${there} ORDER BY ${join(names.map((name) => sql`k.${name}`))}
  LOOP
    PERFORM ${touchFunction(t)}(${join(names.map((name) => sql`crossfade_touched.${name}`))});
  END LOOP;`
  return sql`
#variable_conflict use_column
DECLARE
  crossfade_links text[];
  crossfade_touched record;
BEGIN
  crossfade_links := ${firstLinks(link, raw('$1'))};
  PERFORM ${relinkFunction(t, s, index, 0)}(crossfade_links);${own}
END`
}

/** FROM and WHERE of the rows of a source that have one of these link values. */
export function linkedRows(s: SourceMapping, link: Link, values: Sql): Sql {
  return sql`FROM ${relation(s.relation)} AS ${ident(s.relation.name)} WHERE ${linkIsAmong(link, values)}`
}

/** There are more of these rows than one transaction of the application computes by itself. */
export function isMany(m: Mapping, rows: Sql): Sql {
  return sql`(SELECT count(*) FROM (SELECT 1 ${rows} LIMIT ${raw(String(m.inlineWrites + 1))}) AS crossfade_some) > ${raw(String(m.inlineWrites))}`
}

function touchedKeys(t: TargetMapping): Sql[] {
  return t.key.map((_, i) => ident(`crossfade_key_${i + 1}`))
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
