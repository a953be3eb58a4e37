import type pg from 'pg'
import { errorCode, isConnectionLost, isDataError } from '../db/sqlstates.ts'
import type { Sql } from '../lib/sql.ts'
import type { Reader } from '../overlap/read-only-session.ts'

/** The rows, or why there are none. */
export type Answer<Row> =
  | { readonly rows: Row[]; readonly error: null }
  | { readonly rows: null; readonly error: { readonly sqlstate: string; readonly message: string } }

/** One question in the read-only transaction; one that fails leaves the others their answers. */
export async function ask<Row extends pg.QueryResultRow>(reader: Reader, question: Sql): Promise<Answer<Row>> {
  await reader.client.query('savepoint asked')
  try {
    const { rows } = await reader.client.query<Row>(question.text)
    await reader.client.query('release savepoint asked')
    return { rows, error: null }
  } catch (error) {
    if (isConnectionLost(error) || errorCode(error) === undefined) throw error
    await reader.client.query('rollback to savepoint asked; release savepoint asked')
    const said = error instanceof Error ? error.message : String(error)
    // What is wrong with data is told with the value, and reports get committed.
    const message = isDataError(error) ? said.replace(/"[^"]*"|: .*$/gs, '…') : said
    return { rows: null, error: { sqlstate: errorCode(error) ?? '', message } }
  }
}
