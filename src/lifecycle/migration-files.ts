import type pg from 'pg'
import { readFinishScript, readKeptMigration } from '../control/kept-migration.ts'
import type { Project } from '../control/project.ts'
import { readBuiltState } from '../control/state.ts'
import { RefusedError } from '../lib/errors.ts'
import { type RecordedMigration, recordMigration } from '../migrations/record-migration.ts'
import { readTablesScript } from './migration-scripts.ts'

/** The new tables as a migration in the tool's folder, marked as applied here; from build to move. */
export async function recordBuild(session: pg.Client, project: Project): Promise<RecordedMigration> {
  const { mapping } = await readBuiltState(session)
  return await recordMigration(session, project, 'build', await readTablesScript(session, project, mapping))
}

/** What finish has done as a migration in the tool's folder, marked as applied here; with the new tables, where build has left none. */
export async function recordFinish(session: pg.Client, project: Project): Promise<RecordedMigration> {
  const script = await readFinishScript(session)
  if (script === null)
    throw new RefusedError('migrations.late', 'finish ran while the configuration named no folder of migrations.', {
      hint: 'Its statements were not kept. Make a migration of your own from the baseline migration that it has written, and mark it as applied.',
    })
  const built = await readKeptMigration(session, 'build')
  return await recordMigration(session, project, 'finish', built?.recorded ? script.finish : script.tables)
}

/** For people, at the end of a command. */
export function tellRecorded({ tool, path, table, before }: RecordedMigration): string {
  return before
    ? `Migration for ${tool}: ${path}; it was marked as applied in ${table} before.`
    : `Migration for ${tool}: ${path}, marked as applied in ${table}. Commit it.`
}
