import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { onTestFinished } from 'vitest'
import { connect } from '../../src/db/connect.ts'
import { createLogger } from '../../src/lib/log.ts'
import type { CrossfadeConfig } from '../../src/spec/config.ts'
import { Commands } from '../scenarios/commands.ts'
import { createTestDatabase } from '../support/database.ts'

/** A database with old tables and the commands for it. Closed and dropped when the test has finished. */
export async function createProject(input: {
  readonly oldSql: string
  readonly newSql: string
  readonly tables: CrossfadeConfig['tables']
}): Promise<{
  commands: Commands
  query: (text: string) => Promise<pg.QueryResultRow[]>
  /** Another session. */
  other: (text: string) => Promise<unknown>
}> {
  const test = await createTestDatabase()
  const db = await connect(test.url, { applicationName: 'test' })
  const client = new pg.Client({ connectionString: test.url })
  const bystander = new pg.Client({ connectionString: test.url })
  await Promise.all([client.connect(), bystander.connect()])
  const outDir = await mkdtemp(join(tmpdir(), 'crossfade-lifecycle-'))
  onTestFinished(async () => {
    await Promise.all([client.end(), bystander.end()])
    await db.close()
    await test.drop()
    await rm(outDir, { recursive: true })
  })
  await client.query(input.oldSql)
  const commands = new Commands({
    db,
    project: {
      config: { schema: 'new.sql', tables: input.tables },
      configPath: join(outDir, 'crossfade.config.ts'),
      ddl: input.newSql,
      ddlPath: join(outDir, 'new.sql'),
      outDir,
    },
    log: createLogger({ stream: { write: () => true } }),
    signal: new AbortController().signal,
  })
  return { commands, query: async (text) => (await client.query(text)).rows, other: (text) => bystander.query(text) }
}
