import type { Pool, PoolClient, QueryConfig, QueryResult } from 'pg'
import { classify } from './classify.ts'
import type { ClientState } from './control-state.ts'
import { Measures, type Side } from './measures.ts'
import { type Meter, recordTo } from './meter.ts'
import type { Call } from './query-call.ts'
import { ReadReports } from './read-reports.ts'
import { recordReads } from './record-reads.ts'
import { type AnsweredRead, type ShadowOptions, ShadowReads } from './shadow-reads.ts'

const NO_RIGHT =
  'this role may not tell the database of reads and mismatches: GRANT EXECUTE ON FUNCTION crossfade.record_reads(jsonb) TO it; until then they stay in this process'

export interface ReadWatchOptions {
  readonly shadow: ShadowOptions | undefined
  readonly meter: Meter | undefined
  readonly acquire: () => Promise<PoolClient>
  readonly state: () => ClientState | null
  readonly warnOnce: (message: string) => void
}

/** Looks at what becomes of each read that could go to either side: measures it, and has a share of them compared. */
export class ReadWatch {
  readonly measures = new Measures()
  readonly shadow: ShadowReads | null
  readonly reports: ReadReports
  #record: ReturnType<typeof recordTo> | null
  #warnOnce: (message: string) => void

  constructor(pool: Pool, { shadow, meter, acquire, state, warnOnce }: ReadWatchOptions) {
    this.#warnOnce = warnOnce
    this.#record = meter === undefined ? null : recordTo(meter)
    this.shadow =
      shadow === undefined
        ? null
        : new ShadowReads(pool, shadow, {
            ...{ state, warnOnce },
            onCounted: () => this.reports.notice(),
            noteTime: (read, side, ms, failed) => this.#note(read, side, ms, failed, true),
          })
    this.reports = new ReadReports({
      measures: this.measures,
      mismatches: this.shadow?.tally.mismatches ?? null,
      counts: () => this.shadow?.tally.outcomes() ?? {},
      send: (report) => recordReads(acquire, report),
      // Whoever has asked for nothing is not told of it.
      onNoRight: () => shadow !== undefined && warnOnce(NO_RIGHT),
    })
  }

  /** Sends a call to the old side as it came, and looks at what the caller gets. */
  askOld(
    call: Call,
    tables: readonly string[],
    args: readonly unknown[],
    ask: (...args: unknown[]) => unknown,
  ): unknown {
    const began = performance.now()
    const { callback, query } = call
    if (callback !== undefined) {
      const watched: typeof callback = (error, result) => {
        const ms = performance.now() - began
        try {
          callback(error, result)
        } finally {
          this.note(query, tables, 'old', ms, error ? null : (result ?? null))
        }
      }
      return ask(...args.map((arg) => (arg === callback ? watched : arg)))
    }
    return (ask(...args) as Promise<QueryResult>).then(
      (result) => {
        this.note(query, tables, 'old', performance.now() - began, result)
        return result
      },
      (error) => {
        this.note(query, tables, 'old', performance.now() - began, null)
        throw error
      },
    )
  }

  /** A read that a side has answered, or, without a result, refused. Never throws. */
  note(query: QueryConfig, tables: readonly string[], side: Side, ms: number, result: QueryResult | null): void {
    try {
      // Remembered from when its side was chosen.
      const form = classify(query.text)?.form
      if (form === undefined) return
      const read = { query, tables, side, form, rowCount: result?.rows?.length ?? 0 }
      this.#note(read, side, ms, result === null, false)
      if (result !== null) this.shadow?.offer(read)
    } catch (error) {
      // A fault of ours is none of the caller's.
      this.#warnOnce(`a read was not measured (${String(error)})`)
    }
  }

  async close(): Promise<void> {
    this.reports.close()
    await this.shadow?.close()
  }

  #note({ form, tables }: AnsweredRead, side: Side, ms: number, failed: boolean, shadow: boolean): void {
    // Written out: in Node 20 a spread took 5 µs here, all the rest less than one.
    const { fingerprint, statement } = form
    const read = { fingerprint, statement, tables, side, shadow, ms, failed }
    this.measures.note(read)
    this.reports.notice()
    this.#record?.(read)
  }
}
