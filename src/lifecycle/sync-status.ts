/** What `crossfade.status()` says of how writes reach the new tables, and of who is on it. */
export interface SyncFacts {
  readonly tables: readonly {
    readonly name: string
    readonly mode: 'inline' | 'outbox'
    readonly staleReads: boolean
    readonly keys: number
    readonly oldestMs: number
  }[]
  readonly paused: { readonly person: string | null; readonly reason: string | null; readonly at: string } | null
  readonly throttles: readonly {
    readonly what: string
    readonly pace: number
    readonly reason: string | null
    readonly since: string
  }[]
}

/** Tables that lag or may lag, and whatever doesn't go at full speed, with the reason. */
export function describeSync({ tables, throttles }: SyncFacts): string[] {
  const lagging = tables.filter((table) => table.mode === 'outbox' || table.keys > 0)
  return [
    ...lagging.map((table) => {
      const lag = table.keys === 0 ? 'no key waits' : `${table.keys} keys wait, the oldest for ${table.oldestMs} ms`
      const reads = table.staleReads ? 'reads may lag behind' : 'reads stay on the old side'
      return table.mode === 'outbox' ? `${table.name}: outbox mode, ${lag}; ${reads}.` : `${table.name}: ${lag}.`
    }),
    ...throttles
      .filter(({ pace }) => pace < 1)
      .map(({ what, pace, reason, since }) => {
        const how = pace === 0 ? 'stands still' : `works ${Math.round(pace * 100)} % of the time`
        return `The ${what} ${how} since ${since}: ${reason ?? ''}.`
      }),
  ]
}

export function describePause(paused: NonNullable<SyncFacts['paused']>): string {
  const why = paused.reason === null ? '' : ` (${paused.reason})`
  return `Backfill and worker were paused by ${paused.person ?? 'somebody'} at ${paused.at}${why}.`
}
