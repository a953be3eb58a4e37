import type { Measure, Measures } from './measures.ts'
import type { Mismatch, Mismatches } from './mismatches.ts'

const EVERY_MS = 10_000
/** Whoever may not tell asks again, since somebody may grant it. */
const PAUSE_WITHOUT_RIGHT_MS = 300_000

/** What `crossfade.record_reads` takes. */
export interface ReadReport {
  readonly measures: readonly object[]
  readonly mismatches: readonly Mismatch[]
  /** Of shadow reads, by outcome. */
  readonly counts: Readonly<Record<string, number>>
}

/** `later`: it could not be told now. `no right` and `refused`: it never will be as it is. */
export type Told = 'told' | 'later' | 'no right' | 'refused'

export interface ReadReportsOptions {
  readonly measures: Measures
  readonly mismatches: Mismatches | null
  /** Since the beginning, by outcome. */
  readonly counts: () => Readonly<Record<string, number>>
  readonly send: (report: ReadReport) => Promise<Told>
  readonly onNoRight: () => void
}

/** Tells the database about every ten seconds what was counted, in aggregate, and only while there is something. */
export class ReadReports {
  #options: ReadReportsOptions
  #told: Record<string, number> = {}
  #timer: ReturnType<typeof setTimeout> | undefined
  #sending: Promise<void> | null = null
  #pausedUntil = 0
  #closed = false

  constructor(options: ReadReportsOptions) {
    this.#options = options
  }

  /** To be called when something was counted. Never waits. */
  notice(): void {
    if (this.#timer !== undefined || this.#closed) return
    this.#timer = setTimeout(() => void this.flush(), EVERY_MS * (0.8 + 0.4 * Math.random()))
    ;(this.#timer as { unref?(): void }).unref?.()
  }

  /** Tells what was counted until now. Never throws. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    await this.#sending
    if (this.#closed || performance.now() < this.#pausedUntil) return
    this.#sending = this.#send().finally(() => {
      this.#sending = null
    })
    await this.#sending
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  async #send(): Promise<void> {
    const { measures, mismatches, counts, send, onNoRight } = this.#options
    const now = { ...counts() }
    const news = Object.entries(now).flatMap(([outcome, count]) => {
      const more = count - (this.#told[outcome] ?? 0)
      return more > 0 ? [[outcome, more] as const] : []
    })
    const taken = { measures: measures.takeNew(), mismatches: mismatches?.takeNew() ?? [] }
    if (taken.measures.length + taken.mismatches.length + news.length === 0) return
    const report = { ...taken, measures: taken.measures.map(asPlain), counts: Object.fromEntries(news) }
    const told = await send(report).catch((): Told => 'later')
    if (told === 'told' || told === 'refused') {
      this.#told = now
      return
    }
    measures.putBack(taken.measures)
    mismatches?.putBack(taken.mismatches)
    this.notice()
    if (told !== 'no right') return
    this.#pausedUntil = performance.now() + PAUSE_WITHOUT_RIGHT_MS
    onNoRight()
  }
}

function asPlain({ buckets, ...rest }: Measure): object {
  return { ...rest, buckets: Object.fromEntries(buckets) }
}
