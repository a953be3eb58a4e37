import type pg from 'pg'

type Queryable = Pick<pg.ClientBase, 'query'>

/** Backfill and worker stand still from now on, within about a second. Who has paused already is named anew. */
export async function applyPause(client: Queryable, person: string | null, reason: string | null): Promise<void> {
  await client.query(
    /* sql */ `
    INSERT INTO crossfade.pause (person, reason) VALUES ($1, $2)
    ON CONFLICT (id) DO UPDATE SET person = excluded.person, reason = excluded.reason, at = clock_timestamp()`,
    [person, reason],
  )
  await note(client, 'pause', person, reason)
}

/** They go on. Returns false where nobody had paused. */
export async function applyResume(client: Queryable, person: string | null): Promise<boolean> {
  const { rowCount } = await client.query(/* sql */ `DELETE FROM crossfade.pause`)
  await note(client, 'resume', person, null)
  return (rowCount ?? 0) > 0
}

/** Beside a run that holds the lock of runs, which this is to reach. */
async function note(client: Queryable, command: string, person: string | null, reason: string | null): Promise<void> {
  await client.query(
    /* sql */ `
    INSERT INTO crossfade.history (command, detail, person, ended_at, outcome)
    VALUES ($1, jsonb_build_object('reason', $3::text), $2, clock_timestamp(), 'done')`,
    [command, person, reason],
  )
}
