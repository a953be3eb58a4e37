import type { ClientBase } from 'pg'
import type { ClientState } from './control-state.ts'

const COMPAT_SCHEMA = 'crossfade_compat'

/**
 * Puts the compat schema before the search path and gives the path as it was. It does nothing, and
 * gives null, where that would be wrong: when one of the old tables' names means another table on
 * this path (a schema per tenant), or when $4 is given and is not the server process that answers
 * ($5: for this transaction only). The path is read in a CTE because the order of a target list is
 * not promised.
 */
const SWITCH = /* sql */ `
with before as materialized (
  select
    current_setting('search_path') as path,
    ($4::int is null or $4 = pg_backend_pid()) as same_server,
    not exists (
      select from unnest($2::text[]) as old (name)
      where to_regclass(quote_ident(name)) is distinct from to_regclass(quote_ident($3) || '.' || quote_ident(name))
    ) as same_tables
)
select
  path,
  same_server,
  case when same_server and same_tables
    then set_config('search_path', case when path = '' then $1 else $1 || ', ' || path end, $5)
  end as changed
from before`

const RESTORE = /* sql */ `select set_config('search_path', $1, false)`

/** How a client came to the new side, or why it did not. */
export type Switch = 'switched' | 'other tables' | 'other server'

interface NewSide {
  readonly originalPath: string
  readonly tables: string
}

/**
 * Which clients of a pool are on the new side, for as long as they stay there between reads. A
 * client that is not known here is on its own path, whatever the application made of that.
 */
export class SearchPaths {
  #onNewSide = new WeakMap<ClientBase, NewSide>()

  isOnNewSide(client: ClientBase): boolean {
    return this.#onNewSide.has(client)
  }

  /**
   * Brings a client to the new side, until `restore`. With `checkServer` it is refused where
   * something between client and server gives each transaction another server connection: a
   * session setting would then reach strangers.
   */
  async switch(client: ClientBase, state: ClientState, checkServer: boolean): Promise<Switch> {
    const tables = JSON.stringify([state.schema, ...state.tables])
    if (this.#onNewSide.get(client)?.tables === tables) return 'switched'
    await this.restore(client)
    const { path, outcome } = await applySwitch(client, state, checkServer ? serverProcess(client) : null, false)
    if (outcome === 'switched') this.#onNewSide.set(client, { originalPath: path, tables })
    return outcome
  }

  /** Takes a client back to the path it had. A client for which this throws must not be used again. */
  async restore(client: ClientBase): Promise<void> {
    const side = this.#onNewSide.get(client)
    if (side === undefined) return
    await client.query(RESTORE, [side.originalPath])
    this.#onNewSide.delete(client)
  }
}

/** The same within a transaction that the caller has begun; nothing to restore. */
export async function switchInTransaction(client: ClientBase, state: ClientState): Promise<Switch> {
  return (await applySwitch(client, state, null, true)).outcome
}

async function applySwitch(client: ClientBase, state: ClientState, server: number | null, local: boolean) {
  const values = [COMPAT_SCHEMA, [...state.tables], state.schema, server, local]
  const { rows } = await client.query<{ path: string; same_server: boolean; changed: string | null }>(SWITCH, values)
  const [row] = rows
  if (row === undefined) throw new Error('the search path could not be read')
  const outcome: Switch = row.changed !== null ? 'switched' : row.same_server ? 'other tables' : 'other server'
  return { path: row.path, outcome }
}

/** The process that the server named at the start; -1, which none has, where the driver doesn't tell. */
function serverProcess(client: ClientBase): number {
  return (client as { processID?: number | null }).processID ?? -1
}
