/** What `crossfade.client_state()` says, checked. */
export interface ClientState {
  readonly version: number
  /** 0 to 100; already 0 while the new side lags. */
  readonly percent: number
  /** The most of the reads that are compared on both sides, 0 to 100; 0 while the new side lags or isn't filled yet. */
  readonly shadow: number
  readonly tables: ReadonlySet<string>
  /** Their new tables lag behind: a read that names one stays on the old side, whatever else it names. */
  readonly heldBack: ReadonlySet<string>
  /** The schema that holds the old tables. */
  readonly schema: string
}

/** The state as JSON text to a checked value. Throws when it has not the shape that was agreed. */
export function parseClientState(json: string): ClientState {
  const value: unknown = JSON.parse(json)
  if (typeof value !== 'object' || value === null) throw new TypeError('client_state() gave no object')
  const { version, percent, shadow = 0, tables, heldBack = [], schema = 'public' } = value as Record<string, unknown>
  if (typeof version !== 'number' || typeof percent !== 'number' || typeof schema !== 'string') {
    throw new TypeError('client_state() gave no version, percent or schema')
  }
  if (!isNames(tables) || !isNames(heldBack)) throw new TypeError('client_state() gave no list of tables')
  const bound = (share: unknown): number => Math.min(100, Math.max(0, typeof share === 'number' ? share : 0))
  return {
    ...{ version, percent: bound(percent), shadow: bound(shadow), schema },
    tables: new Set(tables),
    heldBack: new Set(heldBack),
  }
}

function isNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string')
}

/**
 * The last known control state, and whether it may be trusted just now.
 *
 * Answers can overtake each other, so every question has a number: an answer to an older question
 * than the last one applied is dropped.
 */
export class ControlState {
  #state: ClientState | null = null
  #asked = 0
  #applied = 0
  #settled = 0
  #firstTrusted = 0

  /** The state to decide by; null for "read old". */
  get current(): ClientState | null {
    return this.#settled < this.#firstTrusted ? null : this.#state
  }

  /** The last answer, trusted or not. */
  get lastKnown(): ClientState | null {
    return this.#state
  }

  /** A change was announced: read old until a question that is asked from now on has been answered or has failed. */
  distrust(): void {
    this.#firstTrusted = this.#asked + 1
  }

  ask(): number {
    this.#asked += 1
    return this.#asked
  }

  /** null when there is no Crossfade in this database. */
  answer(question: number, state: ClientState | null): void {
    if (question < this.#applied) return
    this.#applied = question
    this.#state = state
    this.fail(question)
  }

  /** No answer came: the last one stays. */
  fail(question: number): void {
    this.#settled = Math.max(this.#settled, question)
  }
}
