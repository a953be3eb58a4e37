import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Project } from '../../src/control/project.ts'
import type { Work } from '../../src/control/work.ts'
import { connect, type Database } from '../../src/db/connect.ts'
import { createLogger } from '../../src/lib/log.ts'
import { loadParser } from '../../src/spec/expression.ts'
import { verifyTarget } from '../../src/verify/run-verify.ts'
import { Commands } from '../../test/scenarios/commands.ts'
import type { Fixture } from '../fixtures/fixture.ts'
import { run } from './client.ts'

/** A migration of one database, by the commands that a person would give. */
export interface Migration {
  readonly db: Database
  readonly commands: Commands
  work(): Promise<Work>
  /** For the functions behind the commands. */
  readonly project: Project
  /** Old and new names are both written. */
  climbToMove(): Promise<void>
  /** Drains what waits; throws where the sides differ: a figure of something wrong is none. */
  assertSame(): Promise<void>
  close(): Promise<void>
}

/** Up to where `stage` is done: `build` has made the new tables, `sync` has filled them, `move` has opened them. */
export async function migrate(url: string, fixture: Fixture, stage: 'build' | 'sync' | 'move'): Promise<Migration> {
  await loadParser()
  const outDir = await mkdtemp(join(tmpdir(), 'crossfade-bench-'))
  const db = await connect(url, { applicationName: 'bench' })
  const log = createLogger({ stream: { write: () => true } })
  const signal = new AbortController().signal
  const project: Project = {
    config: { schema: 'new.sql', tables: fixture.tables, ...(fixture.sync ? { sync: fixture.sync } : {}) },
    configPath: join(outDir, 'crossfade.config.ts'),
    ddl: fixture.newSql,
    ddlPath: join(outDir, 'new.sql'),
    outDir,
  }
  const commands = new Commands({ db, project, log, signal })
  const migration: Migration = {
    db,
    commands,
    project,
    work: () => commands.work(),
    async climbToMove() {
      await commands.approve('sync')
      await commands.verify()
      await commands.approve('verify')
      await run(
        url,
        `INSERT INTO crossfade.worker VALUES (0, 'bench', now() + interval '1 day') ON CONFLICT DO NOTHING`,
      )
      for (const percent of [1, 10, 25, 50, 100]) await commands.reads(percent)
      await commands.approve('reads')
      await commands.move()
    },
    async assertSame() {
      const work = await commands.work()
      for (const target of work.mapping.targets) {
        const { clean, full } = await verifyTarget(work, target, { samples: 0 })
        if (!clean || full.waiting > 0)
          throw new Error(`${target.name} differs from its old tables: ${JSON.stringify(full)}`)
      }
    },
    async close() {
      await db.close()
      await rm(outDir, { recursive: true, force: true })
    },
  }
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  if (stage === 'build') return migration
  await commands.sync()
  if (stage === 'move') await migration.climbToMove()
  return migration
}
