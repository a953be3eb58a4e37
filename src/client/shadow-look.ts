import type { ClientBase, CustomTypesConfig, QueryArrayConfig, QueryArrayResult, QueryConfig } from 'pg'
import type { Answer } from './compare-answers.ts'
import type { ClientState } from './control-state.ts'
import { switchInTransaction } from './search-path.ts'
import { isStatementError } from './statement-error.ts'

/** Beyond what the server allows each statement, for its answer to come. */
const NETWORK_MS = 2_000
/** A shadow read must not stand in the way of a change of the tables. */
const LOCK_WAIT_MS = 100

const AS_TEXT: CustomTypesConfig = { getTypeParser: () => (value: string) => value }
const CURSOR = 'crossfade_shadow'

export type SideAnswer =
  | { readonly kind: 'answered'; readonly answer: Answer; readonly ms: number }
  /** It has more rows than are compared. */
  | { readonly kind: 'too long' }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string; readonly ms: number }

export type Look =
  | { readonly kind: 'looked'; readonly old: SideAnswer; readonly new: SideAnswer }
  | { readonly kind: 'unfit'; readonly why: string }

export interface LookOptions {
  readonly state: ClientState
  /** `old`: both answers come from the old side. */
  readonly against: 'new' | 'old'
  readonly newFirst: boolean
  readonly timeoutMs: number
  readonly maxRows: number
}

/**
 * Asks both sides for one read, in one read-only snapshot, so that no write lies between the two. Each runs under a
 * savepoint, since a refusal would end the transaction, and by a cursor, so that no more rows come than are compared.
 * Throws what says that the connection is at fault; it must not be used again then.
 */
export async function lookAtBoth(client: ClientBase, read: QueryConfig, options: LookOptions): Promise<Look> {
  const { state, against, newFirst, timeoutMs } = options
  const run: Run = (query) =>
    client.query({ ...query, rowMode: 'array', query_timeout: timeoutMs + NETWORK_MS } as QueryArrayConfig)

  await run({
    text: `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = ${timeoutMs};
      SET LOCAL lock_timeout = ${LOCK_WAIT_MS}; SET LOCAL idle_in_transaction_session_timeout = ${timeoutMs + NETWORK_MS};
      SET LOCAL cursor_tuple_fraction = 1`,
  })
  const answers: { old?: SideAnswer; new?: SideAnswer } = {}
  for (const side of newFirst ? (['new', 'old'] as const) : (['old', 'new'] as const)) {
    await run({ text: 'SAVEPOINT crossfade_shadow' })
    const outcome = side === 'new' && against === 'new' ? await switchInTransaction(client, state) : 'switched'
    if (outcome !== 'switched') {
      await run({ text: 'ROLLBACK' })
      return { kind: 'unfit', why: outcome }
    }
    answers[side] = await ask(run, read, options.maxRows)
    // It takes the cursor and the search path along.
    await run({ text: 'ROLLBACK TO SAVEPOINT crossfade_shadow' })
  }
  await run({ text: 'ROLLBACK' })
  return { kind: 'looked', ...(answers as Required<typeof answers>) }
}

/** Rows come as arrays. */
type Run = (query: QueryConfig) => Promise<QueryArrayResult>

async function ask(run: Run, { text, values }: QueryConfig, maxRows: number): Promise<SideAnswer> {
  const began = performance.now()
  try {
    const declared = `DECLARE ${CURSOR} NO SCROLL CURSOR FOR ${text}`
    await run(values === undefined ? { text: declared } : { text: declared, values })
    const fetched = { text: `FETCH FORWARD ${maxRows + 1} FROM ${CURSOR}`, types: AS_TEXT }
    const { rows, fields } = await run(fetched)
    const ms = performance.now() - began
    if (rows.length > maxRows) return { kind: 'too long' }
    const columns = fields.map(({ name, dataTypeID }) => ({ name, type: dataTypeID }))
    return { kind: 'answered', answer: { columns, rows }, ms }
  } catch (error) {
    if (!isStatementError(error)) throw error
    return { kind: 'refused', code: error.code, message: error.message, ms: performance.now() - began }
  }
}
