import { type Answer, FAULTY_CACHE, type RestState, readAnswer } from './rest-state.ts'

/** A question without an answer must not be the last one. */
const ANSWERS_WITHIN_MS = 5_000
/** Where there is nothing to follow. */
const PAUSE_WITHOUT_STATE_MS = 5_000
/** In polls. Who reads once in a while is followed too; who is idle for longer begins on the old side. */
const POLLS_AFTER_TRAFFIC = 10
const POLLS_OF_TRUST = 2
/** A network that fails for a moment is no news. */
const FAILURES_TO_TELL = 3
/** The Date header counts seconds. */
const OLDEST_DATE_MS = 2_500

export interface StatePollOptions {
  readonly url: string
  /** The API key, which says nothing of the role. */
  readonly key: string
  readonly role: string
  readonly pollMs: number
  readonly onFaulty: (cause: string, message: string) => void
}

interface Asker {
  readonly fetch: typeof fetch
  readonly authorization: string | null
}

/** Both clocks: one jumps when it is set, the other stands still while the machine sleeps. */
interface Moment {
  readonly running: number
  readonly wall: number
}

/**
 * Follows the control state over HTTP, for one role: about once in `pollMs` while there are reads and some polls longer.
 * The state is trusted for two polls after the question that confirmed it was asked; so a rollback reaches everybody in
 * one poll, and who was frozen, or whose clock was set, begins on the old side.
 */
export class StatePoll {
  #options: StatePollOptions
  #state: RestState | null = null
  #etag: string | null = null
  #confirmed: Moment | null = null
  /** Number of the newest question, and when it was asked; null when it has been settled. */
  #question = 0
  #asked: Moment | null = null
  #nextPoll = Number.NEGATIVE_INFINITY
  #lastTraffic = 0
  #failures = 0
  #dated: { readonly date: string; readonly since: number } | null = null
  #asker: Asker | null = null
  /** A token that was accepted stays the one to ask with, so that a stranger's bad one can't stop the following. */
  #accepted: string | null | undefined
  #timer: unknown

  constructor(options: StatePollOptions) {
    this.#options = options
  }

  get role(): string {
    return this.#options.role
  }

  /** The state to decide by; null for "read old". */
  get current(): RestState | null {
    if (this.#confirmed === null) return null
    const now = readClocks()
    const running = now.running - this.#confirmed.running
    const wall = Math.abs(now.wall - this.#confirmed.wall)
    return Math.max(running, wall) <= POLLS_OF_TRUST * this.#options.pollMs ? this.#state : null
  }

  /** To be called with every read. Never waits. */
  noticeTraffic(asker: Asker): void {
    this.#asker = asker
    this.#lastTraffic = readClocks().running
    this.#pollIfDue()
  }

  #pollIfDue(): void {
    const now = readClocks()
    if (now.running < this.#nextPoll || this.#asker === null) return
    // Some runtimes end with a request what it began, so a question may never be settled.
    if (this.#asked !== null && now.running - this.#asked.running < ANSWERS_WITHIN_MS) return
    this.#question += 1
    this.#asked = now
    void this.#ask(this.#question, now, this.#asker)
  }

  async #ask(question: number, asked: Moment, { fetch, authorization }: Asker): Promise<void> {
    const token = this.#accepted === undefined ? authorization : this.#accepted
    const controller = new AbortController()
    const timer = setTimeout(() => controller.abort(), ANSWERS_WITHIN_MS)
    letGo(timer)
    const answer = await Promise.race([this.#request(fetch, token, controller.signal), whenAborted(controller.signal)])
    clearTimeout(timer)
    if (question !== this.#question) return
    this.#asked = null
    this.#apply(answer, asked, token)
    const pause = this.#state === null ? Math.max(PAUSE_WITHOUT_STATE_MS, this.#options.pollMs) : this.#options.pollMs
    // Counted from the question, so that a slow answer doesn't stretch the bound of a rollback.
    this.#nextPoll = asked.running + pause * (0.8 + 0.4 * Math.random())
    // The next read may bring a token that is valid; nothing else can.
    if (answer.kind === 'token') this.#nextPoll = asked.running + this.#options.pollMs / 10
    else this.#schedule()
  }

  async #request(fetch: typeof globalThis.fetch, token: string | null, signal: AbortSignal): Promise<Answer> {
    const headers: Record<string, string> = { Accept: 'application/json', 'Accept-Profile': 'crossfade_compat' }
    headers.apikey = this.#options.key
    if (token !== null) headers.Authorization = token
    if (this.#etag !== null && this.#state !== null) headers['If-None-Match'] = this.#etag
    try {
      const response = await fetch(this.#options.url, { headers, signal })
      return this.#isOutOfCache(response) ? FAULTY_CACHE : await readAnswer(response)
    } catch (error) {
      return { kind: 'unreachable', what: error instanceof Error ? error.message : String(error) }
    }
  }

  /** A framework that caches what fetch gives would hide a rollback for ever. Browsers don't show these headers. */
  #isOutOfCache({ headers }: Response): boolean {
    if (Number(headers.get('age')) * 1000 > OLDEST_DATE_MS) return true
    const date = headers.get('date')
    if (date === null) return false
    const { running } = readClocks()
    if (this.#dated?.date !== date) this.#dated = { date, since: running }
    return running - this.#dated.since > OLDEST_DATE_MS
  }

  #apply(answer: Answer, asked: Moment, token: string | null): void {
    this.#failures = answer.kind === 'unreachable' ? this.#failures + 1 : 0
    switch (answer.kind) {
      case 'state':
        this.#state = answer.state
        this.#etag = answer.etag
        this.#confirmed = asked
        this.#accepted = token
        return
      case 'same':
        this.#confirmed = asked
        return
      case 'absent':
        this.#state = null
        this.#confirmed = null
        return
      case 'token':
        this.#accepted = undefined
        return
      case 'unreachable':
        if (this.#failures !== FAILURES_TO_TELL) return
        this.#options.onFaulty(
          'unreachable',
          `the state of the migration can't be asked for (${answer.what}); until it can, all reads stay on the old tables`,
        )
        return
      case 'faulty':
        if (this.current === null) this.#state = null
        this.#options.onFaulty(answer.cause, answer.message)
    }
  }

  #schedule(): void {
    clearTimeout(this.#timer as number)
    const now = readClocks().running
    if (now - this.#lastTraffic > POLLS_AFTER_TRAFFIC * this.#options.pollMs) return
    this.#timer = setTimeout(() => this.#pollIfDue(), Math.max(0, this.#nextPoll - now) + 1)
    letGo(this.#timer)
  }
}

function readClocks(): Moment {
  return { running: performance.now(), wall: Date.now() }
}

function whenAborted(signal: AbortSignal): Promise<Answer> {
  const what = `no answer within ${ANSWERS_WITHIN_MS / 1000} s`
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve({ kind: 'unreachable', what }), { once: true })
  })
}

/** A timer must not keep a process alive; browsers have no such thing. */
function letGo(timer: unknown): void {
  if (typeof timer === 'object') (timer as { unref?(): void } | null)?.unref?.()
  else (globalThis as { Deno?: { unrefTimer?(id: unknown): void } }).Deno?.unrefTimer?.(timer)
}
