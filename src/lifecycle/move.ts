import type pg from 'pg'
import { readCatalog } from '../catalog/read-catalog.ts'
import type { CatalogTable } from '../catalog/types.ts'
import { saveArtifacts } from '../control/approvals.ts'
import { readDefaultPrivileges } from '../control/default-privileges.ts'
import { noteUndo, replaceUndo, runTogether } from '../control/execute.ts'
import type { Project } from '../control/project.ts'
import { assertStage, assertStillStage, readBuiltState, updateState } from '../control/state.ts'
import type { Work } from '../control/work.ts'
import { withLockRetry } from '../db/retry.ts'
import { RefusedError } from '../lib/errors.ts'
import { MIGRATION_UNDO } from '../migrations/record-migration.ts'
import { loadParser } from '../spec/expression.ts'
import type { Mapping, TargetMapping } from '../spec/mapping.ts'
import { relocate } from '../spec/relocate.ts'
import { type LooseObject, planLooseUndo, planMove, planRelocation, relocateLoose } from '../sqlgen/move.ts'
import { isSame, onePerTable } from '../sqlgen/names.ts'
import { planBuild, planKeyIndexes, planSync } from '../sqlgen/plan.ts'
import type { Statement } from '../sqlgen/statement.ts'
import { type OldWrites, readOldWrites, sampleOldWrites } from '../sync/old-writes.ts'
import { dropTarget, lookupIn } from './build.ts'
import { assertGate } from './gates.ts'
import { readLooseObjects } from './loose-objects.ts'
import { assertExplained, assertHealthy } from './ramp.ts'
import { assertNoStrangers } from './strangers.ts'

export interface MoveResult {
  /** Null when they were open already and only the report was made. */
  readonly opened: { readonly attempts: number; readonly lockMs: number } | null
  readonly oldWrites: readonly OldWrites[]
  readonly artifact: string
}

/** The statements of a move, for the mapping as it stands: bring the tables over (once), and open them. */
export async function planMoveOf(
  session: pg.ClientBase,
  mapping: Mapping,
): Promise<{
  moved: Mapping
  statements: Statement[]
  relocation: Statement[]
  loose: LooseObject[]
  tables: readonly CatalogTable[]
}> {
  await loadParser()
  const catalog = await readCatalog(session, [...new Set([mapping.oldSchema, mapping.newSchema])])
  const moved = relocate(mapping, mapping.oldSchema)
  const away = mapping.targets.some((t) => t.relation.schema !== mapping.oldSchema)
  const loose = away ? await readLooseObjects(session, mapping.newSchema) : []
  const relocation = planRelocation(mapping, loose)
  return { moved, statements: planMove(moved, lookupIn(catalog.tables)), relocation, loose, tables: catalog.tables }
}

/**
 * Brings the new tables to the old schema, once, and opens them for native writes, in one transaction with all
 * functions that name them. Run again, it tells what still comes in by an old name.
 */
export async function move(session: pg.Client, project: Project, work: Work): Promise<MoveResult> {
  const state = await readBuiltState(session)
  assertStage(state, ['reads', 'move'], 'move')
  let opened: MoveResult['opened'] = null
  if (state.stage !== 'move') {
    if (state.readPercent !== 100)
      throw new RefusedError('move.reads', `The new tables answer ${state.readPercent} % of the reads.`, {
        hint: 'Code moves after all reads have; crossfade status names the next step of the ramp.',
      })
    await assertGate(session, 'reads', project, state)
    await assertHealthy(session, 'writes')
    await assertExplained(session)
    await assertNoStrangers(session, state.mapping, project.config.trusted)
    opened = await open(session, state.mapping, work)
  }
  await sampleOldWrites(session, relocate(state.mapping, state.mapping.oldSchema))
  const oldWrites = await readOldWrites(session)
  const artifact = buildMovePage(state.mapping, oldWrites)
  await saveArtifacts(session, 'move', [{ name: 'MOVE_REPORT.md', content: artifact }])
  return { opened, oldWrites, artifact }
}

async function open(session: pg.Client, mapping: Mapping, work: Work): Promise<{ attempts: number; lockMs: number }> {
  return await withLockRetry(
    session,
    { what: 'open the new tables', holdsUp: true, signal: work.signal, observer: work.db.pool },
    async (_, attempts) => {
      await assertStillStage(session, 'reads', 'move')
      await session.query(/* sql */ `SELECT crossfade.sweep()`)
      const { moved, statements, relocation, loose, tables } = await planMoveOf(session, mapping)
      // What nobody waits for comes first: the functions, in this transaction, know where the tables will be.
      const [functions = [], moves = []] = [true, false].map((free) =>
        relocation.filter((s) => (s.lock.on === null) === free),
      )
      await runTogether(session, functions)
      await updateState(session, { stage: 'move', nativeOpen: true, mapping: moved })
      // The arguments of a routine name types, and how, only the server knows when they have moved.
      const mustSee = loose.some(({ kind }) => kind === 'ROUTINE')
      if (loose.length > 0 && !mustSee) await renameUndo(session, moved, relocateLoose(moved, loose), tables)
      await noteUndo(session, 'move', statements)
      const { revoke, grant } = await readDefaultPrivileges(session, 'all')
      const opening = [...revoke, ...statements, ...grant]
      const started = performance.now()
      if (mustSee) {
        await runTogether(session, moves)
        await renameUndo(session, moved, await readMovedObjects(session, moved, loose), tables)
        await runTogether(session, opening)
      } else await runTogether(session, [...moves, ...opening])
      return { attempts, lockMs: Math.round(performance.now() - started) }
    },
  )
}

async function readMovedObjects(
  session: pg.Client,
  moved: Mapping,
  loose: readonly LooseObject[],
): Promise<LooseObject[]> {
  return await readLooseObjects(
    session,
    moved.oldSchema,
    loose.map((object) => object.oid),
  )
}

/** What takes the earlier stages back names the tables, which move. `objects` stand where they will be. */
async function renameUndo(
  session: pg.Client,
  moved: Mapping,
  objects: readonly LooseObject[],
  tables: readonly CatalogTable[],
): Promise<void> {
  const { rows } = await session.query<{ statement: string; sql: string; why: string }>(
    /* sql */ `SELECT statement, sql, why FROM crossfade.undo WHERE stage = 'build' AND (starts_with(statement, 'new-schema:') OR starts_with(statement, $1)) ORDER BY id`,
    [MIGRATION_UNDO],
  )
  const schema = rows.map((row) => ({ id: row.statement, sql: { text: '' }, undo: { text: row.sql }, why: row.why }))
  await replaceUndo(session, 'build', [
    ...schema,
    // Undone from the end: the tables first, then the types and functions that they used.
    ...planLooseUndo(objects),
    ...onePerTable(moved.targets).map(dropTarget),
    ...planBuild(moved, lookupIn(tables)),
    ...planKeyIndexes(moved),
  ])
  await replaceUndo(session, 'sync', planSync(moved))
}

function replacedBy(mapping: Mapping, t: TargetMapping): string[] {
  const sources = mapping.targets.filter((unit) => isSame(unit, t)).flatMap((unit) => unit.sources)
  return sources.filter((s) => !s.stub).map((s) => `\`${s.relation.name}\``)
}

function buildMovePage(mapping: Mapping, oldWrites: readonly OldWrites[]): string {
  return `# Moving the code to the new names

${onePerTable(mapping.targets)
  .map(
    (t) =>
      `- \`${mapping.oldSchema}.${t.relation.name}\` is open for writing; it replaces ${replacedBy(mapping, t).join(', ')}.`,
  )
  .join('\n')}

Move one file and one deploy at a time; both names are right all the while. A native write that meets a write by
an old name gets SQLSTATE 40001: run the transaction again.

| old name | writes since sync began | last seen |
|---|---:|---|
${oldWrites.map((w) => `| ${w.source} | ${w.writes} | ${w.writes > 0 ? w.changedAt.toISOString() : 'never'} |`).join('\n')}
`
}
