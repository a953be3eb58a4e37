import type pg from 'pg'
import { diffTables } from '../catalog/fingerprint.ts'
import { readCatalog } from '../catalog/read-catalog.ts'
import type { CatalogTable } from '../catalog/types.ts'
import { assertApproved, type Gate, readArtifacts } from '../control/approvals.ts'
import { type Project, sha256 } from '../control/project.ts'
import { assertStillStage, type State } from '../control/state.ts'
import { RefusedError } from '../lib/errors.ts'
import type { CrossfadeConfig } from '../spec/config.ts'
import type { Mapping } from '../spec/mapping.ts'
import { readTriggerFaults } from '../sync/own-triggers.ts'
import { MAPPING_AS_WRITTEN, writeTables } from './design.ts'
import { followedTables } from './followed-tables.ts'

/**
 * What stands before every gate: enough approvals of exactly what is there, files that are still those that were
 * approved, and old tables that are still as they were. Throws RefusedError.
 */
export async function assertGate(
  session: pg.ClientBase,
  gate: Gate,
  project: Project,
  state: State & { mapping: Mapping },
): Promise<void> {
  await assertSameDesign(session, project)
  assertSameTrust(project, state.mapping)
  await assertNoDrift(session, state)
  await assertApproved(session, gate, project.config.approvals?.[gate] ?? 1)
}

async function assertSameDesign(session: pg.ClientBase, project: Project): Promise<void> {
  const approved = await readArtifacts(session, 'design')
  const find = (name: string): string | undefined => approved.find((artifact) => artifact.name === name)?.content
  const written = find(MAPPING_AS_WRITTEN)
  if (written !== undefined && written !== writeTables(project)) throw mappingChanged(JSON.parse(written), project)
  const ddl = find('NEW_PERFECT_SCHEMA.sql')
  if (ddl === undefined || sha256(ddl) === sha256(project.ddl)) return
  throw new RefusedError('gate.changed', `${project.ddlPath} has changed since it was approved and built.`, {
    hint: 'Take the change back, or go back with crossfade rollback until stage "design" and approve the new one.',
  })
}

/** One consolidation at a time: what is built, filled and verified can't take a table more on the way. */
function mappingChanged(before: CrossfadeConfig['tables'], project: Project): RefusedError {
  const now = project.config.tables
  const added = Object.keys(now).filter((name) => !(name in before))
  const gone = Object.keys(before).filter((name) => !(name in now))
  const changed = Object.keys(now).filter(
    (name) => name in before && JSON.stringify(now[name]) !== JSON.stringify(before[name]),
  )
  const words = [
    ...added.map((name) => `${name} was added`),
    ...gone.map((name) => `${name} is gone`),
    ...changed.map((name) => `${name} has changed`),
  ]
  const mapping = `${project.configPath}: the mapping is not what was approved and built: ${words.join(', ')}.`
  return new RefusedError('gate.mapping', mapping, {
    hint:
      added.length > 0 && gone.length + changed.length === 0
        ? 'A new table is a consolidation of its own: keep it in a configuration of its own until this one has finished. Or go back with crossfade rollback --to design, and approve both together.'
        : 'Take the change back, or go back with crossfade rollback --to design and approve the new mapping.',
  })
}

/** Roles that the configuration trusts and nobody has approved to be trusted; those that it no longer names are not. */
export function listNewlyTrusted(mapping: Mapping, trusted: readonly string[] = []): string[] {
  return trusted.filter((role) => !mapping.trusted.includes(role))
}

function assertSameTrust(project: Project, mapping: Mapping): void {
  const added = listNewlyTrusted(mapping, project.config.trusted)
  if (added.length === 0) return
  throw new RefusedError(
    'gate.trusted',
    `${project.configPath} trusts ${added.join(', ')}, which nobody has approved.`,
    {
      hint: 'Take it back, or approve it: crossfade approve drift',
    },
  )
}

/** Sentences on what has changed in the old tables since their design was approved; empty when nothing has. */
export async function readDrift(session: pg.ClientBase, state: State & { mapping: Mapping }): Promise<string[]> {
  if (!state.sources) return []
  const catalog = await readCatalog(session, [...new Set(state.sources.map((table) => table.schema))])
  const now = followedTables(state.mapping, catalog.tables)
  const changes = diffTables(state.sources.map(withoutTriggerRight), now.map(withoutTriggerRight))
  const synced = state.stage === 'sync' || state.stage === 'reads' || state.stage === 'move'
  return synced ? [...changes, ...(await readTriggerFaults(session, state.mapping))] : changes
}

/** Who may make triggers is looked at by move and status, and to take the right away is what they ask for. */
function withoutTriggerRight(table: CatalogTable): CatalogTable {
  return { ...table, grants: table.grants.filter((grant) => grant.privilege !== 'TRIGGER') }
}

/** Throws RefusedError when the old tables are not as they were approved. */
export async function assertNoDrift(session: pg.ClientBase, state: State & { mapping: Mapping }): Promise<void> {
  const drift = await readDrift(session, state)
  if (drift.length === 0) return
  // A rollback takes the triggers away.
  await assertStillStage(session, state.stage, 'this command')
  throw new RefusedError('gate.drift', `The old tables are not what was approved: ${drift.join('; ')}`, {
    hint: 'The application goes on and sync carries what it knows. Carry the change in the mapping (crossfade rollback to stage "design"), or accept that it isn\'t carried: crossfade approve drift',
  })
}
