import type pg from 'pg'
import { waitForOldTransactions } from '../control/old-transactions.ts'
import { assertStage, assertStillStage, readBuiltState, type Stage, updateState } from '../control/state.ts'
import type { Work } from '../control/work.ts'
import { withLockRetry } from '../db/retry.ts'
import { UsageError } from '../lib/errors.ts'
import type { SyncMode } from '../spec/config.ts'
import type { Mapping, TargetMapping } from '../spec/mapping.ts'
import { planMode } from '../sqlgen/plan.ts'
import type { Statement } from '../sqlgen/statement.ts'

export interface SyncModeResult {
  readonly mode: SyncMode
  readonly tables: readonly string[]
  /** Functions that were replaced; 0 before sync has begun. */
  readonly functions: number
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
  return changedUnits(changed, tables).flatMap((t) => planMode(changed, t, 'settled'))
}

/**
 * How writes by an old name reach these new tables from now on, for all sessions at once. Functions are replaced and no table
 * is locked. A write that is under way takes the one way or the other, or both: keys in the outbox are computed under the
 * same locks as those that are applied at once.
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
  const result = { mode, tables, functions: 0 }
  if (state.stage === 'build') {
    await replaceFunctions(session, work, state.stage, [], mapping)
    return result
  }
  const first = units.flatMap((t) => planMode(mapping, t, mode === 'inline' ? 'both' : 'settled'))
  await replaceFunctions(session, work, state.stage, first, mapping)
  if (mode === 'inline') {
    // A statement that is under way may have found the row trigger idle, and comes to that for the statement only now.
    await waitForOldTransactions(session, work)
    const then = units.flatMap((t) => planMode(mapping, t, 'settled'))
    await replaceFunctions(session, work, state.stage, then, mapping)
  }
  return { ...result, functions: first.length }
}

function changedUnits(mapping: Mapping, tables: readonly string[]): TargetMapping[] {
  return mapping.targets.filter((t) => tables.includes(t.relation.name))
}

async function replaceFunctions(
  session: pg.Client,
  work: Work,
  stage: Stage,
  statements: readonly Statement[],
  mapping: Mapping,
): Promise<void> {
  await withLockRetry(session, { what: 'switch the sync mode', signal: work.signal }, async () => {
    await assertStillStage(session, stage, 'sync --mode')
    for (const statement of statements) await session.query(statement.sql.text)
    await updateState(session, { mapping })
  })
}
