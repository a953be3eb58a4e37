import type { Client, Pool } from 'pg'
import { buildOwnClient, connectUnnoticed, endClient } from './own-client.ts'

const FIRST_RETRY_MS = 200
const LONGEST_RETRY_MS = 30_000
const QUERY_TIMEOUT_MS = 10_000
/** The operating system would ask after two hours whether anybody is there. */
const ALIVE_ASKED_AFTER_MS = 10_000

const SERVER_PROCESS = /* sql */ `select pg_backend_pid() as pid`

export interface ListenerEvents {
  readonly random: () => number
  /** LISTEN has just begun, for the first time or again: what was announced before may have been missed. */
  readonly onConnected: (client: Client) => void
  readonly onNotification: (client: Client) => void
  readonly onLost: () => void
}

/**
 * LISTEN on channel `crossfade`, on a connection of its own that is made anew when it is lost. It
 * does not keep the process alive. Behind a pooler that shares server connections LISTEN hears
 * nothing, so there it gives up.
 */
export class Listener {
  #pool: Pool
  #events: ListenerEvents
  #client: Client | null = null
  #timer: NodeJS.Timeout | undefined
  #running = false
  #attempt = 0
  connected = false
  #impossible = false

  constructor(pool: Pool, events: ListenerEvents) {
    this.#pool = pool
    this.#events = events
  }

  start(): void {
    if (this.#running || this.#impossible) return
    this.#running = true
    void this.#connect()
  }

  /** Resolves when the connection has ended, after a second at the latest. */
  async stop(): Promise<void> {
    this.#running = false
    clearTimeout(this.#timer)
    const client = this.#client
    this.#client = null
    this.connected = false
    if (client !== null) await endClient(client)
  }

  async #connect(): Promise<void> {
    let client: Client
    try {
      client = buildOwnClient(this.#pool, {
        application_name: 'crossfade listener',
        keepAlive: true,
        keepAliveInitialDelayMillis: ALIVE_ASKED_AFTER_MS,
        query_timeout: QUERY_TIMEOUT_MS,
      })
    } catch {
      this.#impossible = true
      return
    }
    this.#client = client
    // What happened is told by 'end', or by the rejection of the statement that was running.
    client.on('error', () => {})
    client.on('end', () => this.#lose(client))
    client.on('notification', ({ channel }) => {
      if (channel === 'crossfade' && this.#client === client) this.#events.onNotification(client)
    })
    try {
      await connectUnnoticed(client)
      if (await isBehindPooler(client)) {
        this.#impossible = true
        await this.stop()
        return
      }
      await client.query('LISTEN crossfade')
    } catch {
      this.#lose(client)
      void endClient(client)
      return
    }
    if (this.#client !== client) return
    this.connected = true
    this.#attempt = 0
    this.#events.onConnected(client)
  }

  #lose(client: Client): void {
    if (this.#client !== client) return
    this.#client = null
    this.connected = false
    this.#events.onLost()
    if (!this.#running) return
    const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#attempt)
    this.#attempt += 1
    this.#timer = setTimeout(() => void this.#connect(), longest * (0.5 + this.#events.random() / 2))
    this.#timer.unref()
  }
}

async function isBehindPooler(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ pid: number }>(SERVER_PROCESS)
  return rows[0]?.pid !== (client as { processID?: number }).processID
}
