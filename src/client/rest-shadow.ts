import type { Comparison } from './comparable.ts'
import type { CompareOptions } from './compare-answers.ts'
import type { Form } from './fingerprint.ts'
import { Measures, type Side } from './measures.ts'
import { recordTo } from './meter.ts'
import { writeMetrics } from './metrics-text.ts'
import { ReadReports } from './read-reports.ts'
import { formOfRead, readRestComparison } from './rest-form.ts'
import { askSide, isFailure, judgeAnswers, type RestAnswer } from './rest-look.ts'
import { findReasonForOld } from './rest-read.ts'
import { recordOverRest } from './rest-record.ts'
import type { AnsweredRestRead } from './rest-watch.ts'
import { ShadowQueue } from './shadow-queue.ts'
import { type Judgement, ShadowTally } from './shadow-tally.ts'
import type { ShadowReadsOptions } from './supabase-shadow.ts'

const PAUSE_AFTER_FAILURE_MS = 30_000

const NO_RIGHT =
  'crossfade: the database takes no reports of reads with this service key; look at the key, and at the schema crossfade_compat among the exposed ones'

interface Job {
  readonly answered: AnsweredRestRead
  readonly form: Form
  readonly comparison: Extract<Comparison, { kind: 'compared' }>
  readonly look: 1 | 2
}

/** Shadow reads over the API: no snapshot spans two requests, so what differs is asked old, new, and old again. */
export class RestShadow {
  readonly tally = new ShadowTally()
  #measures = new Measures()
  #options: { sample: number; against: 'new' | 'old'; timeoutMs: number; againAfterMs: number }
  #compare: CompareOptions & { readonly maxRows: number }
  #queue: ShadowQueue<Job>
  #reports: ReadReports | null
  #record: ReturnType<typeof recordTo> | null
  /** Where the reads went; what is told goes there, too. */
  #place: Pick<AnsweredRestRead, 'fetch' | 'tablesUrl'> | null = null
  #warn: (message: string) => void
  #warned = new Set<string>()
  #pausedUntil = 0

  constructor(options: ShadowReadsOptions) {
    const { sample = 0.01, against = 'new', timeoutMs = 8_000, againAfterMs = 2_000, maxRows = 1_000 } = options
    const { serviceKey, meter, queue = 100, connections = 1, showValues = false } = options
    this.#options = { sample, against, timeoutMs, againAfterMs }
    this.#compare = {
      ...{ maxRows, showValues },
      ignoreColumns: new Set(options.ignoreColumns),
      compareBy: new Map(Object.entries(options.compareBy ?? {})),
    }
    this.#warn = options.warn ?? ((message) => console.warn(message))
    this.#record = meter === undefined ? null : recordTo(meter)
    this.#queue = new ShadowQueue({ longest: queue, workers: connections, run: (job) => this.#run(job) })
    // Nobody but the holder of the service key may tell, so nobody else tries to.
    this.#reports =
      serviceKey === undefined
        ? null
        : new ReadReports({
            measures: this.#measures,
            mismatches: this.tally.mismatches,
            counts: () => this.tally.outcomes(),
            send: async (report) => (this.#place === null ? 'later' : recordOverRest(this.#place, serviceKey, report)),
            onNoRight: () => this.#warnOnce(NO_RIGHT),
          })
  }

  answered(answered: AnsweredRestRead): void {
    try {
      const form = formOfRead(answered.read)
      this.#place = { fetch: answered.fetch, tablesUrl: answered.tablesUrl }
      this.#note(answered, form, answered.side, answered.ms, answered.failed, false)
      if (!answered.failed) this.#offer(answered, form)
    } catch (error) {
      this.#tellFault(error)
    }
  }

  writeMetrics(): string {
    const outcomes = this.tally.outcomes()
    return writeMetrics({ measures: this.#measures.list(), gauges: {}, counters: {}, outcomes })
  }

  async flush(): Promise<void> {
    await this.#reports?.flush()
  }

  #offer(answered: AnsweredRestRead, form: Form): void {
    if (!(Math.random() < Math.min(this.#options.sample, answered.shadow() / 100))) return
    if (performance.now() < this.#pausedUntil) {
      this.tally.counts.failed += 1
      return
    }
    const comparison = readRestComparison(answered.read)
    const reason = findReasonForOld(answered.read) === null ? null : 'a view can’t answer it'
    if (reason !== null || comparison.kind === 'left out') {
      this.tally.leaveOut(reason ?? (comparison as Extract<Comparison, { kind: 'left out' }>).reason)
      return
    }
    if (!this.#queue.offer({ answered, form, comparison, look: 1 })) this.tally.counts.shed += 1
  }

  async #run(job: Job): Promise<void> {
    try {
      // Decided again: somebody may have stopped it while this waited.
      if (job.answered.shadow() === 0) return
      const noise = this.#options.against === 'old'
      const judged = { form: job.form, tables: [job.answered.read.table], look: job.look, noise }
      const judgement = await this.#look(job)
      if (judgement !== null && this.tally.count(judgement, judged)) {
        const again = this.#queue.offerLater({ ...job, look: 2 }, this.#options.againAfterMs)
        if (!again) this.tally.counts.shed += 1
      }
      this.#reports?.notice()
    } catch (error) {
      this.#tellFault(error)
    }
  }

  /** Null where there is no network. */
  async #look({ answered, form, comparison, look }: Job): Promise<Judgement | null> {
    const { against, timeoutMs } = this.#options
    const ask = (side: Side): Promise<RestAnswer> => askSide(answered.fetch, answered.args, side, timeoutMs)
    let answers: { old: RestAnswer; new: RestAnswer; again: RestAnswer | null }
    try {
      const old = await ask('old')
      answers = { old, new: await ask(against), again: look === 2 ? await ask('old') : null }
    } catch (error) {
      this.#pausedUntil = performance.now() + PAUSE_AFTER_FAILURE_MS
      this.tally.counts.failed += 1
      this.#warnOnce(`crossfade: shadow reads pause for a while: ${error instanceof Error ? error.message : error}`)
      return null
    }
    if (look === 1) {
      for (const side of against === 'old' ? (['old'] as const) : (['old', 'new'] as const)) {
        const answer = answers[side]
        const ms = answer.kind === 'answered' ? answer.ms : timeoutMs
        this.#note(answered, form, side, ms, isFailure(answer), true)
      }
    }
    if (answers.again !== null) {
      const still = judgeAnswers(answers.old, answers.again, comparison, this.#compare)
      if (still.kind !== 'same') return { kind: 'left out', reason: 'written while it was looked at' }
    }
    return judgeAnswers(answers.old, answers.new, comparison, this.#compare)
  }

  #note(answered: AnsweredRestRead, form: Form, side: Side, ms: number, failed: boolean, shadow: boolean): void {
    const read = { ...form, tables: [answered.read.table], side, shadow, ms, failed }
    this.#measures.note(read)
    this.#reports?.notice()
    this.#record?.(read)
  }

  /** A fault of ours is none of the caller's. */
  #tellFault(error: unknown): void {
    this.tally.leaveOut('a fault')
    this.#warnOnce(`crossfade: a read could not be looked at (${String(error)})`)
  }

  #warnOnce(message: string): void {
    if (this.#warned.has(message) || this.#warned.size >= 100) return
    this.#warned.add(message)
    this.#warn(message)
  }
}
