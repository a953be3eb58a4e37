import type pg from 'pg'
import { errorCode, isConnectionLost, isDataError } from '../db/sqlstates.ts'
import type { Logger } from '../lib/log.ts'
import type { Sql } from '../lib/sql.ts'

/** The read-only transaction in which all questions are asked. */
export interface Asker {
  readonly client: pg.ClientBase
  readonly log: Logger
  readonly signal: AbortSignal
}

/** The rows, or why there are none. */
export type Answer<Row> =
  | { readonly rows: Row[]; readonly error: null }
  | { readonly rows: null; readonly error: { readonly sqlstate: string; readonly message: string } }

/** One question in the read-only transaction; one that fails leaves the others their answers. Throws the reason of an abort. */
export async function ask<Row extends pg.QueryResultRow>(asker: Asker, question: Sql): Promise<Answer<Row>> {
  asker.signal.throwIfAborted()
  await asker.client.query('savepoint asked')
  try {
    const { rows } = await asker.client.query<Row>(question.text)
    await asker.client.query('release savepoint asked')
    return { rows, error: null }
  } catch (error) {
    // Ctrl-C has ended the statement: that is no answer.
    asker.signal.throwIfAborted()
    if (isConnectionLost(error) || errorCode(error) === undefined) throw error
    await asker.client.query('rollback to savepoint asked; release savepoint asked')
    const said = error instanceof Error ? error.message : String(error)
    // What is wrong with data is told with the value, and reports get committed.
    const message = isDataError(error) ? said.replace(/"[^"]*"|: .*$/gs, '…') : said
    return { rows: null, error: { sqlstate: errorCode(error) ?? '', message } }
  }
}
