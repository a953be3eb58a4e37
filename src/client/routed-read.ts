import { createHash } from 'node:crypto'
import type { PoolClient, QueryConfig, QueryResult } from 'pg'
import type { ClientState } from './control-state.ts'
import { type SearchPaths, switchInTransaction } from './search-path.ts'
import { isStatementError, type StatementError } from './statement-error.ts'

/** PostgreSQL cuts the names of prepared statements after so many bytes. */
const LONGEST_NAME = 63
const NEW_SIDE_SUFFIX = '/crossfade'

export type Pooler = 'session' | 'transaction'

/** What became of a read that was sent to the new side. */
export type NewSideAnswer =
  | { readonly kind: 'answered'; readonly result: QueryResult }
  /** Not tried: this client can't be on the new side, or must not any more. */
  | { readonly kind: 'unfit'; readonly why: 'other tables' | 'other server' | 'rolled back' | 'in a transaction' }
  /** The new side refused it. The client is alive. */
  | { readonly kind: 'failed'; readonly error: StatementError }

/**
 * Runs one read on the new side of a client. Throws only what says that the connection, or the
 * caller's own values or parsers, are at fault: nothing that the old side would answer differently.
 */
export async function readFromNewSide(
  client: PoolClient,
  query: QueryConfig,
  state: ClientState,
  paths: SearchPaths,
  pooler: Pooler | undefined,
): Promise<NewSideAnswer> {
  const onNewSide = query.name === undefined ? query : { ...query, name: planName(query.name) }
  if (pooler === 'transaction') return readInTransaction(client, onNewSide, state)
  try {
    const outcome = await paths.switch(client, state, pooler === undefined)
    if (outcome !== 'switched') return { kind: 'unfit', why: outcome }
    return { kind: 'answered', result: await client.query(onNewSide) }
  } catch (error) {
    if (isStatementError(error)) return { kind: 'failed', error }
    throw error
  }
}

async function readInTransaction(client: PoolClient, query: QueryConfig, state: ClientState): Promise<NewSideAnswer> {
  try {
    await client.query('BEGIN READ ONLY')
    const outcome = await switchInTransaction(client, state)
    const answer: NewSideAnswer =
      outcome === 'switched' ? { kind: 'answered', result: await client.query(query) } : { kind: 'unfit', why: outcome }
    await client.query('COMMIT')
    return answer
  } catch (error) {
    if (!isStatementError(error)) throw error
    await client.query('ROLLBACK')
    return { kind: 'failed', error }
  }
}

/**
 * Under one name, the server would plan anew at each change of sides, and refuse (0A000), on the
 * old side too, where a view gives another type than the table.
 */
function planName(name: string): string {
  const suffixed = name + NEW_SIDE_SUFFIX
  if (Buffer.byteLength(suffixed) <= LONGEST_NAME) return suffixed
  return createHash('sha256').update(name).digest('hex').slice(0, 40) + NEW_SIDE_SUFFIX
}
