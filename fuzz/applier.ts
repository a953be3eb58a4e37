import type pg from 'pg'
import { readState } from '../src/control/state.ts'
import { drainAll } from '../src/sync/worker.ts'
import type { Failure } from './case.ts'

/** What `crossfade worker` does in one round, whenever the history says so. */
export class Applier {
  readonly #open: () => Promise<pg.Client>
  readonly #onFailure: (failure: Failure) => void
  #session: pg.Client | null = null
  #working: Promise<void> | null = null
  #killed = false

  constructor(options: { open: () => Promise<pg.Client>; onFailure: (failure: Failure) => void }) {
    this.#open = options.open
    this.#onFailure = options.onFailure
  }

  get isIdle(): boolean {
    return this.#working === null
  }

  get change(): Promise<void> {
    return this.#working ?? Promise.resolve()
  }

  get pids(): number[] {
    return this.#session ? [(this.#session as unknown as { processID: number }).processID] : []
  }

  begin(): void {
    if (this.#working !== null) return
    this.#killed = false
    this.#working = this.#round().finally(() => {
      this.#working = null
    })
  }

  async kill(admin: pg.Client): Promise<void> {
    if (!this.#session) return
    this.#killed = true
    await admin.query('select pg_terminate_backend(p) from unnest($1::int[]) as p', [this.pids])
    if (this.#working === null) await this.#forget()
  }

  async end(): Promise<void> {
    await this.#forget()
  }

  async #round(): Promise<void> {
    try {
      this.#session ??= await this.#open()
      const state = await readState(this.#session)
      if (state?.mapping) await drainAll(this.#session, { mapping: state.mapping })
    } catch (error) {
      const { code, message } = error as { code?: string; message: string }
      await this.#forget()
      if (!this.#killed) this.#onFailure({ kind: `applier: ${code}`, detail: message })
    }
  }

  async #forget(): Promise<void> {
    const session = this.#session
    this.#session = null
    await session?.end().catch(() => undefined)
  }
}
