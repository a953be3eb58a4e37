import type pg from 'pg'
import { RefusedError } from '../lib/errors.ts'
import type { Logger } from '../lib/log.ts'
import { assertNotInterrupted, pause } from './interruption.ts'
import { type Key, nextChunkSize } from './key-ranges.ts'
import type { Throttle } from './throttle.ts'

type Queryable = Pick<pg.ClientBase, 'query'>

export interface OutboxSize {
  readonly keys: number
  /** Age of the oldest key. Seconds, 0 when there is none. */
  readonly oldestSeconds: number
}

/** What waits in the outbox, for one new table or for all. */
export async function outboxSize(client: Queryable, target: string | null = null): Promise<OutboxSize> {
  const { rows } = await client.query<OutboxSize>(
    /* sql */ `
    SELECT count(*)::int AS keys,
           coalesce(extract(epoch FROM clock_timestamp() - min(o.enqueued_at)), 0)::float8 AS "oldestSeconds"
      FROM crossfade.outbox AS o
     WHERE $1::text IS NULL OR o.target = $1`,
    [target],
  )
  return rows[0] ?? { keys: 0, oldestSeconds: 0 }
}

/** Has the new rows of these keys computed again. */
export async function enqueueKeys(client: Queryable, target: string, keys: readonly Key[]): Promise<void> {
  if (keys.length === 0) return
  await client.query(
    /* sql */ `
    INSERT INTO crossfade.outbox (target, key)
    SELECT $1, ARRAY(SELECT p.part FROM jsonb_array_elements_text(k.key) WITH ORDINALITY AS p (part, place) ORDER BY p.place)
      FROM jsonb_array_elements($2::jsonb) AS k (key)`,
    [target, JSON.stringify(keys)],
  )
}

/**
 * One call of a table's applier, in a transaction of its own: applies up to `limit` keys that are due.
 * `callText` is the generated call (`drainCall`). Returns how many it has dealt with, the others wait for their next try;
 * and how long the server was at it.
 */
export async function drainOnce(
  client: Queryable,
  callText: string,
  limit: number,
): Promise<{ drained: number; tookMs: number }> {
  const { rows } = await client.query<{ drained: number; tookMs: number }>(callText, [limit])
  return rows[0] ?? { drained: 0, tookMs: 0 }
}

export interface DrainOptions {
  readonly target: string
  readonly callText: string
  readonly signal: AbortSignal
  readonly log: Logger
  readonly throttle?: Pick<Throttle, 'turn'>
}

/** So many that a call takes about this long: who meets one of its rows waits a moment only. */
export const BATCH = { first: 50, targetMs: 25, min: 50, max: 2_000 }
const LOOK_EVERY_MS = 500
/** By then an error has been seen for more than a second; what stays is no passing one. */
const TRIES_BEFORE_STUCK = 6

interface Backlog {
  readonly keys: number
  readonly dueInMs: number
  readonly stuck: number
  readonly sqlstate: string | null
  readonly message: string | null
}

/**
 * Drains until none of the keys is left that wait for `target` now; what comes later is not waited for. Keys behind
 * somebody's lock are waited for. Throws RefusedError where an error stays, InterruptedError after a signal.
 */
export async function drainBacklog(client: Queryable, options: DrainOptions): Promise<void> {
  const { target, callText, signal, log, throttle } = options
  const what = `Draining the outbox of ${target}`
  const { rows } = await client.query<{ last: string | null; spreads: boolean | null }>(
    /* sql */ `SELECT max(o.id) AS last, bool_or(o.key = '{}') AS spreads FROM crossfade.outbox AS o WHERE o.target = $1`,
    [target],
  )
  const { last = null, spreads = null } = rows[0] ?? {}
  let size = BATCH.first
  let tookMs = 0
  for (let lookedAt = performance.now(); last !== null; ) {
    await throttle?.turn(tookMs)
    assertNotInterrupted(signal, what)
    const { drained: done, ...call } = await drainOnce(client, callText, size)
    tookMs = call.tookMs
    size = nextBatch(size, done, tookMs)
    if (done > 0 && performance.now() - lookedAt < LOOK_EVERY_MS) continue
    lookedAt = performance.now()
    const backlog = await readBacklog(client, target, last)
    // An entry that stood for all keys has put them behind the last one of before.
    if (backlog.keys === 0) return spreads === true ? await drainBacklog(client, options) : undefined
    if (backlog.stuck > 0) throw stuckError(target, backlog)
    const why = backlog.message === null ? '' : ` (${backlog.sqlstate}: ${backlog.message})`
    log.progress(`${target}: ${backlog.keys} keys wait in the outbox${done > 0 ? '' : why}`)
    if (done === 0) await pause(Math.min(LOOK_EVERY_MS, Math.max(10, backlog.dueInMs)), signal, what)
  }
}

/** Of a batch that wasn't full nothing is learnt but that it is too long. */
export function nextBatch(size: number, done: number, tookMs: number): number {
  return done < size && tookMs < BATCH.targetMs ? size : nextChunkSize(size, tookMs, BATCH)
}

async function readBacklog(client: Queryable, target: string, last: string): Promise<Backlog> {
  const { rows } = await client.query<Backlog>(
    /* sql */ `
    SELECT count(*)::int AS keys,
           coalesce(extract(epoch FROM greatest(min(o.not_before), clock_timestamp()) - clock_timestamp()) * 1000, 0)::float8 AS "dueInMs",
           (count(*) FILTER (WHERE o.attempts >= $3 AND o.sqlstate NOT IN ('55P03', '40P01', '40001')))::int AS stuck,
           (array_agg(o.sqlstate ORDER BY o.attempts DESC, o.id) FILTER (WHERE o.attempts > 0))[1] AS sqlstate,
           (array_agg(o.message ORDER BY o.attempts DESC, o.id) FILTER (WHERE o.attempts > 0))[1] AS message
      FROM crossfade.outbox AS o
     WHERE o.target = $1 AND o.id <= $2`,
    [target, last, TRIES_BEFORE_STUCK],
  )
  return rows[0] ?? { keys: 0, dueInMs: 0, stuck: 0, sqlstate: null, message: null }
}

function stuckError(target: string, backlog: Backlog): RefusedError {
  return new RefusedError(
    'outbox_stuck',
    `${backlog.stuck} keys of ${target} can't be applied: ${backlog.sqlstate} ${backlog.message}`,
    { hint: 'Nothing is lost: they stay in the outbox. Remove the cause, then run the same command again.' },
  )
}
