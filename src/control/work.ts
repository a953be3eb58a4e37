import type { Database } from '../db/connect.ts'
import type { Logger } from '../lib/log.ts'
import type { Mapping } from '../spec/mapping.ts'
import type { ThrottleSettings } from '../spec/sync-settings.ts'

/** What long work on a database needs: where, by which mapping, whom to tell, and when to stop. */
export interface Work {
  readonly db: Database
  readonly mapping: Mapping
  /** As the configuration says now; default: as it was at build. */
  readonly throttle?: ThrottleSettings
  readonly log: Logger
  /** Aborted by Ctrl-C: the work ends at its next safe place with InterruptedError. */
  readonly signal: AbortSignal
}
