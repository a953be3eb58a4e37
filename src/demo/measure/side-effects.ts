import type { ClientBase } from 'pg'
import { plainKey } from '../application/activity.ts'

export interface SideEffects {
  /** Posts for which the trigger of the old table acted more than once. */
  readonly twice: number
  /** Posts for which it did not act at all. */
  readonly never: number
}

/**
 * posted_decisions has a trigger that writes a log. Whichever side is written, it must have acted exactly once for each
 * of these posts, by their decisions' keys.
 */
export async function readSideEffects(client: ClientBase, keys: readonly string[]): Promise<SideEffects> {
  const { rows } = await client.query<SideEffects>(
    /* sql */ `
    select count(*) filter (where times > 1)::int as "twice", count(*) filter (where times = 0)::int as "never"
    from (select key, count(l.id) as times
          from unnest($1::text[]) as key
          left join public.activity_log l on l.event = 'posted' and lower(replace(l.decision_id, '-', '')) = key
          group by key) as counted`,
    [keys.map(plainKey)],
  )
  return rows[0] ?? { twice: 0, never: keys.length }
}
