import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Duplex } from 'node:stream'
import pg from 'pg'
import { backendOf } from './backend-pid.ts'
import { errorCode } from './sqlstates.ts'

export interface PulseTimes {
  readonly lookEveryMs: number
  /** An answer that takes so long makes us ask, on another connection, whether the server is still at it. */
  readonly askAfterMs: number
  readonly answersWithinMs: number
  /** How long the server may take to close a connection that we have ended. */
  readonly closesWithinMs: number
}

export const PULSE: PulseTimes = {
  lookEveryMs: 5_000,
  askAfterMs: 10_000,
  answersWithinMs: 10_000,
  closesWithinMs: 2_000,
}

/** Who has stood still for so long himself can't say that nobody answers. Milliseconds. */
const STARVED_MS = 1_000

/** So many looks in a row must find that nothing comes any more. */
const LOOKS = 3

/** What pg keeps of a client, and doesn't declare. */
interface Internals {
  readonly readyForQuery?: boolean
  readonly connection?: { readonly stream?: Duplex }
}

/**
 * A network that drops packets closes nothing: the answer to a statement never comes, and the operating system takes
 * a quarter of an hour to notice. While a statement takes long and nothing comes, we ask on a connection of our own
 * whether its backend is still at work; if nobody answers, or it isn't, the connection is given up as one that was lost,
 * unless it is our own process that gets no processor. Ends with the client.
 */
export function watchPulse(client: pg.ClientBase, config: pg.ClientConfig, times: PulseTimes): void {
  const internals = client as unknown as Internals
  let busySince: number | null = null
  let lost = 0
  let asking = false
  const alive = (): void => {
    busySince = null
    lost = 0
  }
  // Not only between two statements: one after the other may be under way whenever we look.
  internals.connection?.stream?.on('data', alive)
  const timer = setInterval(() => {
    if (internals.readyForQuery !== false) return alive()
    busySince ??= Date.now()
    if (asking || Date.now() - busySince < times.askAfterMs) return
    asking = true
    const since = busySince
    const stood = monitorEventLoopDelay({ resolution: 100 })
    stood.enable()
    void isAtWork(config, backendOf(client), times).then((atWork) => {
      asking = false
      stood.disable()
      // Something has come meanwhile.
      if (busySince !== since) return
      lost = atWork || stood.max / 1e6 > STARVED_MS ? 0 : lost + 1
      if (lost < LOOKS || internals.readyForQuery !== false) return
      const error = new Error('The server does not answer any more, and nothing has closed the connection')
      internals.connection?.stream?.destroy(Object.assign(error, { code: 'ETIMEDOUT' }))
    })
  }, times.lookEveryMs)
  timer.unref()
  client.once('end', () => clearInterval(timer))
  boundEnd(client as pg.Client, times)
}

/** Where nobody listens any more, saying goodbye must not take for ever. */
function boundEnd(client: pg.Client, { closesWithinMs }: PulseTimes): void {
  const end = client.end.bind(client) as (callback?: (error?: Error) => void) => Promise<void>
  const bounded = (callback?: (error?: Error) => void): Promise<void> => {
    const timer = setTimeout(() => (client as unknown as Internals).connection?.stream?.destroy(), closesWithinMs)
    client.once('end', () => clearTimeout(timer))
    return callback === undefined ? end() : end(callback)
  }
  Object.assign(client, { end: bounded })
}

/** False where nobody answers, and where the backend, as far as it is known, has sent its answer and waits for us. */
async function isAtWork(
  config: pg.ClientConfig,
  pid: number | null,
  { answersWithinMs }: PulseTimes,
): Promise<boolean> {
  const asker = new pg.Client({
    ...config,
    application_name: 'crossfade pulse',
    connectionTimeoutMillis: answersWithinMs,
    query_timeout: answersWithinMs,
  })
  asker.on('error', () => undefined)
  try {
    await asker.connect()
    const { rows } = await asker.query<{ state: string | null }>(
      /* sql */ `select state from pg_catalog.pg_stat_activity where pid = $1 and datname = pg_catalog.current_database()`,
      [pid],
    )
    // Null: a backend of another role, which we may not look at. Or the server keeps no states: «disabled».
    return pid === null || rows.some(({ state }) => state === null || !state.startsWith('idle'))
  } catch (error) {
    // No connection is free, or the server is on its way back: somebody is there to answer.
    return /^[0-9A-Z]{5}$/.test(errorCode(error) ?? '')
  } finally {
    boundEnd(asker, { ...PULSE, closesWithinMs: 100 })
    void asker.end().catch(() => undefined)
  }
}
