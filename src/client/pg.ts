import type { Pool } from 'pg'
import type { PercentFlag } from './flag-limits.ts'
import type { Meter } from './meter.ts'
import type { Mismatch } from './mismatches.ts'
import { buildPerStatement } from './per-statement.ts'
import type { ConnectCallback, CrossfadeOptions, CrossfadeStats } from './pool-options.ts'
import { Router } from './router.ts'
import type { ShadowOptions } from './shadow-reads.ts'
import type { ShadowStats } from './shadow-tally.ts'
import type { StickyRead } from './side-choice.ts'

export type { CrossfadeOptions, CrossfadeStats, Meter, Mismatch, PercentFlag, ShadowOptions, ShadowStats, StickyRead }

export interface CrossfadeHandle<P extends Pool = Pool> {
  stats(): CrossfadeStats
  /**
   * The same pool for libraries that check a client out for each statement, as Kysely and Knex do: a plain read of its
   * clients is routed too, until they have got anything else.
   */
  readonly perStatement: P
  /** Reads that both sides answered differently, as far as this process has seen. */
  mismatches(): readonly Mismatch[]
  /** Counts and times of reads, in the text format of Prometheus. */
  metricsText(): string
  /** Tells the database what was counted, which happens by itself about every ten seconds. Never throws. */
  flush(): Promise<void>
}

export type CrossfadePool<P extends Pool = Pool> = P & { readonly crossfade: CrossfadeHandle<P> }

/**
 * Lets plain reads of a pool be answered by the new side, as far as the control state in its
 * database says. Returns the same pool, changed in place: whoever else holds it must not be handed
 * a client that is on the new side either. A pool that was given before is returned as it is.
 *
 * Only `pool.query` with a text or a config object is routed. Clients of `pool.connect()`, and
 * objects with a `submit` of their own (cursors, streams), are always on the old side.
 */
export function crossfade<P extends Pool>(pool: P, options: CrossfadeOptions = {}): CrossfadePool<P> {
  if (Object.hasOwn(pool, 'crossfade')) return pool as CrossfadePool<P>
  const router = new Router(pool, options)
  const methods = {
    query: (...args: unknown[]) => router.query(args),
    connect: (callback?: ConnectCallback) => router.connect(callback),
    end: (callback?: () => void) => router.end(callback),
    crossfade: {
      stats: () => router.readStats(),
      perStatement: buildPerStatement(pool, router),
      mismatches: () => router.readMismatches(),
      metricsText: () => router.writeMetrics(),
      flush: () => router.flush(),
    } satisfies CrossfadeHandle,
  }
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(pool, name, { value, configurable: true, writable: true, enumerable: false })
  }
  return pool as CrossfadePool<P>
}
