import type pg from 'pg'
import { DatabaseError } from '../lib/errors.ts'
import { isConnectionLost } from './sqlstates.ts'

export interface TransactionOptions {
  /** Default read committed. */
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable'
  readonly readOnly?: boolean
}

/**
 * Runs `fn` in a transaction of its own and commits, or rolls back and throws what `fn` threw. Throws DatabaseError
 * when the connection was lost during the commit, as then nobody knows whether it happened.
 */
export async function transaction<Client extends pg.ClientBase, Result>(
  client: Client,
  fn: (client: Client) => Promise<Result>,
  options: TransactionOptions = {},
): Promise<Result> {
  const status = client.getTransactionStatus()
  if (status === 'T' || status === 'E') throw new Error('the connection is inside a transaction already')
  const isolation = (options.isolation ?? 'read committed').toUpperCase()
  await client.query(`BEGIN ISOLATION LEVEL ${isolation} ${options.readOnly === true ? 'READ ONLY' : 'READ WRITE'}`)
  let result: Result
  try {
    result = await fn(client)
  } catch (error) {
    await rollback(client)
    throw error
  }
  await commit(client)
  return result
}

async function commit(client: pg.ClientBase): Promise<void> {
  let command: string
  try {
    const answer = await client.query('COMMIT')
    command = answer.command
  } catch (error) {
    if (!isConnectionLost(error)) throw error
    throw new DatabaseError('commit_unknown', 'The connection was lost while a transaction was being committed.', {
      hint: 'It either happened whole or not at all. Run the same command again: it finds out.',
      cause: error,
    })
  }
  // The server answers COMMIT of a failed transaction with ROLLBACK, and no error.
  if (command !== 'COMMIT') throw new Error('an error inside the transaction was swallowed, so it was rolled back')
}

async function rollback(client: pg.ClientBase): Promise<void> {
  try {
    await client.query('ROLLBACK')
  } catch (error) {
    // The server rolls back what a lost connection leaves; the first error says why.
    if (!isConnectionLost(error)) throw error
  }
}
