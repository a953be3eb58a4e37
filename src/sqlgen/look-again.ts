import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { TargetMapping } from '../spec/mapping.ts'
import { columnEquals, keyText, stored } from './keys.ts'
import { parentsOf } from './refusal.ts'
import { enqueueHolders } from './remove.ts'

/** The applier's part of what a write in an old snapshot has left (`leave-word.ts`): a value, and who is to be looked for. */
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
