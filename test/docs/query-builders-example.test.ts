import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import { loadProject } from '../../src/control/project.ts'
import { createProject } from '../lifecycle/project.ts'

const ROOT = join(import.meta.dirname, '../..')
const EXAMPLE = join(ROOT, 'examples/query-builders')
const READS = 151

type TestProject = Awaited<ReturnType<typeof createProject>>

beforeAll(() => {
  execFileSync(process.execPath, [join(ROOT, 'scripts/build.mjs')])
}, 120_000)

async function startReads(): Promise<TestProject> {
  const { config, ddl } = await loadProject({ cwd: EXAMPLE })
  const oldSql = readFileSync(join(EXAMPLE, 'old.sql'), 'utf8')
  const project = await createProject({ oldSql, newSql: ddl, tables: config.tables })
  const { commands, query } = project
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  await commands.sync()
  await commands.approve('sync')
  await commands.verify()
  await commands.acceptJournal()
  await commands.approve('verify')
  await query(`insert into crossfade.worker values (0, 'test', now() + interval '1 hour')`)
  return project
}

/** Runs a program of the example, and rolls back while it reads. */
async function runWithRollback({ commands, url }: TestProject, file: string): Promise<Record<string, unknown>> {
  const program = spawn(process.execPath, ['--import', 'jiti/register', file], {
    cwd: EXAMPLE,
    env: { ...process.env, DATABASE_URL: url },
  })
  let [stdout, stderr] = ['', '']
  program.stderr.on('data', (data) => (stderr += data))
  program.stdout.on('data', (data) => (stdout += data))
  const ended = once(program, 'close')
  await Promise.race([once(program.stdout, 'data'), ended])
  await sleep(2_000)
  await commands.rollback()
  const [code] = await ended
  expect({ file, code, stderr }).toEqual({ file, code: 0, stderr: '' })
  return JSON.parse(stdout.slice(stdout.indexOf('{')))
}

test('each program reads from both sides, and none of its reads fails in a rollback', async () => {
  const project = await startReads()
  for (const file of ['drizzle-pg.ts', 'drizzle-postgres.ts', 'kysely.ts', 'knex.ts']) {
    for (const percent of [1, 10, 25, 50]) await project.commands.reads(percent)
    const shown = await runWithRollback(project, file)
    const titles = ['Both tables know it', expect.stringMatching(/^Only a draft, /)]
    expect(shown).toMatchObject({ titles, renamed: true, percent: 0, fallbacks: 0 })
    const { readsNew, readsOld } = shown as { readsNew: number; readsOld: number }
    expect(readsNew).toBeGreaterThan(10)
    expect(readsOld).toBeGreaterThan(10)
    expect(readsNew + readsOld).toBeGreaterThan(READS * 0.6)
  }
}, 300_000)
