import type pg from 'pg'
import { backendOf } from '../db/backend-pid.ts'
import type { Database } from '../db/connect.ts'
import { errorCode, isConnectionLost, isDataError, SQLSTATE } from '../db/sqlstates.ts'
import { transaction } from '../db/transaction.ts'
import type { Logger } from '../lib/log.ts'
import type { Sql } from '../lib/sql.ts'
import type { OverlapProblem } from './overlap-document.ts'

/** What reads: one snapshot of the whole database, in which nothing can be written. */
export interface Reader {
  readonly client: pg.ClientBase
  readonly log: Logger
  readonly problems: OverlapProblem[]
  /** Rows of one statement. Null where it failed, with the reason among the problems; the next statement runs all the same. */
  rows<Row extends pg.QueryResultRow>(where: string, statement: Sql, values?: readonly unknown[]): Promise<Row[] | null>
}

export interface ReaderOptions {
  readonly log: Logger
  readonly signal: AbortSignal
  /** Seconds that one statement may take; 0: any time. */
  readonly timeout: number
}

/**
 * Memory of a hash: a quarter of the buffers, so a small server stays well; of 256 MB at most. Whoever waits for a table
 * behind us waits no longer than lock_timeout for us to give up. Without enable_sort = off the server would sort every row
 * for a handful of groups, as it can't know how few there will be.
 */
const SETTINGS = /* sql */ `
select pg_catalog.set_config(s.name, s.value, true)
from (values ('search_path', 'pg_catalog, pg_temp'), ('TimeZone', 'UTC'), ('DateStyle', 'ISO, MDY'),
             ('IntervalStyle', 'postgres'), ('extra_float_digits', '1'), ('bytea_output', 'hex'),
             ('row_security', 'off'), ('jit', 'off'), ('enable_sort', 'off'), ('lock_timeout', '5s'), ('statement_timeout', $1),
             ('idle_in_transaction_session_timeout', '10min'),
             ('work_mem', greatest(
                pg_catalog.pg_size_bytes(pg_catalog.current_setting('work_mem')),
                least(pg_catalog.pg_size_bytes(pg_catalog.current_setting('shared_buffers')) / 4, 268435456)
              ) / 1024 || 'kB')) as s(name, value)`

/**
 * Runs `fn` in one read-only REPEATABLE READ transaction: all figures are of one moment, no lock is taken beyond ACCESS
 * SHARE, and a write is refused by the server. A pooler in transaction mode and a standby will do. Throws what `fn` throws.
 */
export async function readInOneSnapshot<Result>(
  db: Database,
  options: ReaderOptions,
  fn: (reader: Reader) => Promise<Result>,
): Promise<Result> {
  const client = await db.pool.connect()
  const cancel = (): void => void cancelStatement(db, client)
  options.signal.addEventListener('abort', cancel)
  try {
    // Behind a shared pooler the setting would stay with somebody else's session.
    if (!db.transactionPooler) await client.query(/* sql */ `set default_transaction_read_only = on`)
    return await transaction(
      client,
      async () => {
        await client.query(SETTINGS, [`${Math.round(options.timeout * 1000)}ms`])
        return await fn(createReader(client, options))
      },
      { isolation: 'repeatable read', readOnly: true },
    )
  } finally {
    options.signal.removeEventListener('abort', cancel)
    client.release()
  }
}

/** Ctrl-C must not leave a statement of minutes behind. */
async function cancelStatement(db: Database, client: pg.ClientBase): Promise<void> {
  const pid = backendOf(client)
  if (pid === null) return
  await db.pool.query(/* sql */ `select pg_catalog.pg_cancel_backend($1)`, [pid]).catch(() => undefined)
}

function createReader(client: pg.ClientBase, { log, signal }: ReaderOptions): Reader {
  const problems: OverlapProblem[] = []
  return {
    client,
    log,
    problems,
    async rows<Row extends pg.QueryResultRow>(where: string, statement: Sql, values: readonly unknown[] = []) {
      signal.throwIfAborted()
      await client.query('savepoint one')
      try {
        const { rows } = await client.query<Row>(statement.text, [...values])
        await client.query('release savepoint one')
        return rows
      } catch (error) {
        signal.throwIfAborted()
        if (isConnectionLost(error) || errorCode(error) === undefined) throw error
        await client.query('rollback to savepoint one; release savepoint one')
        problems.push(tellProblem(where, error))
        return null
      }
    },
  }
}

const HINTS: Readonly<Record<string, string>> = {
  [SQLSTATE.queryCanceled]:
    'Give it more time (--timeout <seconds>), or look at a share of the keys (--sample <percent>).',
  [SQLSTATE.lockNotAvailable]: 'Somebody holds a lock on the table. Run the command again later.',
  [SQLSTATE.insufficientPrivilege]:
    'Connect as the owner of the table, or as a role that may read it and that its row security does not hold back.',
  [SQLSTATE.diskFull]: 'The join needs room for temporary files. Look at a share of the keys (--sample <percent>).',
  '53400': 'The join needs more temporary files than temp_file_limit allows. Try --sample <percent>.',
}

function tellProblem(where: string, error: unknown): OverlapProblem {
  const code = errorCode(error) ?? ''
  const said = error instanceof Error ? error.message : String(error)
  // What is wrong with data is told with the value, and reports get committed.
  const message = isDataError(error) ? said.replace(/"[^"]*"|: .*$/gs, '…') : said
  return { where, message: `${message} (${code})`, hint: HINTS[code] ?? 'The other tables were compared all the same.' }
}
