import type pg from 'pg'

const ROUNDS = 3

/**
 * True when a pooler in transaction mode stands between: what is set for the session would then be met by the
 * application, and session locks would belong to nobody. Nothing is left behind by asking, unlike a session
 * setting or an advisory lock, which would stay on a connection that others use.
 *
 * A session has one backend as long as it lives. So when a second connection, inside a transaction, is served by
 * the backend of the first, or the first comes back to another one, sessions are not kept. Direct connections
 * need one round: the server told them the process id when they connected, and it is the same.
 */
export async function isTransactionPooler(first: pg.Client, second: pg.Client): Promise<boolean> {
  const own = await readBackend(first)
  const direct = processId(first) === own
  for (let round = 0; round < (direct ? 1 : ROUNDS); round++) {
    await second.query('BEGIN')
    try {
      if ((await readBackend(second)) === own) return true
      if ((await readBackend(first)) !== own) return true
    } finally {
      await second.query('ROLLBACK')
    }
  }
  return false
}

async function readBackend(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>(/* sql */ `select pg_catalog.pg_backend_pid() as pid`)
  return rows[0]?.pid ?? -1
}

/** What the server announced at connect; a pooler announces a number of its own. */
function processId(client: pg.Client): number | null {
  const { processID } = client as { processID?: unknown }
  return typeof processID === 'number' ? processID : null
}
