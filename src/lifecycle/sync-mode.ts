import type pg from 'pg'
import { runTogether } from '../control/execute.ts'
import { assertStage, assertStillStage, readBuiltState, updateState } from '../control/state.ts'
import type { Work } from '../control/work.ts'
import { withLockRetry } from '../db/retry.ts'
import { UsageError } from '../lib/errors.ts'
import { join, sql } from '../lib/sql.ts'
import type { SyncMode } from '../spec/config.ts'
import type { Mapping, TargetMapping } from '../spec/mapping.ts'
import { display, relation } from '../sqlgen/names.ts'
import { planMode } from '../sqlgen/plan.ts'
import type { Statement } from '../sqlgen/statement.ts'

export interface SyncModeResult {
  readonly mode: SyncMode
  readonly tables: readonly string[]
  /** That were run; 0 before sync has begun. */
  readonly statements: number
}

/** The mapping with another mode for these new tables. Throws UsageError for a name that is none. */
function withMode(mapping: Mapping, tables: readonly string[], mode: SyncMode): Mapping {
  const names = new Set(mapping.targets.map((t) => t.relation.name))
  const unknown = tables.find((name) => !names.has(name))
  if (unknown !== undefined || tables.length === 0) {
    const what = unknown === undefined ? '--mode needs a new table' : `${JSON.stringify(unknown)} is no new table`
    throw new UsageError('sync.mode', `${what}.`, { hint: `New tables are: ${[...names].join(', ')}.` })
  }
  return { ...mapping, targets: mapping.targets.map((t) => (tables.includes(t.relation.name) ? { ...t, mode } : t)) }
}

/** What a switch runs, as `--dry-run` shows it. */
export function planSwitch(mapping: Mapping, tables: readonly string[], mode: SyncMode): Statement[] {
  const changed = withMode(mapping, tables, mode)
  return changedUnits(changed, tables).flatMap((t) => planMode(changed, t))
}

/**
 * How writes by an old name reach these new tables from now on, for all sessions at once. The old tables are locked for a
 * moment, which waits for the transactions that write them; readers pass. Keys in the outbox stay there, and are computed
 * under the same locks as those that are applied at once.
 */
export async function setSyncMode(
  session: pg.Client,
  work: Work,
  tables: readonly string[],
  mode: SyncMode,
): Promise<SyncModeResult> {
  const state = await readBuiltState(session)
  assertStage(state, ['build', 'sync', 'reads', 'move'], 'sync --mode')
  const mapping = withMode(state.mapping, tables, mode)
  const units = changedUnits(mapping, tables)
  const plan = state.stage === 'build' ? [] : units.flatMap((t) => planMode(mapping, t))
  const bases = new Map(
    plan.length === 0 ? [] : units.flatMap((t) => t.sources.map((s) => [display(s.base), relation(s.base)] as const)),
  )
  // Always in one order, and before anything else: who waits for one table must not hold another.
  const ordered = [...bases].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, table]) => table)
  const options = { what: 'switch the sync mode', holdsUp: true, signal: work.signal, observer: work.db.pool }
  await withLockRetry(session, options, async () => {
    await assertStillStage(session, state.stage, 'sync --mode')
    await updateState(session, { mapping })
    const lock = sql`LOCK TABLE ${join(ordered)} IN SHARE ROW EXCLUSIVE MODE`
    await runTogether(session, [...(ordered.length > 0 ? [{ sql: lock }] : []), ...plan])
  })
  return { mode, tables, statements: plan.length }
}

function changedUnits(mapping: Mapping, tables: readonly string[]): TargetMapping[] {
  return mapping.targets.filter((t) => tables.includes(t.relation.name))
}
