import type pg from 'pg'
import { describeTable } from '../catalog/fingerprint.ts'
import type { CatalogTable } from '../catalog/types.ts'
import { installControl } from '../control/install.ts'
import type { Project } from '../control/project.ts'
import { assertMayCreateSchemas, assertOwnsTables } from '../db/privileges.ts'
import { withLockRetry } from '../db/retry.ts'
import { projection } from '../sqlgen/projection.ts'
import { readCodeAtMove } from './code-at-move.ts'
import { followedTables } from './followed-tables.ts'
import { buildMappingPage } from './mapping-page.ts'
import { checkExpressions, createNewTables, type NewTables } from './new-tables.ts'
import { assertPreconditions } from './preconditions.ts'
import { assertPublications } from './publications.ts'
import { tryIndexes } from './trial-indexes.ts'

export interface Design extends NewTables {
  readonly sources: readonly CatalogTable[]
  /** What gate `design` approves: the DDL, and the mapping as it was understood together with the old tables. */
  readonly artifacts: readonly { readonly name: string; readonly content: string }[]
}

/**
 * Builds the new schema on trial, brings the mapping together with it, has PostgreSQL prepare every expression,
 * and rolls everything back. Throws what is wrong with either, before anything exists.
 */
export async function tryDesign(session: pg.Client, project: Project): Promise<Design> {
  await assertMayCreateSchemas(session)
  let design: Design | null = null
  class Undo extends Error {}
  try {
    await withLockRetry(session, { what: 'build the new schema on trial' }, async () => {
      // The projection names functions of the control schema, which may not be there yet either.
      await installControl(session)
      await session.query(/* sql */ `SELECT crossfade.sweep()`)
      design = await describeDesign(session, project, await createNewTables(session, project))
      throw new Undo()
    })
  } catch (error) {
    if (!(error instanceof Undo)) throw error
  }
  if (design === null) throw new Error('the trial gave no design')
  return design
}

/** The design of tables that are there, in the caller's transaction. */
export async function describeDesign(client: pg.ClientBase, project: Project, built: NewTables): Promise<Design> {
  const sources = followedTables(built.mapping, built.tables)
  await assertOwnsTables(client, sources)
  await assertPreconditions(client, built.mapping, built.tables)
  await assertPublications(client, project)
  await tryIndexes(client, built.mapping)
  await checkExpressions(
    client,
    built.mapping.targets.flatMap((t) => [{ id: `tables.${t.name}`, sql: projection(t, { kind: 'all' }) }]),
  )
  const code = await readCodeAtMove(client, built.mapping)
  return { ...built, sources, artifacts: designArtifacts(project, built, sources, code) }
}

/** The artifact that holds the mapping as its author wrote it, by which a later change of it is seen. */
export const MAPPING_AS_WRITTEN = 'MAPPING.json'

export function writeTables(project: Project): string {
  return `${JSON.stringify(project.config.tables, null, 2)}\n`
}

function designArtifacts(
  project: Project,
  { mapping, tables }: NewTables,
  sources: readonly CatalogTable[],
  codeAtMove: readonly string[],
): { name: string; content: string }[] {
  return [
    { name: 'NEW_PERFECT_SCHEMA.sql', content: project.ddl },
    { name: 'MAPPING.md', content: buildMappingPage(mapping, tables, codeAtMove) },
    { name: MAPPING_AS_WRITTEN, content: writeTables(project) },
    { name: 'OLD_TABLES.txt', content: sources.map((table) => `${describeTable(table).join('\n')}\n`).join('\n') },
  ]
}
