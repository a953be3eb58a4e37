import type { Meter } from './meter.ts'
import type { Mismatch } from './mismatches.ts'
import { RestShadow } from './rest-shadow.ts'
import type { RestWatcher } from './rest-watch.ts'
import type { ShadowStats } from './shadow-tally.ts'

export type { Meter, Mismatch, ShadowStats }

export interface ShadowReadsOptions {
  /** Share of the reads that are compared, 0 to 1; `crossfade shadow` can lower it. Default: 0.01. */
  readonly sample?: number
  /** `old`: both answers come from the old side, which shows what differs by itself. Default: new. */
  readonly against?: 'new' | 'old'
  /** How long either side may take, in milliseconds. Default: 8000. */
  readonly timeoutMs?: number
  /** Reads that wait to be compared; more are shed. Default: 100. */
  readonly queue?: number
  /** Comparisons at once. Default: 1. */
  readonly connections?: number
  /** Answers of so many rows are not compared: as many as the API gives at once may be not all. Default: 1000. */
  readonly maxRows?: number
  /** How long after the first look a difference is looked at again, in milliseconds. Default: 2000. */
  readonly againAfterMs?: number
  /** Columns of answers that may differ. */
  readonly ignoreColumns?: readonly string[]
  /** By column of the answer: what of a value is compared; of what is no text, its JSON. */
  readonly compareBy?: Readonly<Record<string, (value: string) => string | null>>
  /** Mismatches hold values. Default: false, only lengths and what kind of difference it is. */
  readonly showValues?: boolean
  /** The service key of a server. With it, the database is told of reads and mismatches; without, they stay here. */
  readonly serviceKey?: string
  /** A meter of `@opentelemetry/api`, told of each read of a migrated table. */
  readonly meter?: Meter
  /** Told once per cause what is wrong. Default: console.warn. */
  readonly warn?: (message: string) => void
}

/** For the option `shadow` of `crossfade()` of `pg-crossfade/supabase`. */
export interface ShadowReads extends RestWatcher {
  stats(): ShadowStats
  /** Reads that both sides answered differently, as far as this process has seen. */
  mismatches(): readonly Mismatch[]
  /** Counts and times of reads, in the text format of Prometheus. */
  metricsText(): string
  /** Tells the database what was counted, which happens by itself about every ten seconds. Never throws. */
  flush(): Promise<void>
}

/** Compares a share of the reads of a wrapped fetch on both sides, and measures all of them. */
export function shadowReads(options: ShadowReadsOptions = {}): ShadowReads {
  const shadow = new RestShadow(options)
  return {
    answered: (read) => shadow.answered(read),
    stats: () => shadow.tally.readStats(),
    mismatches: () => shadow.tally.mismatches.list(),
    metricsText: () => shadow.writeMetrics(),
    flush: () => shadow.flush(),
  }
}
