import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { onTestFinished } from 'vitest'
import type { Project } from '../../src/control/project.ts'
import { connect } from '../../src/db/connect.ts'
import { createLogger } from '../../src/lib/log.ts'
import { readStatus, type Status } from '../../src/lifecycle/status.ts'
import type { CrossfadeConfig } from '../../src/spec/config.ts'
import { Commands } from '../scenarios/commands.ts'
import { createTestDatabase } from '../support/database.ts'

/** A database with old tables and the commands for it. Closed and dropped when the test has finished. */
export async function createProject(input: {
  readonly oldSql: string
  readonly newSql: string
  readonly tables: CrossfadeConfig['tables']
  readonly finish?: CrossfadeConfig['finish']
  readonly sync?: CrossfadeConfig['sync']
  /** Kept as it is given: a test may change it between two commands. */
  readonly trusted?: CrossfadeConfig['trusted']
  /** What `finish.also` names. Kept as it is given: a test may change it between two commands. */
  readonly also?: { path: string; text: string }
  /** Beside the configuration, where the project's other files are. */
  readonly migrations?: CrossfadeConfig['migrations']
  readonly oldSchema?: string
}): Promise<{
  project: Project
  commands: Commands
  query: (text: string) => Promise<pg.QueryResultRow[]>
  /** The artifact as a person reads it. */
  artifact: (name: string) => Promise<string>
  /** From where build was approved to where finish is next, with a worker that is said to run. */
  climb: () => Promise<void>
  status: () => Promise<Status>
  /** For sessions of a test's own. */
  url: string
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
  const project: Project = {
    config: {
      schema: 'new.sql',
      tables: input.tables,
      ...(input.finish ? { finish: input.finish } : {}),
      ...(input.sync ? { sync: input.sync } : {}),
      ...(input.trusted ? { trusted: input.trusted } : {}),
      ...(input.migrations ? { migrations: input.migrations } : {}),
      ...(input.oldSchema ? { oldSchema: input.oldSchema } : {}),
    },
    configPath: join(outDir, 'crossfade.config.ts'),
    ddl: input.newSql,
    ddlPath: join(outDir, 'new.sql'),
    ...(input.also ? { also: input.also } : {}),
    outDir,
  }
  const commands = new Commands({
    db,
    project,
    log: createLogger({ stream: { write: () => true } }),
    signal: new AbortController().signal,
  })
  const query = async (text: string): Promise<pg.QueryResultRow[]> => (await client.query(text)).rows
  return {
    project,
    commands,
    async climb() {
      await commands.sync()
      await commands.approve('sync')
      await commands.verify()
      await commands.approve('verify')
      await query(`insert into crossfade.worker values (0, 'test', now() + interval '1 hour')`)
      for (const percent of [1, 10, 25, 50, 100]) await commands.reads(percent)
      await commands.approve('reads')
      await commands.move()
      await commands.approve('move')
    },
    query,
    status: () => readStatus(client),
    url: test.url,
    artifact: (name) => readFile(join(outDir, name), 'utf8'),
    other: (text) => bystander.query(text),
  }
}
