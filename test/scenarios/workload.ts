import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { createRandom, type Random } from './random.ts'

/** One transaction of the application, on a connection of its own. */
export type Writer = (client: pg.Client, random: Random) => Promise<void>

/** A live application, as a scenario's `workload.ts` exports it. */
export interface Workload {
  /** What the application logs in as. Default: the owner of the tables. */
  readonly role?: string
  /** By the old names, from before the first stage until finish. */
  readonly old: { readonly [name: string]: Writer }
  /** The same application after it has moved: by the new names, while they are open. */
  readonly native?: { readonly [name: string]: Writer }
  /** SQLSTATEs that the statements by old names meet without Crossfade just as well. */
  readonly expected?: readonly string[]
  /** SQLSTATEs with which a write by a new name may be refused, as the mapping says. Each writer must still succeed at times. */
  readonly refused?: readonly string[]
}

type Kind = 'old' | 'native'

export interface WriterReport {
  readonly name: string
  readonly kind: Kind
  committed: number
  /** 40001 on the new side: the transaction was run again. */
  conflicts: number
  /** What the mapping doesn't let a new name do. */
  refused: number
  /** What no application may meet. */
  readonly failures: string[]
}

/** Transactions a second, of all writers together. */
const RATE = 45
const SERIALIZATION_FAILURE = '40001'

/** The application at work: started once, paused for a comparison, stopped at the end. */
export class LiveWorkload {
  readonly reports: WriterReport[] = []
  /** For messages: what Crossfade does at the moment. */
  during = 'before Crossfade'
  readonly #url: string
  readonly #seed: string
  readonly #workload: Workload
  readonly #stopped = { old: false, native: false }
  #paused: Promise<void> | null = null
  #unpause: () => void = () => {}
  #busy = 0
  readonly #notes: string[] = []
  readonly #loops: { kind: Kind; done: Promise<void> }[] = []

  constructor(url: string, seed: string, workload: Workload) {
    this.#url = url
    this.#seed = seed
    this.#workload = workload
  }

  async start(kind: Kind): Promise<void> {
    const writers = Object.entries(this.#workload[kind] ?? {})
    this.#stopped[kind] = false
    const everyMs = (1000 * (writers.length + this.#loops.length)) / RATE
    for (const [name, write] of writers) {
      const client = await this.#connect(`${kind} ${name}`)
      const report = this.#reportOf(name, kind)
      const random = createRandom(`${this.#seed} ${kind} ${name} ${report.committed}`)
      const done = this.#loop(client, report, write, random, everyMs).finally(() => client.end())
      this.#loops.push({ kind, done })
    }
  }

  /** Resolves when no transaction is under way; none begins before `resume`. */
  async pause(): Promise<void> {
    if (this.#paused === null) {
      this.#paused = new Promise((resolve) => {
        this.#unpause = resolve
      })
    }
    while (this.#busy > 0) await sleep(2)
  }

  resume(): void {
    this.#paused = null
    this.#unpause()
  }

  /** Stops the writers of one kind, or all. */
  async stop(kind?: Kind): Promise<void> {
    for (const one of kind === undefined ? (['old', 'native'] as const) : [kind]) this.#stopped[one] = true
    if (kind === undefined) this.resume()
    const ending = this.#loops.filter((loop) => this.#stopped[loop.kind])
    await Promise.all(ending.map((loop) => loop.done))
    for (const loop of ending) this.#loops.splice(this.#loops.indexOf(loop), 1)
  }

  failures(): string[] {
    return [...this.#notes, ...this.reports.flatMap((report) => report.failures)]
  }

  /** Something beside the writers that must not be. */
  note(failure: string): void {
    this.#notes.push(`${this.during}: ${failure}`)
  }

  #reportOf(name: string, kind: Kind): WriterReport {
    const known = this.reports.find((report) => report.name === name && report.kind === kind)
    if (known) return known
    const report: WriterReport = { name, kind, committed: 0, conflicts: 0, refused: 0, failures: [] }
    this.reports.push(report)
    return report
  }

  async #connect(name: string): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.#url, application_name: `workload ${name}` })
    client.on('error', () => {})
    await client.connect()
    if (this.#workload.role) await client.query(`set role ${client.escapeIdentifier(this.#workload.role)}`)
    return client
  }

  async #loop(client: pg.Client, report: WriterReport, write: Writer, random: Random, everyMs: number): Promise<void> {
    while (!this.#stopped[report.kind]) {
      if (this.#paused) {
        await Promise.race([this.#paused, sleep(20)])
        continue
      }
      this.#busy++
      try {
        await write(client, random)
        report.committed++
      } catch (error) {
        await client.query('rollback').catch(() => undefined)
        this.#noteError(report, error)
      } finally {
        this.#busy--
      }
      await sleep(everyMs * (0.5 + random.next()))
    }
  }

  #noteError(report: WriterReport, error: unknown): void {
    const { code = '', message } = error as { code?: string; message: string }
    if (report.kind === 'native' && code === SERIALIZATION_FAILURE) report.conflicts++
    else if (report.kind === 'native' && this.#workload.refused?.includes(code)) report.refused++
    else if (report.kind === 'old' && this.#workload.expected?.includes(code)) report.committed++
    else report.failures.push(`${report.kind} writer "${report.name}", ${this.during}: ${code} ${message}`)
  }
}
