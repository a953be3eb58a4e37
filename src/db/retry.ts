import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { retryDelays } from '../lib/backoff.ts'
import { InterruptedError, RefusedError } from '../lib/errors.ts'
import { type Blocker, describeBlocker, type Queryable, readBlockers, readOldestTransactions } from './blockers.ts'
import { errorCode, isRetryable, SQLSTATE } from './sqlstates.ts'
import { transaction } from './transaction.ts'

export interface LockRetryOptions {
  /** Default 60. */
  readonly tries?: number
  /** How long each lock of a try may be waited for. Milliseconds, default 100. */
  readonly lockTimeoutMs?: number
  /** Stops between two tries; a try under way ends within its lock timeouts. */
  readonly signal?: AbortSignal
  /** It locks what the application uses: should we fall silent, the server undoes everything after ten seconds. */
  readonly holdsUp?: boolean
  readonly random?: () => number
  readonly onRetry?: (retry: LockRetry) => void
  /** Another connection: while we wait, it sees whom we wait for. Without one, only suspects can be named. */
  readonly observer?: Queryable
  /** What is being done, for messages: `install the triggers`. */
  readonly what?: string
}

export interface LockRetry {
  /** The try that failed, from 1. */
  readonly attempt: number
  readonly sqlstate: string
  readonly delayMs: number
  readonly blockers: readonly Blocker[]
}

/** A cable that is cut, a lid that is closed. The trial of a large schema, which locks nothing of anybody's, may think for longer. */
const SILENT_SECONDS = 10

/** Tries begin close to each other and end two seconds apart: 60 of them take about two minutes. */
const BACKOFF = { baseMs: 50, maxMs: 2000 }

/**
 * Runs `fn` in a transaction that waits for no lock longer than `lockTimeoutMs`. Where a lock isn't granted in time,
 * or the server undoes us for a deadlock or a conflict, everything is rolled back and tried again after a jittered
 * wait; so `fn` must be able to run again. After the last try throws RefusedError that names who blocks, and
 * InterruptedError after a signal; the state is that before, in both cases.
 */
export async function withLockRetry<Client extends pg.ClientBase, Result>(
  client: Client,
  options: LockRetryOptions,
  fn: (client: Client, attempt: number) => Promise<Result>,
): Promise<Result> {
  const { tries = 60, lockTimeoutMs = 100, signal, random = Math.random, observer } = options
  const delays = retryDelays(tries, BACKOFF, random)
  let blockers: readonly Blocker[] = []
  for (let attempt = 1; ; attempt++) {
    assertNotInterrupted(signal)
    const watch = observer === undefined ? null : await watchBlockers(client, observer, lockTimeoutMs)
    let failure: unknown
    try {
      return await transaction(client, async () => {
        const settings = [`SET LOCAL lock_timeout = ${Math.max(1, Math.round(lockTimeoutMs))}`]
        if (options.holdsUp) settings.push(`SET LOCAL idle_in_transaction_session_timeout = '${SILENT_SECONDS}s'`)
        await client.query(settings.join('; '))
        return await fn(client, attempt)
      })
    } catch (error) {
      if (!isRetryable(error)) throw error
      failure = error
    } finally {
      const seen = (await watch?.stop()) ?? []
      if (seen.length > 0) blockers = seen
    }
    const delayMs = delays[attempt - 1]
    if (delayMs === undefined) throw await gaveUp(client, options, attempt, failure, blockers)
    options.onRetry?.({ attempt, sqlstate: errorCode(failure) ?? '', delayMs, blockers })
    await sleep(delayMs, undefined, signal === undefined ? {} : { signal }).catch(() => assertNotInterrupted(signal))
  }
}

interface BlockerWatch {
  /** Ends the watch and gives whom it saw last. */
  stop(): Promise<readonly Blocker[]>
}

/** pg_blocking_pids answers only during the wait, so somebody else has to ask. */
async function watchBlockers(client: pg.ClientBase, observer: Queryable, everyMs: number): Promise<BlockerWatch> {
  const { rows } = await client.query<{ pid: number }>(/* sql */ `select pg_catalog.pg_backend_pid() as pid`)
  const pid = rows[0]?.pid ?? 0
  const stopped = new AbortController()
  let seen: readonly Blocker[] = []
  const watching = (async () => {
    while (!stopped.signal.aborted) {
      await sleep(Math.max(5, everyMs / 2), undefined, { signal: stopped.signal })
      const now = await readBlockers(observer, pid)
      if (now.length > 0) seen = now
    }
  })()
  // Whoever watches must never fail the work: without an answer the message names suspects instead.
  const quiet = watching.catch(() => undefined)
  return {
    async stop() {
      stopped.abort()
      await quiet
      return seen
    },
  }
}

async function gaveUp(
  client: pg.ClientBase,
  options: LockRetryOptions,
  attempts: number,
  cause: unknown,
  blockers: readonly Blocker[],
): Promise<RefusedError> {
  const certain = blockers.length > 0
  const named = certain ? blockers : await readOldestTransactions(client).catch(() => [])
  const what = options.what ?? 'do this'
  const why =
    errorCode(cause) === SQLSTATE.lockNotAvailable
      ? `a lock was not free for ${options.lockTimeoutMs ?? 100} ms`
      : `other transactions came between (${errorCode(cause)})`
  const who =
    named.length === 0 ? 'Nobody to blame could be seen.' : `${certain ? 'In the way' : 'The oldest transactions'}:`
  const list = named.map((blocker) => `\n  ${describeBlocker(blocker)}`).join('')
  const first = named[0]
  return new RefusedError(
    'locked',
    `Could not ${what}: ${why}, ${attempts} times in a row. Nothing was changed. ${who}${list}`,
    {
      hint:
        first === undefined
          ? 'Run the same command again at a quieter time.'
          : `Wait until it ends, or end it with select pg_terminate_backend(${first.pid}), then run the same command again.`,
      cause,
    },
  )
}

function assertNotInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new InterruptedError('Interrupted. Nothing was changed by this step.', {
      hint: 'Run the same command again to go on.',
    })
  }
}
