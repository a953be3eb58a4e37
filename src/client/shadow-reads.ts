import type { Pool, QueryConfig } from 'pg'
import { type Comparison, readComparison } from './comparable.ts'
import { type CompareOptions, compareAnswers, type Difference } from './compare-answers.ts'
import type { ClientState } from './control-state.ts'
import type { Form } from './fingerprint.ts'
import type { Side } from './measures.ts'
import { ShadowConnections } from './shadow-connections.ts'
import { type Look, lookAtBoth, type SideAnswer } from './shadow-look.ts'
import { ShadowQueue } from './shadow-queue.ts'
import { type Judgement, ShadowTally } from './shadow-tally.ts'

/** A server that can't be reached is not asked again at once. */
const PAUSE_AFTER_FAILURE_MS = 30_000
/** Statements that were cancelled since they took too long, or waited for a lock. */
const TOO_SLOW = new Set(['57014', '55P03'])

export interface ShadowOptions {
  /** Share of the reads that are compared, 0 to 1; `crossfade shadow` can lower it. Default: 0.01. */
  readonly sample?: number
  /** `old`: both answers come from the old side, which shows what differs by itself. Default: new. */
  readonly against?: 'new' | 'old'
  /** How long either side may take, in milliseconds. Default: 1000. */
  readonly timeoutMs?: number
  /** Reads that wait to be compared; more are shed. Default: 100. */
  readonly queue?: number
  /** Comparisons at once, each on a connection of its own. Default: 1. */
  readonly connections?: number
  /** Where the comparisons run, in place of connections of their own: sessions as the application's are set up. */
  readonly pool?: Pool
  /** Longer answers are not compared. Default: 1000. */
  readonly maxRows?: number
  /** How long after the first look a difference is looked at again, in milliseconds. Default: 2000. */
  readonly againAfterMs?: number
  /** Columns of answers that may differ. */
  readonly ignoreColumns?: readonly string[]
  /** By column of the answer: what of a value, as the server writes it, is compared. */
  readonly compareBy?: Readonly<Record<string, (value: string) => string | null>>
  /** Mismatches hold values. Default: false, only lengths and what kind of difference it is. */
  readonly showValues?: boolean
}

/** A read that its caller has been answered. */
export interface AnsweredRead {
  readonly query: QueryConfig
  readonly tables: readonly string[]
  readonly form: Form
  readonly side: Side
  readonly rowCount: number
}

interface Job extends AnsweredRead {
  readonly comparison: Extract<Comparison, { kind: 'compared' }>
  readonly look: 1 | 2
}

export interface ShadowSurroundings {
  /** The state to decide by; null while there is none. */
  readonly state: () => ClientState | null
  readonly noteTime: (read: AnsweredRead, side: Side, ms: number, failed: boolean) => void
  readonly onCounted: () => void
  readonly warnOnce: (message: string) => void
}

/** Compares a share of the reads of a pool on both sides, off the path of the requests. */
export class ShadowReads {
  readonly tally = new ShadowTally()
  #options: Required<Omit<ShadowOptions, 'pool' | 'ignoreColumns' | 'compareBy' | 'showValues'>>
  #compare: CompareOptions
  #around: ShadowSurroundings
  #connections: ShadowConnections
  #queue: ShadowQueue<Job>
  #pausedUntil = 0
  #closed = false

  constructor(pool: Pool, options: ShadowOptions, around: ShadowSurroundings) {
    const { sample = 0.01, against = 'new', queue = 100, connections = 1, againAfterMs = 2_000 } = options
    const { showValues = false } = options
    // They stand in statements.
    const timeoutMs = wholeOr(1_000, options.timeoutMs)
    const maxRows = wholeOr(1_000, options.maxRows)
    this.#options = { sample, against, timeoutMs, queue, connections, maxRows, againAfterMs }
    this.#compare = {
      ignoreColumns: new Set(options.ignoreColumns),
      compareBy: new Map(Object.entries(options.compareBy ?? {})),
      showValues,
    }
    this.#around = around
    this.#connections = new ShadowConnections(pool, options.pool)
    const run = (job: Job): Promise<void> => this.#run(job).catch((error) => this.#tellFault(error))
    this.#queue = new ShadowQueue({
      longest: queue,
      workers: connections,
      run: (job) => run(job).then(around.onCounted),
    })
  }

  /** To be called when the caller has the answer. Never waits, never throws. */
  offer(read: AnsweredRead): void {
    const state = this.#around.state()
    if (this.#closed || state === null) return
    if (!(Math.random() < Math.min(this.#options.sample, state.shadow / 100))) return
    if (performance.now() < this.#pausedUntil) {
      this.tally.counts.failed += 1
      return
    }
    const comparison = readComparison(read.query.text)
    if (comparison.kind === 'left out') {
      this.tally.leaveOut(comparison.reason)
      return
    }
    const { text, values } = read.query
    // A copy, since the caller may go on with his.
    const query = values === undefined ? { text } : { text, values: [...values] }
    if (!this.#queue.offer({ ...read, query, comparison, look: 1 })) this.tally.counts.shed += 1
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([this.#queue.close(), this.#connections.close()])
  }

  async #run(job: Job): Promise<void> {
    // Decided again: it may have waited while somebody went back, or while the new side began to lag.
    const state = this.#around.state()
    if (state === null || state.shadow === 0) return
    const { against, timeoutMs, maxRows } = this.#options
    // Who asks second finds pages in the cache.
    const options = { state, against, timeoutMs, maxRows, newFirst: Math.random() < 0.5 }
    let look: Look
    try {
      look = await this.#connections.use((client) => lookAtBoth(client, job.query, options))
    } catch (error) {
      if (this.#closed) return
      this.tally.counts.failed += 1
      this.#pausedUntil = performance.now() + PAUSE_AFTER_FAILURE_MS
      this.#around.warnOnce(`shadow reads pause for a while: ${describeFailure(error)}`)
      return
    }
    if (job.look === 1) this.#noteTimes(job, look)
    const noise = against === 'old'
    if (!this.tally.count(this.#judge(job, look), { ...job, noise })) return
    // A key may have waited in the outbox, or somebody may have changed a view just now.
    if (!this.#queue.offerLater({ ...job, look: 2 }, this.#options.againAfterMs)) this.tally.counts.shed += 1
  }

  #judge(job: Job, look: Look): Judgement {
    if (look.kind === 'unfit') return { kind: 'left out', reason: look.why }
    const { old, new: now } = look
    if ([old, now].some((answer) => answer.kind === 'refused' && TOO_SLOW.has(answer.code))) return { kind: 'too slow' }
    if (old.kind === 'refused') return { kind: 'left out', reason: 'refused by the old side' }
    if (old.kind === 'too long' || now.kind === 'too long') {
      return { kind: 'left out', reason: `more than ${this.#options.maxRows} rows` }
    }
    if (now.kind === 'refused') return { kind: 'different', differences: [describeRefusal(now)] }
    const own = job.side === 'old' ? old : now
    if (job.look === 1 && own.answer.rows.length !== job.rowCount) this.tally.counts.unlike += 1
    return compareAnswers(old.answer, now.answer, job.comparison, this.#compare)
  }

  #noteTimes(job: Job, look: Look): void {
    if (look.kind === 'unfit') return
    for (const side of ['old', 'new'] as const) {
      const answer = look[side]
      if (answer.kind === 'too long' || (side === 'new' && this.#options.against === 'old')) continue
      this.#around.noteTime(job, side, answer.ms, answer.kind === 'refused')
    }
  }

  /** Such as a compareBy that throws. */
  #tellFault(error: unknown): void {
    this.tally.leaveOut('a fault')
    this.#around.warnOnce(`a shadow read could not be compared (${String(error)})`)
  }
}

function wholeOr(preset: number, given: number | undefined): number {
  return Number.isFinite(given) ? Math.max(1, Math.round(given as number)) : preset
}

/** Messages of class 42 name objects, of which there are few; others may name values. */
function describeRefusal({ code, message }: Extract<SideAnswer, { kind: 'refused' }>): Difference {
  return { kind: 'error', column: code, example: code.startsWith('42') ? message : '' }
}

/** The server's words may hold no secret; a driver's message names the address at most. */
function describeFailure(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown }
  return typeof code === 'string' ? code : String(message)
}
