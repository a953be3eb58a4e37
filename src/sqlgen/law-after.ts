import { literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { TargetColumn, TargetMapping } from '../spec/mapping.ts'
import { applyCall } from './apply.ts'

/** Parts of the body of reverse sync (`reverse.ts`) that are about its law after. */

/** Links can't be changed natively, so where an update's row has lost its partner somebody else has taken it meanwhile. */
export function projectWritten(t: TargetMapping): Sql {
  const key = t.key.map((k, i) => sql`(crossfade_key[${i + 1}])::${raw(k.type)}`)
  const call = sql`crossfade_result := ${applyCall(t, key, 'free')};`
  if (t.sources.every((s) => s.links.length === 0)) return call
  return sql`BEGIN
    ${call}
  EXCEPTION WHEN null_value_not_allowed THEN
    IF TG_OP = 'UPDATE' THEN
      PERFORM crossfade.refuse_native(${literal(t.name)}, crossfade_key);
    END IF;
    RAISE EXCEPTION 'the old tables can''t hold what was written to %: %', TG_RELID::regclass, SQLERRM
      USING ERRCODE = 'CF002', HINT = 'Write the row that it is linked with first, or this one by its old name.';
  END;`
}

/** The mapping itself fills it, like a default: a constant, or the word for no value. A native insert may leave it out. */
export function isFilled(t: TargetMapping, column: TargetColumn): boolean {
  if (column.otherwise !== null) return true
  const feeds = t.sources
    .filter((s) => t.reverse.includes(s.ordinal))
    .flatMap((s) => s.feeds.filter((feed) => feed.column === column.name))
  return feeds.some((feed) => feed.uses.length === 0)
}
