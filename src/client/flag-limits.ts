const ASKED_AGAIN_AFTER_MS = 1_000
const ANSWERS_WITHIN_MS = 5_000

/** The most that is read from the new side, in percent, by old table, as whatever the application asks says now. */
export type PercentFlag = (table: string) => number | PromiseLike<number>

interface Known {
  limit: number
  /** When it is to be asked again. */
  due: number
}

/**
 * What a flag service allows, for each table. A number counts at once. A promise is never waited for: its last answer
 * counts, and it is asked again after a second, while there are reads. Until there is an answer, nothing is allowed.
 */
export class FlagLimits {
  #ask: PercentFlag
  #warn: (message: string) => void
  #known = new Map<string, Known>()

  constructor(ask: PercentFlag, warn: (message: string) => void) {
    this.#ask = ask
    this.#warn = warn
  }

  /** 0 to 100. */
  limitOf(table: string): number {
    const known = this.#known.get(table) ?? { limit: 0, due: 0 }
    const now = performance.now()
    if (now < known.due) return known.limit
    this.#known.set(table, known)
    try {
      const answer = this.#ask(table)
      if (typeof answer === 'number') this.#note(table, known, answer)
      else this.#await(table, known, answer, now)
    } catch (error) {
      this.#tell(table, error)
    }
    return known.limit
  }

  #await(table: string, known: Known, answer: PromiseLike<number>, now: number): void {
    known.due = now + ANSWERS_WITHIN_MS
    const settle = () => {
      known.due = performance.now() + ASKED_AGAIN_AFTER_MS
    }
    answer.then(
      (percent) => {
        settle()
        this.#note(table, known, percent)
      },
      (error) => {
        settle()
        this.#tell(table, error)
      },
    )
  }

  #note(table: string, known: Known, percent: number): void {
    if (Number.isNaN(percent) || typeof percent !== 'number') this.#tell(table, `it gave ${percent}`)
    else known.limit = Math.min(100, Math.max(0, percent))
  }

  #tell(table: string, what: unknown): void {
    this.#warn(`percent could not be asked for ${table}, its last answer stays, or 0 (${String(what)})`)
  }
}
