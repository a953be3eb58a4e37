import type pg from 'pg'
import { readCatalog } from '../catalog/read-catalog.ts'
import type { CatalogTable } from '../catalog/types.ts'
import type { Project } from '../control/project.ts'
import { assertMayCreateSchemas, assertOwnsTables } from '../db/privileges.ts'
import { CrossfadeError } from '../lib/errors.ts'
import { readCodeAtMove } from '../lifecycle/code-at-move.ts'
import { readHanging } from '../lifecycle/dependents.ts'
import { followedTables, sourceTables } from '../lifecycle/followed-tables.ts'
import { assertPreconditions } from '../lifecycle/preconditions.ts'
import { assertPublications } from '../lifecycle/publications.ts'
import type { Mapping, SourceMapping, TargetMapping } from '../spec/mapping.ts'
import { listCascades, listNativeRisks } from '../spec/risks.ts'
import { display } from '../sqlgen/names.ts'
import { checkApi } from './check-api.ts'
import type { Found } from './finding.ts'

/**
 * What isn't about rows: rights, what hangs on the old tables and what becomes of it, and what the mapping drops. `tables`
 * are those of the trial, old and new; the old ones' state is asked of the database itself, by a session that reads.
 */
export async function checkObjects(
  session: pg.Client,
  project: Project,
  mapping: Mapping,
  tables: readonly CatalogTable[],
): Promise<Found[]> {
  const { tables: old } = await readCatalog(session, [...new Set(schemasOf(mapping))])
  const followed = followedTables(mapping, old)
  return [
    ...(await refused('rights', () => assertMayCreateSchemas(session))),
    ...(await refused('rights', () => assertOwnsTables(session, followed))),
    ...(await refused('precondition', () => assertPreconditions(session, mapping, old))),
    ...(await refused('publications', () => assertPublications(session, project))),
    ...(await checkHanging(session, project, mapping, old, tables)),
    ...(await checkApi(session, project, mapping, followed)),
    ...(await readCodeAtMove(session, mapping)).map(tellCode),
    ...followed.flatMap(checkTable),
    ...mapping.targets.flatMap((t) => t.sources.filter((s) => !s.stub).flatMap((s) => checkColumns(t, s))),
    ...checkMapping(mapping, tables),
  ]
}

function schemasOf(mapping: Mapping): string[] {
  return [mapping.oldSchema, ...mapping.targets.flatMap((t) => t.sources.map((s) => s.base.schema))]
}

/** What a later stage would refuse with. */
async function refused(id: string, assertion: () => Promise<void>): Promise<Found[]> {
  try {
    await assertion()
    return []
  } catch (error) {
    if (!(error instanceof CrossfadeError)) throw error
    return [tellError(id, error)]
  }
}

/** An error of the design's as a finding. */
export function tellError(id: string, error: CrossfadeError): Found {
  return {
    ...{ id: [id, error.code], severity: 'stops', where: id, what: error.message },
    advice: error.hint ?? 'Cure it, and run the check again.',
  }
}

async function checkHanging(
  session: pg.Client,
  project: Project,
  mapping: Mapping,
  old: readonly CatalogTable[],
  tables: readonly CatalogTable[],
): Promise<Found[]> {
  const all = [...old, ...tables.filter((table) => table.schema === mapping.newSchema)]
  const ignore = project.config.finish?.ignore ?? []
  const { hanging, released } = await readHanging(session, mapping, all, sourceTables(mapping, old), ignore)
  return [
    ...hanging.map(
      (h): Found => ({
        ...{ id: ['hangs', h.what], where: h.on.join(', ') },
        severity: h.statement === null ? 'decide' : 'note',
        what: `${h.what} uses it; ${h.statement === null ? `finish needs your script for it, since ${h.problem}` : 'finish makes it anew over the new table'}`,
        advice: h.statement === null ? 'Write it anew in the script that finish.also names.' : 'Nothing.',
      }),
    ),
    ...released.map(
      ({ foreignKey }): Found => ({
        ...{
          id: ['released', foreignKey.table.name, foreignKey.name],
          severity: 'note',
          where: display(foreignKey.table),
        },
        what: `its foreign key ${foreignKey.name} goes to the archive with it`,
        advice: 'Give the new table such a foreign key, if it should have one.',
      }),
    ),
  ]
}

function tellCode(sentence: string): Found {
  return {
    ...{
      id: ['code-at-move', sentence.slice(0, 80)],
      severity: 'decide',
      what: sentence,
      where: 'native writes, from move on',
    },
    advice: 'Settle it before move.',
  }
}

function checkTable(table: CatalogTable): Found[] {
  const where = `${table.schema}.${table.name}`
  return [
    ...table.triggers.map(
      (t): Found => ({
        ...{ id: ['trigger', table.name, t.name], severity: 'note', where },
        what: `its trigger ${t.name} (${t.timing} ${t.events.join(' or ')}${t.enabled === 'D' ? ', disabled' : ''}) fires for native writes, too, and goes to the archive with the table`,
        advice: 'What it does must be a part of the new schema, or of your code, before finish.',
      }),
    ),
    ...table.policies.map(
      (p): Found => ({
        ...{ id: ['policy', table.name, p.name], severity: 'note', where },
        what: `its policy ${p.name} goes to the archive with it`,
        advice: 'See that the new table has one for the same roles.',
      }),
    ),
  ]
}

/** Old columns that nothing new is made of, and new ones that have no way back. */
function checkColumns(t: TargetMapping, s: SourceMapping): Found[] {
  const used = new Set([...s.feeds.flatMap((f) => f.uses), ...s.keyUses, ...s.identity.map((c) => c.name)])
  const links = s.links.length > 0
  const dropped = s.shape.map((c) => c.name).filter((name) => !used.has(name) && !s.extras.some((e) => e.uses === name))
  const back = new Set(s.back.flatMap((b) => b.feeds))
  const oneWay = s.feeds.map((f) => f.column).filter((name) => !back.has(name) && !t.key.some((k) => k.name === name))
  return [
    ...(dropped.length > 0
      ? [
          {
            ...{ id: ['dropped', s.relation.name], severity: 'note' as const, where: s.relation.name },
            what: `no new column is made of ${dropped.join(', ')}${links ? ' (a link may read it)' : ''}; until finish reads of the old name still see ${dropped.length === 1 ? 'it' : 'them'}`,
            advice: 'Findings named code.unmapped name the code that uses them, once crossfade map has been run.',
          },
        ]
      : []),
    ...(oneWay.length > 0
      ? [
          {
            ...{ id: ['no-way-back', t.name, s.relation.name], severity: 'note' as const, where: t.name },
            what: `${s.relation.name} can't be given ${oneWay.join(', ')}: a native write that changes one of them alone is refused (CF002) where this table holds the row`,
            advice: "Give it a way back: { from: '…', back: '…' }.",
          },
        ]
      : []),
  ]
}

function checkMapping(mapping: Mapping, tables: readonly CatalogTable[]): Found[] {
  const catalog = { serverVersion: 0, tables }
  return [
    ...mapping.indexes.map(
      (index): Found => ({
        ...{ id: ['index', index.table.name, index.name], severity: 'note', where: display(index.table) },
        what: `no index finds its rows ${index.purpose}`,
        advice: `build makes one over ${index.parts.join(', ')}, CONCURRENTLY.`,
      }),
    ),
    ...mapping.notes.map(
      (note): Found => ({
        ...{ id: ['mapping', note.slice(0, 80)], severity: 'note', what: note, where: 'crossfade.config.ts' },
        advice: 'Nothing, if that is meant.',
      }),
    ),
    ...listNativeRisks(mapping, catalog).map(
      (risk): Found => ({
        ...{ id: ['native-write', risk.name, risk.source.name, risk.kind, risk.constraint ?? risk.columns.join('-')] },
        ...{ severity: 'note', where: `${risk.source.name} (${risk.columns.join(', ')})` },
        what: `a native write to ${risk.name} could break its ${risk.kind}: ${risk.why}`,
        advice: 'Such a write is refused with the SQLSTATE of the old table. See whether your code can make one.',
      }),
    ),
    ...listCascades(mapping, catalog).map(
      (cascade): Found => ({
        ...{ id: ['cascade', cascade.parent.name, cascade.child.name, ...cascade.columns], severity: 'decide' },
        where: cascade.child.name,
        what: `from finish on a delete in ${cascade.parent.name} deletes its rows; deletes in ${cascade.oldTables.map((r) => r.name).join(', ')} do not today`,
        advice: 'Leave ON DELETE CASCADE out, if that is not meant.',
      }),
    ),
  ]
}
