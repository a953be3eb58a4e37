import type { Activity, StatementEntry } from './activity.ts'

export interface Statistics {
  readonly statements: number
  readonly failed: number
  readonly conflicts: number
  /** The first few, each with its sqlstate. */
  readonly errors: readonly string[]
  readonly slowestMs: number
  /** The slowest few, the slowest first. */
  readonly slowest: readonly { readonly at: number; readonly ms: number; readonly text: string }[]
  readonly p99Ms: number
  /** Answers by the search path on which they found their tables. */
  readonly bySide: ReadonlyMap<string, number>
}

/** A window in milliseconds since the epoch. */
export interface Window {
  readonly from?: number
  readonly to?: number
}

const ERRORS_SHOWN = 5
const SLOWEST_SHOWN = 5

/** What the application met in a window. Writes and statements count at their end. */
export function buildStatistics(activity: Activity, window: Window = {}): Statistics {
  const statements = activity.statements.filter((statement) => isWithin(statement, window))
  const failures = statements.filter((statement) => statement.outcome === 'failed')
  const times = statements.map((statement) => statement.ms).sort((a, b) => a - b)
  const bySide = new Map<string, number>()
  for (const { side } of statements) if (side !== undefined) bySide.set(side, (bySide.get(side) ?? 0) + 1)
  return {
    statements: statements.length,
    failed: failures.length,
    conflicts: statements.filter((statement) => statement.outcome === 'conflict').length,
    errors: failures.slice(0, ERRORS_SHOWN).map(describe),
    slowestMs: times.at(-1) ?? 0,
    slowest: [...statements]
      .sort((a, b) => b.ms - a.ms)
      .slice(0, SLOWEST_SHOWN)
      .map(({ at, ms, text }) => ({ at, ms, text: text ?? '' })),
    p99Ms: times[Math.floor(times.length * 0.99)] ?? 0,
    bySide,
  }
}

export function isWithin(entry: { readonly at: number }, window: Window): boolean {
  return entry.at >= (window.from ?? 0) && entry.at < (window.to ?? Number.POSITIVE_INFINITY)
}

function describe(failure: StatementEntry): string {
  return failure.sqlstate ? `${failure.sqlstate}: ${failure.message}` : (failure.message ?? '')
}
