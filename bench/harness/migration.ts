import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drainBacklog } from '../../src/control/outbox.ts'
import { loadProject, type Project } from '../../src/control/project.ts'
import type { Work } from '../../src/control/work.ts'
import { connect, type Database } from '../../src/db/connect.ts'
import { createLogger } from '../../src/lib/log.ts'
import { loadParser } from '../../src/spec/expression.ts'
import { drainCall } from '../../src/sqlgen/drain.ts'
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
  /** From sync to where all reads come from the new tables. */
  climbToReads(): Promise<void>
  /** Applies what waits in the outbox, with one applier. */
  drain(): Promise<void>
  /** Drains; throws where the sides differ: a figure of something wrong is none. */
  assertSame(): Promise<void>
  close(): Promise<void>
}

/** Up to where `stage` is done: `build` has made the new tables, `sync` has filled them, `move` has opened them. */
export async function migrate(
  url: string,
  fixture: Fixture,
  stage: 'build' | 'sync' | 'move',
  workers?: number,
): Promise<Migration> {
  const migration = await attach(url, fixture, workers)
  const { commands } = migration
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  if (stage === 'build') return migration
  await commands.sync()
  if (stage === 'sync') return migration
  await migration.climbToReads()
  await commands.approve('reads')
  await commands.move()
  await commands.approve('move')
  return migration
}

/** The commands for a database, at whatever stage it is. */
export async function attach(url: string, fixture: Fixture, workers?: number): Promise<Migration> {
  await loadParser()
  const outDir = await mkdtemp(join(tmpdir(), 'crossfade-bench-'))
  const db = await connect(url, { applicationName: 'bench' })
  const log = createLogger({ stream: { write: () => true } })
  const signal = new AbortController().signal
  const config = join(outDir, 'crossfade.config.js')
  const { tables } = fixture
  const sync = { ...fixture.sync, ...(workers === undefined ? {} : { workers }) }
  await writeFile(config, `export default ${JSON.stringify({ schema: './new.sql', tables, sync })}\n`)
  await writeFile(join(outDir, 'new.sql'), fixture.newSql)
  const project = await loadProject({ config, out: outDir, cwd: outDir })
  const commands = new Commands({ db, project, log, signal })
  const migration: Migration = {
    db,
    commands,
    project,
    work: () => commands.work(),
    async climbToReads() {
      await commands.approve('sync')
      await commands.verify()
      await commands.approve('verify')
      await run(
        url,
        `INSERT INTO crossfade.worker VALUES (0, 'bench', now() + interval '1 day') ON CONFLICT DO NOTHING`,
      )
      for (const percent of [1, 10, 25, 50, 100]) await commands.reads(percent)
    },
    async drain() {
      const { mapping } = await commands.work()
      const session = await db.session()
      for (const t of mapping.targets)
        await drainBacklog(session, { target: t.name, callText: drainCall(t).text, signal, log })
      await session.end()
    },
    async assertSame() {
      await migration.drain()
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
  return migration
}
