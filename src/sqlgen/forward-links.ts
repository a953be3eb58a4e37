import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { Link, Mapping, SourceMapping, TargetMapping } from '../spec/mapping.ts'
import { keyText } from './keys.ts'
import { furtherLocks, keyLink, linkPlace, linkText, lockName, stepAt } from './links.ts'

/** Parts of the body of a forward trigger (`forward.ts`) that are about the links of its row. */

/** The row of a trigger as a relation in the shape that the mapping's expressions are written for. */
export function triggerRow(s: SourceMapping, record: 'OLD' | 'NEW' | '($1)'): Sql {
  const alias = ident(s.relation.name)
  if (s.viewQuery === null) return sql`(SELECT ${raw(record)}.*) AS ${alias}`
  // The view's query reads its base table by its bare name, which the CTE takes the place of.
  return sql`(WITH ${ident(s.base.name)} AS (SELECT ${raw(record)}.*) ${raw(s.viewQuery)}) AS ${alias}`
}

/** Shared locks on what links this row, before and after, so that the keys below are not about to change. */
export function lockLinks(m: Mapping, s: SourceMapping): Sql {
  const names = (record: 'OLD' | 'NEW'): Sql => {
    const first = s.links.map((link) => {
      const step = stepAt(link, 0)
      return lockName(step, linkText(step, raw(step.link)))
    })
    // Of a row that isn't in the view there is nothing, and what was collected stays.
    return sql`crossfade_names := crossfade_names || ARRAY(SELECT unnest(ARRAY[${join(first)}]) FROM ${triggerRow(s, record)});`
  }
  const further = s.links.flatMap((link) => {
    if (link.steps.length < 2) return []
    const names = (record: 'OLD' | 'NEW'): Sql =>
      sql`crossfade_names := crossfade_names || ${furtherLocks(link, sql`${triggerRow(s, record)}, `, raw(stepAt(link, 0).link))};`
    return [
      sql`
    IF TG_OP <> 'INSERT' THEN
      ${names('OLD')}
    END IF;
    IF TG_OP <> 'DELETE' THEN
      ${names('NEW')}
    END IF;`,
    ]
  })
  const lock = sql`
    crossfade_names := ARRAY(SELECT DISTINCT u.name FROM unnest(crossfade_names) AS u (name) WHERE u.name IS NOT NULL);
    crossfade_locked := crossfade_locked AND crossfade.try_lock_links(crossfade_names, false, ${m.budgetMs});`
  return sql`
    IF TG_OP <> 'INSERT' THEN
      ${names('OLD')}
    END IF;
    IF TG_OP <> 'DELETE' THEN
      ${names('NEW')}
    END IF;${lock}${
      further.length === 0
        ? raw('')
        : sql`
    crossfade_names := '{}';${join(further, '')}${lock}`
    }`
}

/** Without those locks: the applier takes them, and looks at this row's links and keys then. */
export function leaveToOutbox(t: TargetMapping, s: SourceMapping, before: Sql[], after: Sql[]): Sql {
  const values = (link: Link, record: 'OLD' | 'NEW'): Sql => {
    const step = stepAt(link, 0)
    return sql`crossfade_values := crossfade_values || ARRAY(SELECT ${linkText(step, raw(step.link))} FROM ${triggerRow(s, record)});`
  }
  const generated = keyLink(s)?.generated?.map((text) => raw(text))
  // Who holds the lock may have given the row this key, which nothing tells any more when the row has gone.
  const former = generated
    ? sql`
    IF TG_OP <> 'INSERT' THEN
      INSERT INTO crossfade.outbox (target, key)
      SELECT ${literal(t.name)}, ${keyText(t, generated)} FROM ${triggerRow(s, 'OLD')} WHERE ${generated[0] ?? raw('')} IS NOT NULL;
    END IF;`
    : raw('')
  const links = s.links.map(
    (link, index) => sql`
    crossfade_values := '{}';
    IF TG_OP <> 'INSERT' THEN
      ${values(link, 'OLD')}
    END IF;
    IF TG_OP <> 'DELETE' THEN
      ${values(link, 'NEW')}
    END IF;
    PERFORM crossfade.enqueue_links(${literal(t.name)}, ${literal(s.relation.name)}, ${linkPlace(index, 0)}, crossfade_values);`,
  )
  return sql`
  IF NOT crossfade_locked THEN${join(links, '')}${former}
    IF crossfade_was THEN
      PERFORM crossfade.enqueue(${literal(t.name)}, ${keyText(t, before)}, NULL, NULL);
    END IF;
    IF crossfade_is THEN
      PERFORM crossfade.enqueue(${literal(t.name)}, ${keyText(t, after)}, NULL, NULL);
    END IF;
    RETURN NULL;
  END IF;`
}
