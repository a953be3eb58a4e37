import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { ChildRule, Mapping, TargetMapping } from '../spec/mapping.ts'
import { columnText } from './keys.ts'
import { enqueueChildren } from './remove.ts'

/** Children that wait in the journal for a row that has just come. */
export function wake(t: TargetMapping, record: 'crossfade_row' | 'NEW'): Sql {
  return join(
    wakesOf(t).map((child) => wakeWaiting(t, child, record)),
    '',
  )
}

export function wakes(t: TargetMapping): boolean {
  return wakesOf(t).length > 0
}

/** Columns that children reference and that a row can get another value of: those of no key. */
export function looseReferences(t: TargetMapping): ChildRule[] {
  const fixed = t.kind === 'merge' ? t.key : t.handle
  return wakesOf(t).filter((child) => !child.referenced.every((name) => fixed.some((key) => key.name === name)))
}

/** What children referenced or waited for has changed in a row: those of the former value, and of the new one, are looked at. */
export function followReferences(m: Mapping, t: TargetMapping): Sql {
  const parts = looseReferences(t).map((child) => {
    const below = t.children.filter((other) => other.referenced.join('\0') === child.referenced.join('\0'))
    return sql`
        IF ${isOther(child.referenced, 'crossfade_former', 'crossfade_row')} THEN${wakeWaiting(t, child, 'crossfade_row')}
    ${join(
      below.map((other) => enqueueChildren(m, t, other, raw('crossfade_former'))),
      '\n    ',
    )}
        END IF;`
  })
  return join(parts, '')
}

/** These columns are not the same in two records. */
export function isOther(columns: readonly string[], former: string, now: string): Sql {
  const row = (record: string): Sql => sql`ROW(${join(columns.map((name) => sql`${raw(record)}.${ident(name)}`))})`
  return sql`record_image_ne(${row(former)}, ${row(now)})`
}

export function wakeWaiting(t: TargetMapping, child: ChildRule, record: 'crossfade_row' | 'NEW'): Sql {
  const values = child.referenced.map((column) => columnText(t, column, sql`${raw(record)}.${ident(column)}`))
  return sql`
    INSERT INTO crossfade.outbox (target, source, key)
    SELECT j.target, j.source, coalesce(j.key, j.old_key) FROM crossfade.journal AS j
     WHERE j.waits_for = ARRAY[${literal(t.relation.name)}, ${join(values)}];`
}

/** Rows that the one of this key has beaten: it has no row to tell what it had, so they are looked at whenever it changes. */
export function wakeBeaten(t: TargetMapping, key: Sql): Sql {
  if (t.uniques.length === 0) return raw('')
  return sql`
    INSERT INTO crossfade.outbox (target, key)
    SELECT j.target, j.key FROM crossfade.journal AS j WHERE j.waits_for = ARRAY['', ${literal(t.name)}] || ${key};`
}

/** Each set of columns that children reference, once; those that come from old rows, since only these can be waited for. */
export function wakesOf(t: TargetMapping): ChildRule[] {
  const known = t.children.filter((child) =>
    child.referenced.every((name) => t.columns.some((column) => column.name === name)),
  )
  return [...new Map(known.map((child) => [child.referenced.join('\0'), child])).values()]
}
