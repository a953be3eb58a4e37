import type pg from 'pg'

/** Where for so long nobody gets on, a wait ends by nothing. */
const STUCK_AFTER_MS = 20_000

/** Tells whether what is counted has not grown for too long. */
export function watchProgress(count: () => number): () => boolean {
  let [seen, since] = [-1, performance.now()]
  return () => {
    const now = count()
    if (now !== seen) [seen, since] = [now, performance.now()]
    return performance.now() - since > STUCK_AFTER_MS
  }
}

/** One of these backends waits for a lock. */
export async function isBlocked(admin: pg.Client, pids: readonly number[]): Promise<boolean> {
  const { rows } = await admin.query<{ blocked: boolean }>(
    `select exists (select from pg_stat_activity where pid = any($1::int[]) and wait_event_type = 'Lock') as blocked`,
    [pids],
  )
  return rows[0]?.blocked ?? false
}
