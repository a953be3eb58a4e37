import { classify } from './classify.ts'
import type { ClientState, ControlState } from './control-state.ts'
import { placeOf } from './draw.ts'
import { readEnvironmentLimit } from './environment.ts'
import { FlagLimits, type PercentFlag } from './flag-limits.ts'
import type { StatementError } from './statement-error.ts'

const LONGEST_MEMORY_OF_WARNINGS = 100

/** How a client chooses the side of a read, whichever driver it has. */
export interface ReadOptions {
  /** Draws the side of a read, 0 ≤ x < 1. Default: Math.random. */
  readonly random?: () => number
  /** A key whose reads all come from one side, and stay on the new one as the percentage grows; undefined draws. */
  readonly sticky?: (read: StickyRead) => string | undefined
  /** The most that is read from the new side, in percent, by old table. It can only lower. */
  readonly tables?: Readonly<Record<string, number>>
  /** The same, asked while it runs: of a flag service, say. It can only lower, and nobody waits for a promise. */
  readonly percent?: PercentFlag
  /** Told once per cause what went wrong and was answered by the old side. Default: process.emitWarning. */
  readonly warn?: (message: string) => void
}

/** What a sticky key may be made of. */
export interface StickyRead {
  readonly text: string
  readonly values: readonly unknown[]
  /** The migrated tables that the statement names. */
  readonly tables: readonly string[]
}

/** Chooses the side of each read by the control state, the environment and the options, and warns once per cause. */
export class SideChoice {
  #control: ControlState
  #random: () => number
  #sticky: ReadOptions['sticky']
  #tables: ReadonlyMap<string, number>
  #flags: FlagLimits | undefined
  #warn: (message: string) => void
  #warned = new Set<string>()

  constructor(control: ControlState, options: ReadOptions) {
    this.#control = control
    this.#random = options.random ?? Math.random
    this.#sticky = options.sticky
    this.#tables = new Map(Object.entries(options.tables ?? {}))
    if (options.percent !== undefined) this.#flags = new FlagLimits(options.percent, (text) => this.warnOnce(text))
    this.#warn = options.warn ?? ((message) => process.emitWarning(message, 'CrossfadeWarning'))
  }

  /** What is read from the new side now, environment included. */
  get percent(): number {
    const percent = this.#control.current?.percent ?? 0
    if (percent === 0) return 0
    return Math.min(
      percent,
      readEnvironmentLimit(process.env, (message) => this.warnOnce(message)),
    )
  }

  /** Of the control state; null as long as there is none. */
  get version(): number | null {
    return this.#control.lastKnown?.version ?? null
  }

  /** The state to read from the new side by, decided again: there may have been a rollback since `fitsNew`. */
  get stateOfNew(): ClientState | null {
    return this.percent === 0 ? null : this.#control.current
  }

  /** Those that a plain read names; none where it is no plain read, or one of them lags. */
  migratedTables(text: string): string[] {
    const state = this.#control.lastKnown
    if (state === null || state.tables.size === 0) return []
    const found: string[] = []
    for (const name of classify(text)?.names ?? []) {
      if (state.heldBack.has(name)) return []
      if (state.tables.has(name)) found.push(name)
    }
    return found
  }

  /** Whether the draw gives a read to the new side. */
  fitsNew(read: StickyRead): boolean {
    return this.#place(read) * 100 < this.#percentOf(read.tables)
  }

  warnOnce(message: string): void {
    if (this.#warned.has(message) || this.#warned.size >= LONGEST_MEMORY_OF_WARNINGS) return
    this.#warned.add(message)
    this.#warn(message)
  }

  warnOfFallback(error: StatementError): void {
    // Messages of class 42 name objects, of which there are few; others may name values.
    const cause = error.code.startsWith('42') ? `${error.code}: ${error.message}` : error.code
    this.warnOnce(`the new side refused a read, the old side answered it (${cause})`)
  }

  #percentOf(tables: readonly string[]): number {
    let { percent } = this
    for (const name of tables) {
      if (percent === 0) return 0
      percent = Math.min(percent, this.#tables.get(name) ?? 100, this.#flags?.limitOf(name) ?? 100)
    }
    return percent
  }

  /** 0 ≤ x < 1: the lower, the sooner this read comes from the new side. */
  #place(read: StickyRead): number {
    if (this.#sticky === undefined) return this.#random()
    try {
      const key = this.#sticky(read)
      if (key !== undefined) return placeOf(key)
    } catch (error) {
      // The read must not fail of it.
      this.warnOnce(`sticky threw, and the side was drawn (${String(error)})`)
    }
    return this.#random()
  }
}
