import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { TargetMapping } from '../spec/mapping.ts'
import { columnEquals, columnText, keyEquals, keyParameters, keyText, stored } from './keys.ts'
import { relation, removeFunction } from './names.ts'
import { mayRefuse } from './projection.ts'
import { isItself, ownParent, parentIs, parentsOf } from './refusal.ts'
import { enqueueContenders } from './remove.ts'

/** Parts of the body of `apply_…` (`apply.ts`) that are about other rows: parents, and unique values. */

/** Rows that must not be there, although their old rows say what they would be. */
export function obey(t: TargetMapping): Sql {
  if (!mayRefuse(t)) return raw('')
  const parents = parentsOf(t).map((rule) => {
    const own = rule.columns.map((column) => sql`crossfade_row.${ident(column)}`)
    const there = join(
      own.map((value) => sql`${value} IS NOT NULL`),
      ' AND ',
    )
    const text = rule.columns.map((column, i) => columnText(t, column, own[i] ?? raw('')))
    const itself = isItself(t, rule) ? sql` AND (${ownParent(t, rule, 'crossfade_row')}) IS NOT TRUE` : raw('')
    return sql`
      IF crossfade_found AND ${there}${itself} THEN
        -- Like a foreign key: who deletes the parent waits for this transaction, or is waited for here.
        PERFORM FROM ${relation(rule.relation)} AS crossfade_parent WHERE ${parentIs(t, rule, own)} FOR KEY SHARE;
        IF NOT FOUND THEN
          PERFORM crossfade.refuse_row(ARRAY['23503', ${literal(rule.relation.name)}, ${join(text)}]);
        END IF;
      END IF;`
  })
  return sql`
      IF crossfade_found AND crossfade_row.crossfade_refusal[1] = 'omit' THEN${enqueueBeaten(t, 'crossfade_row', keyParameters(t))}
        crossfade_found := false;
      ELSIF crossfade_found AND crossfade_row.crossfade_refusal IS NOT NULL THEN
        PERFORM crossfade.refuse_row(crossfade_row.crossfade_refusal);
      END IF;${join(parents, '')}`
}

/** Whoever still has a unique value that this row is to have is no longer its winner, or has another by now. */
export function displace(t: TargetMapping, own: readonly Sql[]): Sql {
  const { from, key } = stored(t)
  const others = t.uniques.map((rule) => {
    const same = join(
      rule.columns.map((column) => columnEquals(t, column, ident('t', column), ident('crossfade_row', column))),
      ' AND ',
    )
    return sql`
        FOR crossfade_other IN SELECT ${join(key)} FROM ${from} WHERE ${same} AND NOT (${keyEquals(t, key, own)}) LOOP
          PERFORM crossfade.enqueue(${literal(t.name)}, ${keyText(
            t,
            t.key.map((key) => sql`crossfade_other.${ident(key.name)}`),
          )}, NULL, NULL);
          PERFORM ${removeFunction(t)}(${join(t.key.map((key) => sql`crossfade_other.${ident(key.name)}`))});
        END LOOP;`
  })
  return join(others, '')
}

/**
 * A row that is not to be there keeps what it wins from the others all the same: whoever has a value of the record is
 * looked at again.
 */
export function enqueueBeaten(t: TargetMapping, record: string, own: readonly Sql[]): Sql {
  const { from, key } = stored(t)
  const holders = t.uniques.map((rule) => {
    const same = rule.columns.map((column) =>
      columnEquals(t, column, ident('t', column), sql`${raw(record)}.${ident(column)}`),
    )
    return sql`
        INSERT INTO crossfade.outbox (target, key)
        SELECT ${literal(t.name)}, ${keyText(t, key)} FROM ${from} WHERE ${join(same, ' AND ')} AND NOT (${keyEquals(t, key, own)});`
  })
  return join(holders, '')
}

/** A unique value that the row gives up is for the next of those that wanted it. */
export function letGo(t: TargetMapping, own: readonly Sql[]): Sql {
  if (t.uniques.length === 0) return raw('')
  const freed = t.uniques.map((rule) => {
    const columns = rule.columns.map((column) => ident(column))
    return sql`
        IF record_image_ne(ROW(${join(columns.map((c) => sql`crossfade_former.${c}`))}), ROW(${join(columns.map((c) => sql`crossfade_row.${c}`))})) THEN
          ${enqueueContenders(t, rule, raw('crossfade_former'), own)}
        END IF;`
  })
  return join(freed, '')
}
