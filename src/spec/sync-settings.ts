import type { CrossfadeConfig, SyncMode, ThrottleSpec } from './config.ts'

/** Limits at which long work gives way; null: not watched. */
export interface ThrottleSettings {
  readonly latencyFactor: number | null
  readonly latencyFloorMs: number
  readonly replicationLagMs: number | null
  readonly replicationLagMb: number | null
  readonly activeSessions: number | null
}

/** How writes by an old name reach a new table, and whether its reads may be as old as its outbox. */
export function resolveSyncMode(
  config: CrossfadeConfig,
  newTable: string,
): { readonly mode: SyncMode; readonly staleReads: boolean } {
  const own = config.sync?.tables?.[newTable]
  return { mode: own?.mode ?? config.sync?.mode ?? 'inline', staleReads: own?.staleReads === 'ok' }
}

/** What a small team wants who has set nothing: Crossfade gives way early, and to everything that it can see. */
const DEFAULTS: ThrottleSettings = {
  latencyFactor: 1.5,
  latencyFloorMs: 5,
  replicationLagMs: 10_000,
  replicationLagMb: 64,
  activeSessions: 32,
}

/** Each word by itself: `false` means that it isn't watched, which is null from here on. */
export function resolveThrottle(spec: ThrottleSpec | undefined): ThrottleSettings {
  const given = Object.entries(spec ?? {}).filter(([, value]) => value !== undefined)
  return { ...DEFAULTS, ...Object.fromEntries(given.map(([name, value]) => [name, value === false ? null : value])) }
}
