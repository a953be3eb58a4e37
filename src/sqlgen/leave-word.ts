import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { ChildRule, TargetMapping, UniqueRule } from '../spec/mapping.ts'
import { columnText } from './keys.ts'
import { isOther } from './wake.ts'

/**
 * A native write whose transaction isn't READ COMMITTED may not see what its change concerns, where that was committed
 * since its snapshot: children, children that wait, losers, and old rows under its own key. So it leaves word in the
 * outbox, and the applier looks for them: with the source '' those who have a value, else the key itself.
 */
export function leaveWord(t: TargetMapping): Sql {
  const children = wordsForChildren(t).map(
    ({ child, word }) => sql`
    IF TG_OP = 'DELETE' THEN
      ${word('OLD')}
    ELSIF TG_OP = 'INSERT' THEN
      ${word('NEW')}
    ELSIF ${isOther(child.referenced, 'OLD', 'NEW')} THEN
      ${word('OLD')}
      ${word('NEW')}
    END IF;`,
  )
  const uniques = t.uniques.map(
    (rule, i) => sql`
    IF TG_OP = 'DELETE' THEN
      ${wordForLosers(t, rule, i, 'OLD')}
    ELSIF TG_OP = 'UPDATE' THEN
      IF ${isOther(rule.columns, 'OLD', 'NEW')} THEN
        ${wordForLosers(t, rule, i, 'OLD')}
      END IF;
    END IF;`,
  )
  const own = sql`
    INSERT INTO crossfade.outbox (target, key) VALUES (${literal(t.name)}, crossfade_key);`
  return inOldSnapshot([...children, ...uniques, ...(hasOneOldRow(t) ? [] : [own])])
}

/** The same for another row, of the record `gone`, that such a write takes away, since it wins a unique value from it. */
export function leaveWordOfGone(t: TargetMapping, gone: string): Sql {
  return inOldSnapshot([
    ...wordsForChildren(t).map(({ word }) => sql`\n      ${word(gone)}`),
    ...t.uniques.map((rule, i) => sql`\n      ${wordForLosers(t, rule, i, gone)}`),
  ])
}

function inOldSnapshot(parts: readonly Sql[]): Sql {
  if (parts.length === 0) return raw('')
  return sql`
  IF current_setting('transaction_isolation') <> 'read committed' THEN${join(parts, '')}
  END IF;`
}

/** That old row is written, so whoever else has written it since the snapshot is met there. */
function hasOneOldRow(t: TargetMapping): boolean {
  const [source] = t.sources
  return t.sources.length === 1 && source?.unique === true && source.viewQuery === null && source.links.length === 0
}

/** Each set of columns by which a table references this one, once; `word` says it for a record's values. */
function wordsForChildren(t: TargetMapping): { child: ChildRule; word: (record: string) => Sql }[] {
  const said = (child: ChildRule, record: string): Sql => {
    const values = child.referenced.map((name) => columnText(t, name, sql`${raw(record)}.${ident(name)}`))
    return sql`INSERT INTO crossfade.outbox (target, source, key) VALUES (${literal(child.name)}, '', ARRAY[${literal(t.relation.name)}, ${literal(child.columns.join(', '))}, ${join(values)}]);`
  }
  const each = new Map(t.children.map((child) => [said(child, 'OLD').text, child]))
  return [...each.values()].map((child) => ({ child, word: (record) => said(child, record) }))
}

function wordForLosers(t: TargetMapping, rule: UniqueRule, index: number, record: string): Sql {
  const values = rule.columns.map((name) => columnText(t, name, sql`${raw(record)}.${ident(name)}`))
  return sql`INSERT INTO crossfade.outbox (target, source, key) VALUES (${literal(t.name)}, '', ARRAY['', ${literal(String(index))}, ${join(values)}]);`
}
