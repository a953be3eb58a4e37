import { type ClientState, ControlState, parseClientState } from './control-state.ts'

const POLL_MS = 1_000
const POLL_WITHOUT_CROSSFADE_MS = 2_000
/** Without LISTEN, a state that nobody has confirmed for so long is confirmed before it is acted on. */
const LONGEST_TRUST_MS = 30_000

/** A network that drops packets closes nothing; a question without an answer must not be the last one. */
export const ANSWERS_WITHIN_MS = 5_000

/** Asked first where Crossfade was never seen, so that a database without it logs no error. */
const IS_PRESENT = /* sql */ `select (to_regprocedure('crossfade.client_state()') is not null)::text as answer`
const CLIENT_STATE = /* sql */ `select crossfade.client_state()::text as answer`
const ABSENT = new Set(['3F000', '42883', '42P01'])

/** One question to the database: the first column of the first row, as the server writes it. */
export type Ask = (question: string) => Promise<string | null>

/** With what has happened comes a connection to ask over. */
export interface ListenEvents {
  /** LISTEN has just begun, for the first time or again: what was announced before may have been missed. */
  readonly onConnected: (ask: Ask) => void
  readonly onNotification: (ask: Ask) => void
  readonly onLost: () => void
  /** Nobody listens for the time being, since there is nothing to do. */
  readonly onIdle: () => void
}

/** How a driver reaches the control state. */
export interface StateSource {
  /** Whether a change would be announced now. */
  readonly listening: boolean
  /**
   * Lends a connection that is in no transaction: an error there would break what the application has begun. Rejects
   * where there is none. What `use` gives says whether the connection may be used again.
   */
  lend(use: (ask: Ask) => Promise<boolean>): Promise<void>
  /** Does nothing where it listens already, or can't. */
  startListening(events: ListenEvents): void
  stopListening(): Promise<void>
}

export interface FollowerOptions {
  /** For the jitter of pauses. */
  readonly random: () => number
  readonly canListen: boolean
  /** The state can be reached and makes no sense. */
  readonly onFaulty: (error: Error) => void
}

/**
 * Follows the control state of a database: over LISTEN, and by asking about every second. It has no
 * timers of its own while LISTEN works: `noticeTraffic` is what drives it, so an idle process is
 * left alone.
 */
export class Follower {
  readonly control = new ControlState()
  #source: StateSource
  #random: () => number
  #canListen: boolean
  #onFaulty: (error: Error) => void
  #events: ListenEvents
  #seen = false
  #polling = false
  #closed = false
  #nextPoll = 0
  #lastSettled = 0

  constructor(source: StateSource, { random, canListen, onFaulty }: FollowerOptions) {
    this.#source = source
    this.#random = random
    this.#canListen = canListen
    this.#onFaulty = onFaulty
    this.#events = {
      onConnected: (ask) => void this.#refresh(ask),
      onNotification: (ask) => {
        this.control.distrust()
        void this.#refresh(ask)
      },
      onLost: () => {
        this.#nextPoll = 0
      },
      onIdle: () => {
        this.control.distrust()
        this.#nextPoll = 0
      },
    }
  }

  /** To be called with every use of the database. Never waits. */
  noticeTraffic(): void {
    if (this.#closed || this.#polling) return
    const now = performance.now()
    if (now < this.#nextPoll) return
    if (!this.#source.listening && now - this.#lastSettled > LONGEST_TRUST_MS) this.control.distrust()
    this.#polling = true
    void this.#poll().finally(() => {
      this.#polling = false
    })
  }

  /** Ends the LISTEN connection; nothing is asked any more. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#source.stopListening()
  }

  async #poll(): Promise<void> {
    const question = this.control.ask()
    try {
      await this.#source.lend((ask) => this.#answer(ask, question))
    } catch (error) {
      if (error instanceof TypeError) this.#onFaulty(error)
      this.#settle(question)
    }
  }

  async #refresh(ask: Ask): Promise<void> {
    if (this.#closed) return
    await this.#answer(ask, this.control.ask())
  }

  /** false when the connection should not be used again. */
  async #answer(ask: Ask, question: number): Promise<boolean> {
    try {
      const state = await this.#readState(ask)
      this.#seen = state !== null
      this.control.answer(question, state)
      this.#settle(question)
      if (state === null) void this.#source.stopListening()
      else if (this.#canListen && !this.#closed) this.#source.startListening(this.#events)
      return true
    } catch (error) {
      this.#settle(question)
      if (error instanceof TypeError || error instanceof SyntaxError) this.#onFaulty(error)
      return typeof (error as { severity?: unknown }).severity === 'string'
    }
  }

  async #readState(ask: Ask): Promise<ClientState | null> {
    if (!this.#seen && (await ask(IS_PRESENT)) !== 'true') return null
    try {
      return parseClientState((await ask(CLIENT_STATE)) ?? 'null')
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
