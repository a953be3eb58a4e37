import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { ChildRule, TargetMapping, UniqueRule } from '../spec/mapping.ts'
import { columnEquals, columnText, keyText, stored } from './keys.ts'
import { parentsOf } from './refusal.ts'
import { enqueueHolders } from './remove.ts'
import { isOther } from './wake.ts'

/**
 * A native write whose transaction isn't READ COMMITTED may not see the rows that its change concerns: children,
 * children that wait, and losers, all committed since its snapshot. So it leaves word in the outbox, with the source '',
 * and the applier looks for them.
 */
export function leaveWord(t: TargetMapping): Sql {
  const children = [...new Map(t.children.map((child) => [wordOf(t, child, 'OLD').text, child])).values()]
  const parts = [...children.map((child) => ofChild(t, child)), ...t.uniques.map((rule, i) => ofUnique(t, rule, i))]
  if (parts.length === 0) return raw('')
  return sql`
  IF current_setting('transaction_isolation') <> 'read committed' THEN${join(parts, '')}
  END IF;`
}

function ofChild(t: TargetMapping, child: ChildRule): Sql {
  return sql`
    IF TG_OP = 'DELETE' THEN
      ${wordOf(t, child, 'OLD')}
    ELSIF TG_OP = 'INSERT' THEN
      ${wordOf(t, child, 'NEW')}
    ELSIF ${isOther(child.referenced, 'OLD', 'NEW')} THEN
      ${wordOf(t, child, 'OLD')}
      ${wordOf(t, child, 'NEW')}
    END IF;`
}

function wordOf(t: TargetMapping, child: ChildRule, record: 'OLD' | 'NEW'): Sql {
  const values = child.referenced.map((name) => columnText(t, name, ident(record.toLowerCase(), name)))
  return sql`INSERT INTO crossfade.outbox (target, source, key) VALUES (${literal(child.name)}, '', ARRAY[${literal(t.relation.name)}, ${literal(child.columns.join(', '))}, ${join(values)}]);`
}

function ofUnique(t: TargetMapping, rule: UniqueRule, index: number): Sql {
  const values = rule.columns.map((name) => columnText(t, name, ident('old', name)))
  const word = sql`INSERT INTO crossfade.outbox (target, source, key) VALUES (${literal(t.name)}, '', ARRAY['', ${literal(String(index))}, ${join(values)}]);`
  return sql`
    IF TG_OP = 'DELETE' THEN
      ${word}
    ELSIF TG_OP = 'UPDATE' THEN
      IF ${isOther(rule.columns, 'OLD', 'NEW')} THEN
        ${word}
      END IF;
    END IF;`
}

/** The applier's part of it. */
export function lookAgain(t: TargetMapping): Sql {
  const { from, key } = stored(t)
  const parents = parentsOf(t).map((rule) => {
    const same = rule.columns.map((name, i) => columnEquals(t, name, ident('t', name), given(t, name, i)))
    return sql`
        IF crossfade_item.source = '' AND crossfade_item.key[1] = ${literal(rule.relation.name)} AND crossfade_item.key[2] = ${literal(rule.columns.join(', '))} THEN
          INSERT INTO crossfade.outbox (target, key)
          SELECT j.target, j.key FROM crossfade.journal AS j
           WHERE j.target = ${literal(t.name)} AND j.waits_for = crossfade_item.key[1:1] || crossfade_item.key[3:];
          INSERT INTO crossfade.outbox (target, key) SELECT ${literal(t.name)}, ${keyText(t, key)} FROM ${from} WHERE ${join(same, ' AND ')};
        END IF;`
  })
  const uniques = t.uniques.map((rule, index) => {
    const values = rule.columns.map((name, i) => given(t, name, i))
    return sql`
        IF crossfade_item.source = '' AND crossfade_item.key[1] = '' AND crossfade_item.key[2] = ${literal(String(index))} THEN
          ${enqueueHolders(t, rule, values, null)}
        END IF;`
  })
  return join([...parents, ...uniques], '')
}

function given(t: TargetMapping, name: string, index: number): Sql {
  const type = t.columns.find((column) => column.name === name)?.baseType ?? 'text'
  return sql`(crossfade_item.key)[${index + 3}]::${raw(type)}`
}
