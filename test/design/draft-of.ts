import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { writeDrafts } from '../../src/commands/design-files.ts'
import { loadProject, type Project } from '../../src/control/project.ts'
import { connect, type Database } from '../../src/db/connect.ts'
import { type DesignOptions, type ReadDraft, readDraft } from '../../src/design/read-design.ts'
import { createLogger } from '../../src/lib/log.ts'
import { Commands } from '../scenarios/commands.ts'
import type { TestDatabase } from '../support/database.ts'

const QUIET = createLogger({ stream: { write: () => true } })
const signal = new AbortController().signal

const DEFAULTS: DesignOptions = {
  ...{ tables: [], oldSchema: 'public', newSchema: 'new_schema', overlap: null, map: null },
  ...{ schemaPath: './NEW_PERFECT_SCHEMA.sql', timeout: 60, log: QUIET, signal },
}

export async function draftOf(
  database: Pick<TestDatabase, 'url'>,
  options: Partial<DesignOptions> = {},
): Promise<ReadDraft> {
  const db = await connect(database.url, { readOnly: true, session: false, poolSize: 2 })
  try {
    return await readDraft(db, { ...DEFAULTS, ...options })
  } finally {
    await db.close()
  }
}

/** The commands over the two files as a person has them on disk, loaded as `crossfade` loads them. */
export async function commandsOver(
  database: Pick<TestDatabase, 'url'>,
  { ddl, config }: Pick<ReadDraft, 'ddl' | 'config'>,
): Promise<{ commands: Commands; project: Project; db: Database }> {
  const folder = await mkdtemp(join(tmpdir(), 'crossfade-design-'))
  await writeDrafts([
    { path: join(folder, 'NEW_PERFECT_SCHEMA.sql'), text: ddl, comment: '--' },
    { path: join(folder, 'crossfade.config.ts'), text: config, comment: '//' },
  ])
  const project = await loadProject({ cwd: folder })
  const db = await connect(database.url, { applicationName: 'test' })
  onTestFinished(async () => {
    await db.close()
    await rm(folder, { recursive: true })
  })
  return { commands: new Commands({ db, project, log: QUIET, signal }), project, db }
}
