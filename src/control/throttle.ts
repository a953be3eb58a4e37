import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import type { Database } from '../db/connect.ts'
import type { Logger } from '../lib/log.ts'
import type { ThrottleSettings } from '../spec/sync-settings.ts'
import { readStop } from './throttle-look.ts'

const LOOK_EVERY_MS = 250
/** Of these the second longest counts: about the 90th percentile, without the one that nobody can help. */
const SAMPLES = 10
const LONGEST_PAUSE_MS = 2_000

export interface ThrottleOptions {
  /** For `status`: `backfill of posts`. */
  readonly what: string
  /** Work that keeps the sides in step goes on where a backfill would all but stop. */
  readonly slowest: number
  readonly settings: ThrottleSettings
  readonly log: Logger
  readonly signal: AbortSignal
  /** Called at every look while it stands still, so that a heartbeat goes on. */
  readonly whileWaiting?: () => Promise<void>
}

/**
 * Lets long work go on only as fast as nobody is hurt by it. Crossfade can't see how long the application's own statements
 * take, so it times a small commit of its own, which waits for the same processors and the same disk: before the work
 * begins, and four times a second beside it. Where that takes too long, it works a smaller share of the time. Where a person has
 * paused, a standby lags, too many sessions are at work, or one of these can't be seen, it stands still, and says why.
 */
export class Throttle {
  readonly #session: pg.Client
  readonly #options: ThrottleOptions
  readonly #samples: number[] = []
  #atRest = 0
  #pace = 1
  #reason: string | null = null
  #lookedAt = 0
  #looking: Promise<string | null> | null = null

  private constructor(session: pg.Client, options: ThrottleOptions) {
    this.#session = session
    this.#options = options
  }

  /** Measures how it is before the work. */
  static async open(db: Database, options: ThrottleOptions): Promise<Throttle> {
    const throttle = new Throttle(await db.session(), options)
    await throttle.#session.query(
      /* sql */ `DELETE FROM crossfade.throttle WHERE seen_at < clock_timestamp() - interval '1 minute'`,
    )
    await throttle.#session.query(
      /* sql */ `INSERT INTO crossfade.throttle (pid, what) VALUES (pg_backend_pid(), $1) ON CONFLICT (pid) DO UPDATE SET what = $1`,
      [options.what],
    )
    await throttle.rest()
    return throttle
  }

  /** How it is while the work stands still. */
  async rest(): Promise<void> {
    if (this.#options.settings.latencyFactor === null) return
    const samples: number[] = []
    for (let i = 0; i <= SAMPLES; i++) samples.push(await this.#probe())
    this.#atRest = secondLongest(samples.slice(1))
  }

  /** Before the next piece of work; `workedMs` is how long the last one took. Returns at once after a signal. */
  async turn(workedMs: number): Promise<void> {
    const { signal } = this.#options
    for (;;) {
      if (signal.aborted) return
      const stop = await this.#look()
      if (stop === null) break
      await this.#options.whileWaiting?.()
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined)
    }
    const ms = Math.min(LONGEST_PAUSE_MS, workedMs * (1 / this.#pace - 1))
    if (ms >= 1) await sleep(ms, undefined, { signal }).catch(() => undefined)
  }

  async close(): Promise<void> {
    await this.#session
      .query(/* sql */ `DELETE FROM crossfade.throttle WHERE pid = pg_backend_pid()`)
      .catch(() => undefined)
    await this.#session.end().catch(() => undefined)
  }

  /** Several may work in one stride, and one looks for all: a second question behind the first would take longer by it. */
  async #look(): Promise<string | null> {
    this.#looking ??= this.#lookOnce().finally(() => {
      this.#looking = null
    })
    return await this.#looking
  }

  /** Why it must stand still now; null: it need not. */
  async #lookOnce(): Promise<string | null> {
    const stopped = this.#pace === 0
    if (!stopped && performance.now() - this.#lookedAt < LOOK_EVERY_MS) return null
    const { settings, slowest } = this.#options
    const stop = await readStop(this.#session, settings)
    const took = await this.#probe()
    this.#lookedAt = performance.now()
    if (stop !== null) {
      await this.#set(0, stop)
      return stop
    }
    if (settings.latencyFactor === null) {
      await this.#set(1, null)
      return null
    }
    if (stopped) this.#samples.length = 0
    this.#samples.push(took)
    if (this.#samples.length > SAMPLES) this.#samples.shift()
    const limit = Math.max(settings.latencyFloorMs, settings.latencyFactor * this.#atRest)
    const now = this.#samples.length < 3 ? 0 : secondLongest(this.#samples)
    if (now > limit) {
      const why = `a small commit takes ${now.toFixed(1)} ms, ${this.#atRest.toFixed(1)} ms at rest, and the limit is ${limit.toFixed(1)} ms`
      await this.#set(Math.max(slowest, (stopped ? 1 : this.#pace) / 2), why)
    } else if (stopped || this.#pace < 1) {
      const pace = stopped ? slowest : Math.min(1, this.#pace + 0.1)
      await this.#set(
        pace,
        pace < 1 ? (this.#reason === null || stopped ? 'it begins slowly again' : this.#reason) : null,
      )
    }
    return null
  }

  /** The heartbeat of this row is the small commit. Milliseconds. */
  async #probe(): Promise<number> {
    const started = performance.now()
    await this.#session.query(
      /* sql */ `UPDATE crossfade.throttle SET seen_at = clock_timestamp() WHERE pid = pg_backend_pid()`,
    )
    return performance.now() - started
  }

  async #set(pace: number, reason: string | null): Promise<void> {
    const { what, log } = this.#options
    const changed = (pace === 0) !== (this.#pace === 0) || (pace === 0 && reason !== this.#reason)
    if (changed) log.info(pace === 0 ? `${what} stands still: ${reason}` : `${what} goes on`)
    if (pace === this.#pace && reason === this.#reason) return
    this.#pace = pace
    this.#reason = reason
    await this.#session.query(
      /* sql */ `
      UPDATE crossfade.throttle SET pace = $1::real, reason = $2, since = CASE WHEN (pace = 0) <> ($1::real = 0) OR (reason IS NULL) <> ($2::text IS NULL) THEN clock_timestamp() ELSE since END
       WHERE pid = pg_backend_pid()`,
      [pace, reason],
    )
  }
}

function secondLongest(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => b - a)
  return sorted[1] ?? sorted[0] ?? 0
}
