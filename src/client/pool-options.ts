import type { PoolClient } from 'pg'
import type { Meter } from './meter.ts'
import type { Pooler } from './routed-read.ts'
import type { ShadowOptions } from './shadow-reads.ts'
import type { ShadowStats } from './shadow-tally.ts'
import type { ReadOptions } from './side-choice.ts'

export interface CrossfadeOptions extends ReadOptions {
  /**
   * What lies between pool and server. `transaction`: a routed read gets a transaction of its own,
   * and there is no LISTEN. `session`: session settings are used unchecked. Default: each client
   * is checked, and what fits is used.
   */
  readonly pooler?: Pooler
  /** Has a share of the reads compared on both sides, off the path. Default: none. */
  readonly shadow?: ShadowOptions
  /** A meter of `@opentelemetry/api`, told of each read of a migrated table. */
  readonly meter?: Meter
}

export interface ReadStats {
  /** What is read from the new side now, 0 to 100, environment included. */
  readonly percent: number
  /** Of the control state; null as long as there is none. */
  readonly version: number | null
  /** Reads of migrated tables that the old side answered, fallbacks included. */
  readonly readsOld: number
  readonly readsNew: number
  /** Reads that the new side refused and the old side answered. */
  readonly fallbacks: number
  /** No statement is ever sent twice to the same side. */
  readonly retries: 0
}

export interface CrossfadeStats extends ReadStats {
  /** What became of reads that were to be compared; null without `shadow`. */
  readonly shadow: ShadowStats | null
}

export type ConnectCallback = (
  error: Error | undefined,
  client: PoolClient | undefined,
  done: (release?: Error | boolean) => void,
) => void
