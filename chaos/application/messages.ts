/** Which names the application writes by. */
export type Mode = 'old' | 'both' | 'native' | 'paused'

export interface Settings {
  readonly databaseUrl: string
  readonly journalPath: string
  readonly errorsPath: string
  readonly process: number
  readonly processes: number
  readonly seed: string
  readonly pauseMs: number
  readonly mode: Mode
}

export interface ToApplication {
  readonly mode?: Mode
  /** kill -9 of itself around its next commit: before it is sent, before it is answered, or before the answer is noted. */
  readonly die?: 'before' | 'during' | 'after'
}

/** No transaction is under way that began in another mode. */
export interface FromApplication {
  readonly at: Mode
}
