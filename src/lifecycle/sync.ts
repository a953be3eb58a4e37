import type pg from 'pg'
import { buildLineageIndexes } from '../backfill/lineage-indexes.ts'
import { reconcile } from '../backfill/reconcile.ts'
import { type BackfillResult, runBackfill } from '../backfill/run-backfill.ts'
import { saveArtifacts } from '../control/approvals.ts'
import { readJournal, retryJournal } from '../control/journal.ts'
import { drainBacklog } from '../control/outbox.ts'
import type { Project } from '../control/project.ts'
import { assertStage, assertStillStage, readBuiltState, updateState } from '../control/state.ts'
import type { Work } from '../control/work.ts'
import { isGone } from '../db/sqlstates.ts'
import { sql } from '../lib/sql.ts'
import { drainCall } from '../sqlgen/drain.ts'
import { lineageTable, relation } from '../sqlgen/names.ts'
import { assertGate } from './gates.ts'
import { installSync } from './install-sync.ts'

export interface SyncResult {
  readonly installed: { readonly attempts: number; readonly lockMs: number } | null
  readonly backfill: readonly (BackfillResult & { readonly target: string })[]
  readonly journal: readonly { readonly reason: string; readonly rows: number }[]
  readonly artifact: string
}

const DEFAULT_WORKERS = 2

/** Keeps both sides in step from now on, and brings the rows that are there. Run again after a crash, it goes on. */
export async function sync(session: pg.Client, project: Project, work: Work): Promise<SyncResult> {
  const state = await readBuiltState(session)
  assertStage(state, ['build', 'sync'], 'sync')
  await assertGate(session, 'build', project, state)
  const installed = state.stage === 'build' ? await installSync(session, work) : null
  try {
    return await fill(session, project, work, installed)
  } catch (error) {
    // What it was calling went with the rollback.
    if (isGone(error)) await assertStillStage(session, 'sync', 'sync')
    throw error
  }
}

async function fill(
  session: pg.Client,
  project: Project,
  work: Work,
  installed: SyncResult['installed'],
): Promise<SyncResult> {
  const backfill: (BackfillResult & { target: string })[] = []
  const workers = project.config.sync?.workers ?? DEFAULT_WORKERS
  for (const t of work.mapping.targets) {
    const copied = await runBackfill(work, t, { workers })
    // Nobody has told the planner yet what is in them: the reconciliation reads all of it, and reads are about to come.
    await session.query(sql`ANALYZE ${relation(t.relation)}, ${lineageTable(t)}`.text)
    await reconcile(work, t, { workers })
    const indexed = await buildLineageIndexes(work, t)
    backfill.push({ ...copied, seconds: copied.seconds + indexed, target: t.name })
  }
  await retryRefused(session, work)
  await updateState(session, { inSync: true })
  const journal = (await readJournal(session)).map(({ reason, rows }) => ({ reason, rows }))
  const artifact = buildSyncReport(work, backfill, journal)
  await saveArtifacts(session, 'sync', [{ name: 'SYNC_REPORT.md', content: artifact }])
  return { installed, backfill, journal, artifact }
}

/** Rows that waited for a parent, or for a value that another row had, may find it now that all tables are filled. */
async function retryRefused(session: pg.Client, work: Work): Promise<void> {
  const waiting = ['23503', '23505'] as const
  let retried = 0
  for (const sqlstate of waiting) retried += await retryJournal(session, { sqlstate })
  if (retried > 0) await drainAll(session, work)
}

/** What the journal says is true now: an entry whose reason has gone would hide that its row is missing. */
export async function retryAll(session: pg.Client, work: Work): Promise<void> {
  if ((await retryJournal(session, {})) > 0) await drainAll(session, work)
}

/** Parents first: what they wake is drained with their children. Throws RefusedError where a table can't be drained. */
export async function drainAll(session: pg.Client, work: Work): Promise<void> {
  for (const t of work.mapping.targets) {
    const { signal, log } = work
    await drainBacklog(session, { target: t.name, callText: drainCall(t).text, signal, log })
  }
}

function buildSyncReport(work: Work, backfill: SyncResult['backfill'], journal: SyncResult['journal']): string {
  const triggers = work.mapping.targets.flatMap((t) =>
    t.sources
      .filter((s) => !s.stub)
      .map((s) => `- ${s.base.schema}.${s.base.name} → ${t.relation.schema}.${t.relation.name}`),
  )
  return `# Both sides are in step

Every write to these tables reaches the new one in the same transaction:
${triggers.join('\n')}

| new table | rows brought by the backfill | chunks | seconds |
|---|---:|---:|---:|
${backfill.map((b) => `| ${b.target} | ${b.rows} | ${b.chunks} | ${b.seconds.toFixed(1)} |`).join('\n')}

After the backfill every transaction that had begun before its end was waited for, and both sides were compared
in both directions until no row differed.

## Journal: old rows that the new schema does not take
${journal.length === 0 ? 'None.' : journal.map((j) => `- ${j.rows} × ${j.reason}`).join('\n')}
`
}
