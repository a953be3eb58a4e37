import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { readCatalog } from '../catalog/read-catalog.ts'
import { type Dependent, readDependents } from '../catalog/read-dependents.ts'
import type { CatalogTable } from '../catalog/types.ts'
import { assertApproved, saveArtifacts } from '../control/approvals.ts'
import { noteUndo } from '../control/execute.ts'
import { type Project, writeArtifact } from '../control/project.ts'
import { assertStage, assertStillStage, readBuiltState } from '../control/state.ts'
import type { Work } from '../control/work.ts'
import { withLockRetry } from '../db/retry.ts'
import { transaction } from '../db/transaction.ts'
import { InterruptedError, RefusedError, UsageError } from '../lib/errors.ts'
import type { Mapping } from '../spec/mapping.ts'
import { planFinish, planRehearsal, planValidation } from '../sqlgen/finish.ts'
import { readOldWrites, sampleOldWrites } from '../sync/old-writes.ts'
import { drainAll } from '../sync/worker.ts'
import { verifyTarget } from '../verify/run-verify.ts'
import { buildScript } from './build.ts'
import { sourceTables } from './design.ts'
import { assertGate } from './gates.ts'
import { readPutOff } from './put-off.ts'
import { assertHealthy } from './ramp.ts'

export interface FinishOptions {
  readonly quietDays: number
  readonly rehearsalSeconds: number
  readonly haveBackup: boolean
}

export interface FinishResult {
  readonly archive: string
  readonly attempts: number
  /** How long the archiving transaction held its locks. */
  readonly lockMs: number
  readonly rehearsedSeconds: number
}

/**
 * Verifies once more, rehearses without the old tables, and archives them in one short transaction. Refuses
 * while anything speaks against it; until the transaction commits, everything is as before.
 */
export async function finish(
  session: pg.Client,
  project: Project,
  work: Work,
  options: FinishOptions,
): Promise<FinishResult> {
  const state = await readBuiltState(session)
  assertStage(state, ['move'], 'finish')
  if (!options.haveBackup) {
    throw new UsageError(
      'finish.backup',
      'finish moves your old tables away; have a backup that you have restored once.',
      { hint: 'When you have: crossfade finish --i-have-a-backup' },
    )
  }
  await endRehearsal(session)
  await assertGate(session, 'move', project, state)
  await assertHealthy(session)
  await assertQuiet(session, state.mapping, options.quietDays)
  const { plan, oldTables, putOff, archive } = await prepareFinish(session, project, state.mapping)
  await assertApproved(session, 'finish', project.config.approvals?.finish ?? 1)

  await assertSame(work)
  await rehearse(session, work, oldTables, options.rehearsalSeconds)
  const done = await withLockRetry(
    session,
    { what: 'archive the old tables', signal: work.signal, observer: work.db.pool },
    async (_, attempts) => {
      const started = performance.now()
      await assertStillStage(session, 'move', 'finish')
      for (const statement of plan) {
        await session.query(statement.sql.text)
        if (statement.id.startsWith('archive:')) await noteUndo(session, 'finish', statement)
      }
      // What takes the earlier stages back is of no use any more, and would do harm.
      await session.query(/* sql */ `DELETE FROM crossfade.undo WHERE stage <> 'finish'`)
      return { attempts, started }
    },
  )
  const lockMs = Math.round(performance.now() - done.started)
  for (const statement of planValidation(putOff)) await session.query(statement.sql.text)
  return { archive, attempts: done.attempts, lockMs, rehearsedSeconds: options.rehearsalSeconds }
}

/** Plans the finish and keeps the plan as what gate `finish` approves. Refuses where something still hangs on the old tables. */
export async function prepareFinish(session: pg.Client, project: Project, mapping: Mapping) {
  const catalog = await readCatalog(session, [mapping.oldSchema])
  const oldTables = sourceTables(mapping, catalog.tables)
  await assertNoDependents(session, mapping, oldTables)
  const day = new Date().toISOString().slice(0, 10)
  const archive = `archived_schema_${day.replaceAll('-', '')}`
  const putOff = await readPutOff(session, mapping)
  const input = { mapping, oldTables, putOff }
  // The day is left out of what is approved: an approval holds until something changes.
  const shown = buildScript(
    planFinish({
      ...input,
      archive: 'archived_schema_YYYYMMDD',
      note: await archiveNote(session, mapping, 'YYYY-MM-DD'),
    }),
  )
  await saveArtifacts(session, 'finish', [{ name: 'FINISH_PLAN.sql', content: shown }])
  await writeArtifact(project, 'FINISH_PLAN.sql', shown)
  return {
    plan: planFinish({ ...input, archive, note: await archiveNote(session, mapping, day) }),
    oldTables,
    putOff,
    archive,
  }
}

async function archiveNote(session: pg.Client, mapping: Mapping, day: string): Promise<string> {
  const { rows } = await session.query<{ role: string }>(/* sql */ `SELECT session_user::text AS role`)
  const names = mapping.targets.map((t) => t.name).join(', ')
  return `Crossfade: consolidated into ${names}; archived on ${day} by ${rows[0]?.role} with crossfade finish. crossfade rollback brings it back as it was then. May be dropped when nobody has missed it for as long as you keep backups.`
}

async function assertQuiet(session: pg.Client, mapping: Mapping, quietDays: number): Promise<void> {
  await sampleOldWrites(session, mapping)
  const since = Date.now() - quietDays * 86_400_000
  const loud = (await readOldWrites(session)).filter((w) => quietDays > 0 && w.changedAt.getTime() > since)
  if (loud.length === 0) return
  throw new RefusedError(
    'finish.not_quiet',
    `Old names were written to within ${quietDays} days: ${loud.map((w) => `${w.source} (last seen ${w.changedAt.toISOString()})`).join(', ')}.`,
    {
      hint: 'Move the code that still writes there; crossfade move reports it. finish.quietDays or --quiet-days changes the time.',
    },
  )
}

async function assertNoDependents(
  session: pg.Client,
  mapping: Mapping,
  tables: readonly CatalogTable[],
): Promise<void> {
  const own = new Set([
    ...tables.map((t) => `${t.schema}.${t.name}`),
    ...mapping.views.map((v) => `${v.schema}.${v.name}`),
  ])
  const isOwn = (d: Dependent): boolean =>
    own.has(`${d.schema}.${d.table ?? d.name}`) || own.has(`${d.schema}.${d.name}`)
  const dependents = (await readDependents(session, tables)).filter(
    (d) => d.certain && d.kind !== 'publication' && !isOwn(d),
  )
  if (dependents.length === 0) return
  throw new RefusedError(
    'finish.dependents',
    `These still use the old tables: ${dependents.map((d) => `${d.kind} ${d.schema}.${d.table === null ? '' : `${d.table}.`}${d.name} (on ${d.on.name})`).join('; ')}.`,
    {
      hint: 'They would go on reading the archive. Make them anew over the new tables, or drop them, then finish.',
    },
  )
}

async function assertSame(work: Work): Promise<void> {
  for (const t of work.mapping.targets) {
    const result = await verifyTarget(work, t, { samples: 0 })
    if (!result.clean)
      throw new RefusedError(
        'finish.differs',
        `${t.name} differs from the old tables in ${result.full.missing + result.full.extra + result.full.differing} rows.`,
        { hint: 'See: crossfade verify' },
      )
  }
}

/**
 * For a while the application has no rights on the old tables. What gives them back is in the database before they
 * go, so a killed rehearsal ends with the next command, or with crossfade.rollback().
 */
async function rehearse(
  session: pg.Client,
  work: Work,
  tables: readonly CatalogTable[],
  seconds: number,
): Promise<void> {
  if (seconds <= 0) return
  const before = await readOldWrites(session)
  await withLockRetry(session, { what: 'begin the rehearsal', signal: work.signal }, async () => {
    for (const statement of planRehearsal(tables)) {
      await noteUndo(session, 'rehearsal', statement)
      await session.query(statement.sql.text)
    }
  })
  try {
    const until = Date.now() + seconds * 1000
    while (Date.now() < until) {
      work.log.progress(
        `rehearsal: the application runs without the old tables for ${Math.ceil((until - Date.now()) / 1000)} s more`,
      )
      await sleep(Math.min(500, Math.max(0, until - Date.now())), undefined, { signal: work.signal }).catch(
        () => undefined,
      )
      if (work.signal.aborted)
        throw new InterruptedError('The rehearsal was interrupted; the rights on the old tables are back.', {
          hint: 'Run crossfade finish again when you like.',
        })
      await assertStillStage(session, 'move', 'finish')
      await drainAll(session, work)
      await sampleOldWrites(session, work.mapping)
      const loud = (await readOldWrites(session)).find(
        (w) => w.writes > (before.find((b) => b.source === w.source && b.target === w.target)?.writes ?? 0),
      )
      if (loud)
        throw new RefusedError(
          'finish.rehearsal',
          `${loud.source} was written to during the rehearsal, by a role that no revoked right stops.`,
          { hint: 'Some code that connects as the owner still uses the old name. The rights are back as they were.' },
        )
    }
  } finally {
    await endRehearsal(session)
    work.log.end()
  }
}

/** Gives the rights of a rehearsal back; does nothing when there is none. */
async function endRehearsal(session: pg.Client): Promise<void> {
  await transaction(session, async () => {
    const { rows } = await session.query<{ sql: string }>(
      /* sql */ `DELETE FROM crossfade.undo WHERE stage = 'rehearsal' RETURNING sql`,
    )
    for (const row of rows) await session.query(row.sql)
  })
}
