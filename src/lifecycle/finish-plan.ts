import type pg from 'pg'
import { readCatalog } from '../catalog/read-catalog.ts'
import { withSearchPath } from '../catalog/search-path.ts'
import type { CatalogTable } from '../catalog/types.ts'
import { saveArtifacts } from '../control/approvals.ts'
import { runTogether } from '../control/execute.ts'
import { type Project, writeArtifact } from '../control/project.ts'
import { withLockRetry } from '../db/retry.ts'
import { isRetryable } from '../db/sqlstates.ts'
import { transaction } from '../db/transaction.ts'
import { RefusedError } from '../lib/errors.ts'
import { raw } from '../lib/sql.ts'
import { loadParser } from '../spec/expression.ts'
import type { Mapping } from '../spec/mapping.ts'
import { type FinishInput, type PutOff, planFinish, type Validation } from '../sqlgen/finish.ts'
import { display } from '../sqlgen/names.ts'
import { countOrphans, type ForeignKey, type OldView } from '../sqlgen/repoint.ts'
import type { Statement } from '../sqlgen/statement.ts'
import { runAlso } from './also.ts'
import { buildScript } from './build.ts'
import { foreignKeysByNameQuery, lostRightsQuery } from './dependents.sql.ts'
import { type Dependents, type Hanging, leavingRelations, REASONS, readHanging, readLeft } from './dependents.ts'
import { sourceTables } from './followed-tables.ts'
import { planPutBack } from './put-back.ts'
import { readPutOff } from './put-off.ts'

export interface FinishPlan {
  readonly plan: readonly Statement[]
  readonly oldTables: readonly CatalogTable[]
  /** Foreign keys whose rows are checked when the transaction is over. */
  readonly validate: readonly Validation[]
  readonly archive: string
  /** What hung on the old tables when the plan was made. */
  readonly hanging: readonly string[]
  /** What the plan makes anew over the new tables. */
  readonly repointed: readonly string[]
}

/**
 * Plans the finish, tries in a transaction that is rolled back what it does with views, foreign keys and the user's own
 * script, and keeps the plan as what gate `finish` approves. Refuses where something would still hang on the old tables.
 */
export async function prepareFinish(session: pg.Client, project: Project, mapping: Mapping): Promise<FinishPlan> {
  await loadParser()
  const catalog = await readCatalog(session, [mapping.oldSchema])
  const oldTables = sourceTables(mapping, catalog.tables)
  const putOff = await readPutOff(session, mapping)
  const ignore = project.config.finish?.ignore ?? []
  const day = new Date().toISOString().slice(0, 10)
  const archive = `archived_schema_${day.replaceAll('-', '')}`
  const oldViews = catalog.tables.filter((t) => mapping.views.some((v) => v.schema === t.schema && v.name === t.name))
  const base = { mapping, oldTables, oldViews, putOff, archive, note: await archiveNote(session, mapping, day) }
  const dependents = await readHanging(session, mapping, catalog.tables, oldTables, ignore)
  const tried = await tryRepointing(session, project, base, dependents)
  const manual = dependents.hanging.filter((h) => !tried.repointed.includes(h))
  const input = {
    ...base,
    repoint: [
      ...tried.repointed.flatMap((h) => h.statement ?? []),
      ...dependents.released.map((r) => r.statement),
      ...(project.also ? await transaction(session, () => planPutBack(session, manual), { readOnly: true }) : []),
    ],
    also: project.also?.text ?? null,
    staying: stayingTables(tried.repointed, dependents),
    restored: restoredKeys(tried.repointed, dependents),
  }
  await assertNoOrphans(session, tried.foreignKeys, catalog.tables)
  // The day is left out of what is approved: an approval holds until something changes.
  const note = await archiveNote(session, mapping, 'YYYY-MM-DD')
  const script = buildScript(planFinish({ ...input, archive: 'archived_schema_YYYYMMDD', note }))
  const shown =
    ignore.length === 0 ? script : `-- By finish.ignore these stay as they are: ${ignore.join(', ')}\n\n${script}`
  await saveArtifacts(session, 'finish', [{ name: 'FINISH_PLAN.sql', content: shown }])
  await writeArtifact(project, 'FINISH_PLAN.sql', shown)
  return {
    plan: planFinish(input),
    oldTables,
    validate: tried.foreignKeys.map(({ table, name }) => ({ table, name })),
    archive,
    hanging: dependents.hanging.map((h) => h.what),
    repointed: tried.repointed.map((h) => h.what),
  }
}

/** They are locked first, as the application does: a row that references another is locked before that one. */
function stayingTables(repointed: readonly Hanging[], { released }: Dependents): FinishInput['staying'] {
  const tables = [
    ...repointed.flatMap((h) => (h.foreignKey ? [h.foreignKey.table] : [])),
    ...released.map((r) => r.foreignKey.references),
  ]
  return [...new Map(tables.map((table) => [display(table), table])).values()]
}

/** What a rollback from finish checks again, when the old tables are back. */
function restoredKeys(repointed: readonly Hanging[], { released }: Dependents): Validation[] {
  return [...repointed.flatMap((h) => h.foreignKey ?? []), ...released.map((r) => r.foreignKey)].filter(
    (foreignKey) => foreignKey.validated,
  )
}

interface Tried {
  readonly repointed: readonly Hanging[]
  /** As they are then; those that are to be validated. */
  readonly foreignKeys: readonly ForeignKey[]
}

/** The part of the plan that may fail on somebody else's objects, on trial. */
async function tryRepointing(
  session: pg.Client,
  project: Project,
  base: Omit<FinishInput, 'repoint' | 'also' | 'staying' | 'restored'>,
  { hanging, released }: Dependents,
): Promise<Tried> {
  const { mapping, putOff, archive } = base
  if (hanging.length === 0 && released.length === 0 && putOff.length === 0 && !project.also)
    return { repointed: [], foreignKeys: [] }
  let tried: Tried | null = null
  class Undo extends Error {}
  try {
    await withLockRetry(session, { what: 'try the finish', holdsUp: true }, async () => {
      // Everybody waits from the first foreign key on, so there are as few round trips as can be.
      await withSearchPath(session, 'pg_catalog', async () => {
        const reasons = await tryHanging(session, hanging)
        const repointed = hanging.filter((h) => reasons.get(h.what) === null)
        const rest = planFinish({ ...base, repoint: [], also: null, staying: [], restored: [] }).filter((s) =>
          /^finish:(archive$|foreign-key:|trigger:)|^archive:/.test(s.id),
        )
        await runTogether(session, [...released.map(({ statement }) => statement), ...rest])
        if (project.also) await runAlso(session, project.also, mapping.oldSchema)
        await assertNothingLeft(session, project, mapping, base.oldTables, archive, reasons)
        tried = { repointed, foreignKeys: await readMade(session, mapping, putOff, repointed) }
        throw new Undo()
      })
    })
  } catch (error) {
    if (!(error instanceof Undo)) throw error
  }
  if (tried === null) throw new Error('the trial gave no plan')
  return tried
}

/** By what hangs: null where it was made anew, or why it can't be. Views come first, which lock nothing but themselves. */
async function tryHanging(session: pg.Client, hanging: readonly Hanging[]): Promise<Map<string, string | null>> {
  const reasons = new Map(hanging.map((h) => [h.what, h.problem]))
  for (const { what, view, statement } of hanging) {
    if (view === null || statement === null) continue
    let refused = await tryTogether(session, [statement])
    if (refused === null) refused = await readLostRights(session, view)
    if (refused !== null) await session.query('ROLLBACK TO crossfade_try')
    reasons.set(what, refused)
  }
  const others = hanging.flatMap((h) =>
    h.view === null && h.statement ? [{ what: h.what, statement: h.statement }] : [],
  )
  const refused = await tryTogether(
    session,
    others.map(({ statement }) => statement),
  )
  if (refused !== null) await session.query('ROLLBACK TO crossfade_try')
  for (const { what, statement } of others) {
    const why = refused === null ? null : await tryTogether(session, [statement])
    if (why !== null) await session.query('ROLLBACK TO crossfade_try')
    reasons.set(what, why)
  }
  return reasons
}

/** Null, or why the server refuses one of them; behind a savepoint that stays. */
async function tryTogether(session: pg.Client, statements: readonly Statement[]): Promise<string | null> {
  try {
    await runTogether(session, [{ sql: raw('SAVEPOINT crossfade_try') }, ...statements])
    return null
  } catch (error) {
    if (isRetryable(error)) throw error
    return `the server refuses to make it anew: ${(error as Error).message}`
  }
}

async function readLostRights(session: pg.Client, view: OldView): Promise<string | null> {
  const { rows } = await session.query<{ role: string; columns: string }>(lostRightsQuery, [
    view.schema,
    view.name,
    JSON.stringify(view.uses),
  ])
  if (rows.length === 0) return null
  return `who reads it would need the right to read the new columns: ${rows.map((row) => `${row.role} has none on ${row.columns}`).join('; ')}`
}

/** Throws RefusedError where something uses the old tables that have left; in the transaction in which they have. */
export async function assertNothingLeft(
  client: pg.ClientBase,
  project: Project,
  mapping: Mapping,
  oldTables: FinishInput['oldTables'],
  archive: string,
  reasons: ReadonlyMap<string, string | null> = new Map(),
): Promise<void> {
  const leaving = leavingRelations(mapping, oldTables).map((r) => ({ schema: archive, name: r.name }))
  const left = await readLeft(client, mapping, leaving, project.config.finish?.ignore ?? [])
  if (left.length === 0) return
  const list = left.map(
    (l) =>
      `\n  ${l.what} (on ${l.on.map((name) => mapping.oldSchema + name.slice(archive.length)).join(', ')}): ${reasons.get(l.what) ?? REASONS[l.dependent.kind]}`,
  )
  const accept = left.some((l) => ['function (by text)', 'publication'].includes(l.dependent.kind))
    ? ' What only seems to use an old table, name in finish.ignore as it stands here.'
    : ''
  throw new RefusedError('finish.dependents', `These would still use the old tables in the archive:${list.join('')}`, {
    hint: `${project.also ? `Make them anew in ${project.also.path}` : 'Make them anew in a script that finish runs when the old tables have left (finish.also in the configuration)'}, or drop them.${accept}`,
  })
}

/** Foreign keys that the trial has made and not checked. */
async function readMade(
  session: pg.Client,
  mapping: Mapping,
  putOff: readonly PutOff[],
  repointed: readonly Hanging[],
): Promise<ForeignKey[]> {
  const made = [
    ...putOff.filter((p) => p.kind === 'foreign key'),
    ...repointed.flatMap((h) => (h.foreignKey?.validated ? [h.foreignKey] : [])),
  ]
  if (made.length === 0) return []
  const { rows } = await withSearchPath(session, 'pg_catalog', () =>
    session.query<ForeignKey>(foreignKeysByNameQuery, [
      made.map((f) => f.table.schema),
      made.map((f) => f.table.name),
      made.map((f) => f.name),
    ]),
  )
  if (rows.length < made.length) throw new Error(`not all foreign keys of ${mapping.oldSchema} were made`)
  return rows
}

/** After the commit it would be too late: what a foreign key finds wrong is found now. */
async function assertNoOrphans(
  session: pg.Client,
  foreignKeys: readonly ForeignKey[],
  tables: readonly CatalogTable[],
): Promise<void> {
  const found: string[] = []
  for (const f of foreignKeys) {
    const references = tables.find((t) => t.schema === f.references.schema && t.name === f.references.name)
    const { rows } = await session.query<{ rows: string }>(countOrphans(f, references).text)
    const orphans = Number(rows[0]?.rows ?? 0)
    if (orphans > 0)
      found.push(
        `\n  foreign key ${display(f.table)}.${f.name}: ${orphans} rows (${f.columns.join(', ')}) without a row of ${display(f.references)} (${f.referenced.join(', ')})`,
      )
  }
  if (found.length === 0) return
  throw new RefusedError('finish.orphans', `Rows reference what isn't in the new tables:${found.join('')}`, {
    hint: 'Their old rows were left out, or are in the journal (crossfade journal). Delete these rows, empty the columns, or drop the foreign key; then finish.',
  })
}

async function archiveNote(session: pg.Client, mapping: Mapping, day: string): Promise<string> {
  const { rows } = await session.query<{ role: string }>(/* sql */ `SELECT session_user::text AS role`)
  const names = [...new Set(mapping.targets.map((t) => t.relation.name))].join(', ')
  return `Crossfade: consolidated into ${names}; archived on ${day} by ${rows[0]?.role} with crossfade finish. crossfade rollback brings it back as it was then. May be dropped when nobody has missed it for as long as you keep backups.`
}

/** Throws RefusedError where something has come to hang on the old tables since the plan was made. */
export async function assertSameHanging(
  client: pg.ClientBase,
  project: Project,
  mapping: Mapping,
  planned: FinishPlan,
): Promise<void> {
  const leaving = leavingRelations(mapping, planned.oldTables)
  const now = await readLeft(client, mapping, leaving, project.config.finish?.ignore ?? [])
  const fresh = now.filter((one) => !planned.hanging.includes(one.what)).map((one) => one.what)
  if (fresh.length === 0) return
  throw new RefusedError('finish.changed', `Since the plan was made, this uses the old tables: ${fresh.join(', ')}.`, {
    hint: 'Nothing was changed. See what finish does with it, and approve that: crossfade approve finish',
  })
}
