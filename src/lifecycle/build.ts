import type pg from 'pg'
import type { CatalogTable } from '../catalog/types.ts'
import { assertApproved, hashArtifacts, readArtifacts, saveArtifacts } from '../control/approvals.ts'
import { buildIndex } from '../control/build-index.ts'
import { applyStatements, noteUndo } from '../control/execute.ts'
import type { Project } from '../control/project.ts'
import { assertStage, readState, updateState } from '../control/state.ts'
import { withLockRetry } from '../db/retry.ts'
import type { Watch } from '../db/run-watched.ts'
import { RefusedError } from '../lib/errors.ts'
import { literal, sql } from '../lib/sql.ts'
import type { Mapping, TargetMapping } from '../spec/mapping.ts'
import { backfillChunk, keylessStatements } from '../sqlgen/backfill.ts'
import { compareRange } from '../sqlgen/compare.ts'
import { onePerTable } from '../sqlgen/names.ts'
import { type CatalogLookup, keyIndexes, planBuild, planKeyIndexes, planSync } from '../sqlgen/plan.ts'
import { nextBound } from '../sqlgen/ranges.ts'
import type { Statement } from '../sqlgen/statement.ts'
import { type Design, describeDesign } from './design.ts'
import { checkExpressions, createNewTables } from './new-tables.ts'
import { savePutOff } from './put-off.ts'
import { tryRoundTrip } from './round-trip.ts'

export interface BuildResult {
  readonly mapping: Mapping
  readonly statements: readonly Statement[]
  /** For each new table: what the create, read, update, delete round showed. */
  readonly roundTrips: readonly string[]
  readonly artifact: string
}

/** Creates the new tables beside the old ones, from an approved design. Can be run again after a crash: indexes that are missing are built. */
export async function build(session: pg.Client, project: Project, watch: Watch): Promise<BuildResult> {
  const state = await readState(session)
  if (state?.stage === 'build' && state.mapping) return await finishBuild(session, state.mapping, [], watch)
  if (state) assertStage(state, ['design'], 'build')
  const required = project.config.approvals?.design ?? 1
  if (!state)
    throw new RefusedError('gate.closed', 'Gate "design" has no approval.', {
      hint: 'Read the mapping and the new schema, then: crossfade approve design',
    })
  await assertApproved(session, 'design', required)

  const { mapping, statements } = await withLockRetry(
    session,
    { what: 'build the new tables', signal: watch.signal },
    async () => {
      await session.query(/* sql */ `SELECT crossfade.sweep()`)
      const built = await createNewTables(session, project)
      const design = await describeDesign(session, project, built)
      await assertUnchanged(session, design, required)
      const plan = planBuild(design.mapping, lookupIn(design.tables))
      const trips: string[] = []
      for (const t of design.mapping.targets) trips.push(await tryRoundTrip(session, t))
      await applyStatements(session, 'build', plan)
      await checkSync(session, design.mapping)
      // Before they are built, so that no kill leaves one that nothing takes back.
      const targets = onePerTable(design.mapping.targets).map(dropTarget)
      await noteUndo(session, 'build', [...planKeyIndexes(design.mapping), ...targets, ...design.statements])
      await savePutOff(session, design.putOff)
      // Here already: a run that is killed before its indexes are built has shown everything else.
      const script = buildScript([...design.statements, ...plan, ...planKeyIndexes(design.mapping)])
      await saveArtifacts(session, 'build', [{ name: 'BUILD.sql', content: script }], { roundTrips: trips })
      await updateState(session, {
        stage: 'build',
        mapping: design.mapping,
        mappingHash: hashArtifacts(design.artifacts),
        sources: design.sources,
      })
      return { mapping: design.mapping, statements: [...design.statements, ...plan] }
    },
  )
  return await finishBuild(session, mapping, statements, watch)
}

/** The statements that build would run, from a design that was tried: for `--dry-run`. */
export function planOfBuild(design: Design): Statement[] {
  return [
    ...design.statements,
    ...planBuild(design.mapping, lookupIn(design.tables)),
    ...planKeyIndexes(design.mapping),
  ]
}

/** The report of the check is approved as it was: rows come and go. */
async function assertUnchanged(session: pg.Client, design: Design, required: number): Promise<void> {
  const approved = await readArtifacts(session, 'design')
  const now = [
    ...design.artifacts,
    ...approved.filter(({ name }) => !design.artifacts.some((one) => one.name === name)),
  ]
  const { rows } = await session.query<{ people: number }>(
    /* sql */ `SELECT count(DISTINCT person)::int AS people FROM crossfade.approval WHERE gate = 'design' AND sha256 = $1`,
    [hashArtifacts(now)],
  )
  if ((rows[0]?.people ?? 0) >= required) return
  const changed = design.artifacts.filter((now) => approved.find((a) => a.name === now.name)?.content !== now.content)
  throw new RefusedError(
    'gate.changed',
    `This is not what was approved any more: ${changed.map((a) => a.name).join(', ')}.`,
    {
      hint: 'The new schema, the mapping, an old table or Crossfade itself has changed. See what it is now and approve that: crossfade approve design',
    },
  )
}

/** Everything that later stages will run is prepared once, now, while nothing depends on it. */
async function checkSync(session: pg.Client, mapping: Mapping): Promise<void> {
  await checkExpressions(
    session,
    mapping.targets.flatMap((t) => [
      { id: `backfill of ${t.name}`, sql: backfillChunk(t, { after: true, upTo: true }, 'alone') },
      { id: `contested backfill of ${t.name}`, sql: backfillChunk(t, { after: true, upTo: true }, 'contested') },
      { id: `chunks of ${t.name}`, sql: nextBound(t, { after: true, includeTarget: true }) },
      { id: `comparison of ${t.name}`, sql: compareRange(t, { after: true, upTo: true }, false) },
      ...t.sources.flatMap((s) =>
        keylessStatements(t, s).map((query) => ({ id: `rows of ${s.relation.name} without a key`, sql: query })),
      ),
    ]),
  )
  await session.query('SAVEPOINT crossfade_functions')
  for (const statement of planSync(mapping))
    if (/-function:|^(apply|apply-many|remove|touch|relink|drain):/.test(statement.id))
      await session.query(statement.sql.text)
  await session.query('ROLLBACK TO crossfade_functions')
}

async function finishBuild(
  session: pg.Client,
  mapping: Mapping,
  statements: readonly Statement[],
  watch: Watch,
): Promise<BuildResult> {
  const indexes = keyIndexes(mapping)
  for (const index of indexes) await buildIndex(session, index, watch)
  const [shown] = await readArtifacts(session, 'build')
  const trips = (shown?.evidence.roundTrips as string[] | undefined) ?? []
  return {
    mapping,
    statements: [...statements, ...indexes.flatMap((index) => index.statements)],
    roundTrips: trips,
    artifact: shown?.content ?? '',
  }
}

/** A table that was ever open holds values that the old side has no place for: it is set aside, not dropped. */
export function dropTarget(t: TargetMapping): Statement {
  return {
    id: `new-table:${t.relation.name}`,
    sql: sql`SELECT 1`,
    undo: sql`SELECT crossfade.retire(${literal(t.relation.schema)}, ${literal(t.relation.name)})`,
    lock: { mode: 'ACCESS EXCLUSIVE', on: `${t.relation.schema}.${t.relation.name}` },
    transactional: true,
    why: 'the new table goes; what only it can hold is set aside first',
  }
}

export function lookupIn(tables: readonly CatalogTable[]): CatalogLookup {
  return (r) => tables.find((table) => table.schema === r.schema && table.name === r.name)
}

/** The statements as a script with their reasons, locks and undo, for reading. */
export function buildScript(statements: readonly Statement[]): string {
  return statements
    .map((s) => {
      const lock = s.lock.on === null ? 'no lock on a table' : `lock ${s.lock.mode} on ${s.lock.on}`
      const undo = s.undo === null ? '' : `-- undo: ${s.undo.text.replaceAll('\n', '\n--       ')}\n`
      return `-- ${s.id}: ${s.why}\n-- ${lock}${s.transactional ? '' : ', outside a transaction'}\n${undo}${s.sql.text};\n`
    })
    .join('\n')
}
