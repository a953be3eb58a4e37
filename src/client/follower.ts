import type { ClientBase, CustomTypesConfig, Pool, PoolClient, QueryConfig } from 'pg'
import { ControlState, parseClientState } from './control-state.ts'
import { Listener } from './listener.ts'

const POLL_MS = 1_000
const POLL_WITHOUT_CROSSFADE_MS = 2_000
/** Without LISTEN, a state that nobody has confirmed for so long is confirmed before it is acted on. */
const LONGEST_TRUST_MS = 30_000

/** A network that drops packets closes nothing; a question without an answer must not be the last one. */
const ANSWERS_WITHIN_MS = 5_000

/** Asked first where Crossfade was never seen, so that a database without it logs no error. */
const IS_PRESENT = /* sql */ `select to_regprocedure('crossfade.client_state()') is not null as present`
const CLIENT_STATE = /* sql */ `select crossfade.client_state() as state`
const ABSENT = new Set(['3F000', '42883', '42P01'])

// The application may have parsers of its own for json, in the pool's options or set for the whole driver.
const AS_TEXT: CustomTypesConfig = { getTypeParser: () => (value: string) => value }

export interface FollowerOptions {
  /** A client of the pool, on whichever side. */
  readonly acquire: () => Promise<PoolClient>
  /** For the jitter of pauses. */
  readonly random: () => number
  readonly canListen: boolean
  /** The state can be reached and makes no sense. */
  readonly onFaulty: (error: Error) => void
}

/**
 * Follows the control state of a pool's database: over LISTEN, and by asking through the pool about
 * every second. It has no timers of its own while LISTEN works: `noticeTraffic` is what drives it,
 * so an idle process is left alone.
 */
export class Follower {
  readonly control = new ControlState()
  #acquire: () => Promise<PoolClient>
  #random: () => number
  #canListen: boolean
  #listener: Listener
  #onFaulty: (error: Error) => void
  #seen = false
  #polling = false
  #closed = false
  #nextPoll = 0
  #lastSettled = 0

  constructor(pool: Pool, { acquire, random, canListen, onFaulty }: FollowerOptions) {
    this.#acquire = acquire
    this.#random = random
    this.#canListen = canListen
    this.#onFaulty = onFaulty
    this.#listener = new Listener(pool, {
      random,
      onConnected: (client) => void this.#refresh(client),
      onNotification: (client) => {
        this.control.distrust()
        void this.#refresh(client)
      },
      onLost: () => {
        this.#nextPoll = 0
      },
    })
  }

  /** To be called with every use of the pool. Never waits. */
  noticeTraffic(): void {
    if (this.#closed || this.#polling) return
    const now = performance.now()
    if (now < this.#nextPoll) return
    if (!this.#listener.connected && now - this.#lastSettled > LONGEST_TRUST_MS) this.control.distrust()
    this.#polling = true
    void this.#poll().finally(() => {
      this.#polling = false
    })
  }

  /** Ends the LISTEN connection; nothing is asked any more. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#listener.stop()
  }

  async #poll(): Promise<void> {
    const question = this.control.ask()
    let client: PoolClient
    try {
      client = await this.#acquireSoon()
    } catch {
      this.#settle(question)
      return
    }
    if (typeof client.getTransactionStatus !== 'function') {
      this.#onFaulty(new TypeError('this version of pg does not tell whether a client is in a transaction'))
    }
    // An error here would break a transaction that the application left open on this client.
    if (client.getTransactionStatus?.() !== 'I') {
      client.release()
      this.#settle(question)
      return
    }
    const ignore = () => {}
    client.on('error', ignore)
    const usable = await this.#answer(client, question)
    client.removeListener('error', ignore)
    client.release(!usable)
  }

  /** A client that comes later goes back. */
  async #acquireSoon(): Promise<PoolClient> {
    const acquired = this.#acquire()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), ANSWERS_WITHIN_MS)
      timer.unref()
    })
    const client = await Promise.race([acquired, late]).finally(() => clearTimeout(timer))
    if (client !== null) return client
    acquired.then(
      (later) => later.release(),
      () => undefined,
    )
    throw new Error('no client of the pool came free')
  }

  async #refresh(client: ClientBase): Promise<void> {
    if (this.#closed) return
    await this.#answer(client, this.control.ask())
  }

  /** false when the client should not be used again. */
  async #answer(client: ClientBase, question: number): Promise<boolean> {
    try {
      const state = await this.#readState(client)
      this.#seen = state !== null
      this.control.answer(question, state)
      this.#settle(question)
      if (state === null) void this.#listener.stop()
      else if (this.#canListen && !this.#closed) this.#listener.start()
      return true
    } catch (error) {
      this.#settle(question)
      if (error instanceof TypeError || error instanceof SyntaxError) this.#onFaulty(error)
      return typeof (error as { severity?: unknown }).severity === 'string'
    }
  }

  async #readState(client: ClientBase) {
    if (!this.#seen) {
      const { rows } = await client.query<{ present: string }>(buildQuestion(IS_PRESENT))
      if (rows[0]?.present !== 't') return null
    }
    try {
      const { rows } = await client.query<{ state: string }>(buildQuestion(CLIENT_STATE))
      return parseClientState(rows[0]?.state ?? 'null')
    } catch (error) {
      if (ABSENT.has((error as { code?: string }).code ?? '')) return null
      throw error
    }
  }

  #settle(question: number): void {
    this.control.fail(question)
    this.#lastSettled = performance.now()
    const pause = this.control.lastKnown === null ? POLL_WITHOUT_CROSSFADE_MS : POLL_MS
    this.#nextPoll = this.#lastSettled + pause * (0.8 + 0.4 * this.#random())
  }
}

/** pg takes the timeout with each query, and its types don't say so. */
function buildQuestion(text: string): QueryConfig {
  return { text, types: AS_TEXT, query_timeout: ANSWERS_WITHIN_MS } as QueryConfig
}
