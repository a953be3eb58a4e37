import type { ClientBase } from 'pg'
import { InterruptedError } from '../lib/errors.ts'
import type { Logger } from '../lib/log.ts'
import type { Fleet } from './application/fleet.ts'
import { buildStatistics, isWithin, type Window } from './application/statistics.ts'
import type { Planted } from './legacy-rows.ts'
import {
  type Accountings,
  buildExpectedAccountings,
  checkAccounting,
  type OldRows,
  readAccounts,
} from './measure/accounting.ts'
import { compareSides, type NewTable } from './measure/compare-sides.ts'
import { buildMesses, type Mess } from './measure/fates.ts'
import { findLostWrites } from './measure/lost-writes.ts'
import { readPlaces } from './measure/places.ts'
import { readSideEffects, type SideEffects } from './measure/side-effects.ts'

const PROGRESS_EVERY_MS = 500
const EXAMPLES = 3

/** Modules that insert or delete. */
const INSERTING = ['planner', 'cleaner', 'poster-1', 'poster-2', 'poster-3', 'collector']

export interface Accounted {
  readonly accounting: Accountings
  readonly messes: readonly Mess[]
  readonly sideEffects: SideEffects
}

/** Watches the run from outside: the application's log and SQL over both sides. Keeps what didn't hold. */
export class Observer {
  readonly problems: string[] = []
  readonly stages: { name: string; ms: number }[] = []
  #ends: { name: string; at: number }[] = []
  readonly comparison = { rows: 0, differing: 0 }
  readonly #client: ClientBase
  readonly #fleet: Fleet
  readonly #logger: Logger
  readonly #signal: AbortSignal
  #doing = ''

  constructor(parts: { client: ClientBase; fleet: Fleet; logger: Logger; signal: AbortSignal }) {
    this.#client = parts.client
    this.#fleet = parts.fleet
    this.#logger = parts.logger
    this.#signal = parts.signal
  }

  /** Runs one stage, with its name, its time and the application's pulse before people's eyes. */
  async stage<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    this.assertGoingOn()
    const started = performance.now()
    const from = Date.now()
    this.#doing = ''
    const show = () => this.#logger.progress(`${name.padEnd(8)} ${this.#describePulse(from)}${this.#doing}`)
    const timer = setInterval(show, PROGRESS_EVERY_MS)
    try {
      return await work()
    } finally {
      clearInterval(timer)
      const ms = performance.now() - started
      this.stages.push({ name, ms })
      this.#ends.push({ name, at: Date.now() })
      this.#logger.end()
      this.#logger.info(`${name.padEnd(8)} ${this.#describePulse(from)}, ${(ms / 1000).toFixed(1)} s`)
    }
  }

  /** The stage of that moment, in milliseconds since the epoch. */
  stageAt(at: number): string {
    return this.#ends.find((end) => at <= end.at)?.name ?? ''
  }

  /** Tells people what is happening within the stage. */
  announce(what: string): void {
    this.#doing = ` · ${what}`
  }

  /** Lets the application run. Milliseconds. Throws InterruptedError after Ctrl-C. */
  async letRun(ms: number): Promise<Window> {
    const from = Date.now()
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.#signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      this.#signal.addEventListener('abort', done)
    })
    this.assertGoingOn()
    return { from, to: Date.now() }
  }

  assertGoingOn(): void {
    if (this.#signal.aborted) throw new InterruptedError('the demo was interrupted')
  }

  /** The share of the application's reads in a window that the new side answered, 0 to 1. */
  measureShareOfNew(window: Window): number {
    const { bySide } = buildStatistics(this.#fleet.activity, window)
    let all = 0
    let fromNew = 0
    for (const [path, reads] of bySide) {
      all += reads
      if (path.includes('crossfade_compat')) fromNew += reads
    }
    return all === 0 ? 0 : fromNew / all
  }

  countWrites(window: Window): number {
    return this.#fleet.activity.writes.filter((write) => isWithin(write, window)).length
  }

  /** How many of all writes that the application ever committed are not on that side. */
  async countLostWrites(side: 'old' | 'new'): Promise<number> {
    const places = await readPlaces(this.#client)
    const { lost } = await findLostWrites(this.#client, this.#fleet.activity.writes, side, places)
    for (const write of lost.slice(0, EXAMPLES)) {
      this.problems.push(
        `lost on the ${side} side: ${write.what} of ${write.key} in ${write.table} is ${write.found ?? 'missing'}, ` +
          `was written as ${write.expected}`,
      )
    }
    return lost.length
  }

  /** Compares all rows of both sides; the report adds the comparisons up. */
  async compare(): Promise<void> {
    const { rows, differing, examples } = await compareSides(this.#client, await readPlaces(this.#client))
    this.comparison.rows = rows
    this.comparison.differing += differing
    for (const example of examples.slice(0, EXAMPLES)) {
      this.problems.push(`${example.kind} row of ${example.table}: ${example.key} ${example.columns.join(', ')}`.trim())
    }
  }

  /** Accounts for every old row, while nothing inserts or deletes, and for what the old tables' own triggers did. */
  readAccounting(planted: Planted, plantedRows: OldRows): Promise<Accounted> {
    return this.#fleet.whileHolding(INSERTING, async () => {
      const { writes, posts } = this.#fleet.activity
      const found = await readAccounts(this.#client, await readPlaces(this.#client))
      const expected = buildExpectedAccountings(planted, plantedRows, writes)
      for (const table of Object.keys(expected) as NewTable[]) {
        for (const finding of checkAccounting(table, found.tables[table], expected[table])) {
          this.problems.push(`accounting of ${finding}`)
        }
      }
      const told = new Set(posts.map((post) => post.key))
      const sideEffects = await readSideEffects(this.#client, [...told])
      return { accounting: found.tables, messes: buildMesses(planted, found.posts, found.metrics), sideEffects }
    })
  }

  #describePulse(from: number): string {
    const { statements, failed } = buildStatistics(this.#fleet.activity, { from })
    const rate = Math.round((1000 * statements) / Math.max(1, Date.now() - from))
    return `application: ${rate} statements/s, ${failed} failed`
  }
}
