import type pg from 'pg'
import { applyStatements, noteUndo, runTogether } from '../control/execute.ts'
import { assertStillStage, updateState } from '../control/state.ts'
import type { Work } from '../control/work.ts'
import { withLockRetry } from '../db/retry.ts'
import { CONTROL } from '../lib/schema-names.ts'
import { ident, join, sql } from '../lib/sql.ts'
import { tablesUnder } from '../sqlgen/links.ts'
import { display } from '../sqlgen/names.ts'
import { planSync } from '../sqlgen/plan.ts'

/**
 * Installs all functions and triggers of all tables in one transaction: installed one after the other, a write
 * between two of them would be lost for good. SHARE ROW EXCLUSIVE waits for writers that are at it and lets
 * readers pass; each try holds up writers for its lock timeout at most.
 */
export async function installSync(session: pg.Client, work: Work): Promise<{ attempts: number; lockMs: number }> {
  const tables = new Map(work.mapping.targets.flatMap(tablesUnder).map((r) => [display(r), r] as const))
  const names = [...tables].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, r]) => ident(r.schema, r.name))
  return await withLockRetry(
    session,
    { what: 'install the triggers', holdsUp: true, signal: work.signal, observer: work.db.pool },
    async (_, attempts) => {
      await assertStillStage(session, 'build', 'sync')
      await session.query(/* sql */ `SELECT crossfade.sweep()`)
      // What a rollback had to leave to an applier that was at it.
      for (const left of ['outbox', 'backfill', 'journal'])
        await session.query(sql`DELETE FROM ${ident(CONTROL, left)}`.text)
      // Functions first: nobody waits for them.
      const plan = planSync(work.mapping)
      const triggers = plan.filter((statement) => statement.lock.on !== null)
      await applyStatements(
        session,
        'sync',
        plan.filter((statement) => statement.lock.on === null),
      )
      await noteUndo(session, 'sync', triggers)
      await updateState(session, { stage: 'sync', inSync: false })
      const started = performance.now()
      const lock = sql`LOCK TABLE ${join(names)} IN SHARE ROW EXCLUSIVE MODE`
      await runTogether(session, [{ sql: lock }, ...triggers])
      return { attempts, lockMs: Math.round(performance.now() - started) }
    },
  )
}
