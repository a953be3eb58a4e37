import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { expect, onTestFinished } from 'vitest'
import { loadProject } from '../../src/control/project.ts'
import { connect } from '../../src/db/connect.ts'
import { RefusedError } from '../../src/lib/errors.ts'
import { createLogger } from '../../src/lib/log.ts'
import { runWorker } from '../../src/sync/worker.ts'
import { verifyTarget } from '../../src/verify/run-verify.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { Commands, VERIFY } from './commands.ts'
import { readDefinitions, readLeftovers } from './definitions.ts'
import { checkHolds } from './holds.ts'
import type { Scenario } from './scenario.ts'
import { LiveWorkload } from './workload.ts'

interface Run {
  readonly scenario: Scenario
  readonly client: pg.Client
  readonly commands: Commands
  readonly live: LiveWorkload
  /** The old side before the first command. */
  readonly definitions: readonly string[]
  /** Starts `crossfade worker`, once. */
  startWorker(): Promise<void>
}

/** Where the queries of `holds.sql` find both sides, wherever the new tables are. */
const SCHEMAS = ['public', 'new_schema']
/** How long the application runs undisturbed at each stage. */
const LET_RUN_MS = 200
const OUTBOX_EMPTY_WITHIN_MS = 15_000

/**
 * Drives a scenario through every stage under its live workload, with a rollback at each and the way forward again,
 * and compares both sides wherever there are two. After a failure the database stays, and its URL is printed.
 */
export async function runScenario(scenario: Scenario): Promise<void> {
  const run = await beginRun(scenario, await createTestDatabase())
  try {
    await climb(run, { withRollbacks: true })
    await command(run, 'rollback --to design', () => run.commands.rollback('design'))
    await assertAsBefore(run)
    await climb(run, { withRollbacks: false })
    await finishAndLookBack(run)
    await run.live.stop()
  } finally {
    // Also where something else failed before: it may be the cause.
    assertLive(run)
  }
}

async function beginRun(scenario: Scenario, database: TestDatabase): Promise<Run> {
  const directory = await mkdtemp(join(tmpdir(), 'crossfade-scenario-'))
  const client = new pg.Client({ connectionString: database.url, application_name: 'scenario' })
  client.on('error', () => {})
  await client.connect()
  const live = new LiveWorkload(database.url, scenario.name, scenario.workload)
  const db = await connect(database.url, { applicationName: 'scenario' })
  const stopped = new AbortController()
  let worker: Promise<number> | null = null
  onTestFinished(async () => {
    await live.stop()
    stopped.abort()
    await worker?.catch(() => undefined)
    await Promise.all([client.end(), db.close()])
    await rm(directory, { recursive: true, force: true })
    await database.drop()
  })
  const config = await scenario.prepare(client, directory)
  await live.start('old')
  const log = createLogger({ stream: { write: () => undefined } })
  const project = await loadProject({ config, cwd: directory })
  const commands = new Commands({ db, project, log, signal: stopped.signal })
  const definitions = await readDefinitions(client, 'public')
  const startWorker = async (): Promise<void> => {
    if (worker !== null) return
    worker = runWorker({ ...(await commands.work()), signal: stopped.signal })
    // A worker that died would only show as keys that wait.
    worker.catch((error: Error) => live.note(`the worker ended: ${error.stack}`))
  }
  return { scenario, client, commands, live, definitions, startWorker }
}

/** From design to move. On the way back and forth at every stage, or straight. */
async function climb(run: Run, { withRollbacks }: { withRollbacks: boolean }): Promise<void> {
  const { commands, live } = run
  const back = async (to: string, check: () => Promise<void>): Promise<void> => {
    expect(await command(run, 'rollback', () => commands.rollback())).toBe(to)
    await check()
  }
  await command(run, 'approve design', () => commands.approve('design'))
  await command(run, 'build', () => commands.build())
  if (withRollbacks) {
    await back('design', () => assertAsBefore(run))
    await command(run, 'build, again', () => commands.build())
  }
  await commands.approve('build')
  const found = await checkHolds(run.client, run.scenario.holds, 'build', SCHEMAS)
  expect(found, 'what must hold at build').toEqual([])
  await command(run, 'sync', () => commands.sync())
  await run.startWorker()
  await compare(run, 'sync')
  if (withRollbacks) {
    await back('build', () => sleep(LET_RUN_MS))
    await back('design', () => assertAsBefore(run))
    await command(run, 'build, a third time', () => commands.build())
    await commands.approve('build')
    await command(run, 'sync, again', () => commands.sync())
    await compare(run, 'sync')
  }
  await commands.approve('sync')
  await command(run, 'verify', () => commands.verify())
  await commands.acceptJournal()
  await commands.approve('verify')
  await command(run, 'reads', () => raise(run, [1, 10, 25, 50]))
  await compare(run, 'reads')
  if (withRollbacks) {
    await back('sync', () => compare(run, 'sync'))
    await command(run, 'reads, again', () => raise(run, [50]))
  }
  await command(run, 'reads 100', () => raise(run, [100]))
  await commands.approve('reads')
  await openAndWrite(run)
  if (withRollbacks) {
    await live.stop('native')
    await back('reads', async () => {
      await assertClosed(run)
      await compare(run, 'reads')
    })
    await openAndWrite(run)
  }
  await live.stop('native')
}

async function raise(run: Run, steps: readonly number[]): Promise<void> {
  for (const step of steps) await gated(run, () => run.commands.reads(step))
}

/**
 * A live application also writes what doesn't fit: a gate that says so is answered as a person would, then tried again,
 * in the end in a quiet moment.
 */
async function gated<Result>({ commands, live }: Run, fn: () => Promise<Result>): Promise<Result> {
  try {
    for (let tries = 1; ; tries++) {
      try {
        return await fn()
      } catch (error) {
        const code = error instanceof RefusedError ? error.code : ''
        if (tries === 10 || (code !== 'journal.open' && code !== 'outbox.waiting')) throw error
        if (tries === 3) await live.pause()
        if (code === 'journal.open') await commands.acceptJournal()
        else await sleep(100)
      }
    }
  } finally {
    live.resume()
  }
}

/** Old and new names at once. */
async function openAndWrite(run: Run): Promise<void> {
  await command(run, 'move', () => gated(run, () => run.commands.move()))
  await run.live.start('native')
  await sleep(3 * LET_RUN_MS)
  await compare(run, 'move')
}

async function finishAndLookBack(run: Run): Promise<void> {
  const { commands, live, client, scenario } = run
  await live.start('native')
  await commands.approve('move')
  // All code has moved by now.
  await live.stop('old')
  await commands.approve('finish')
  const archive = await command(run, 'finish', () => gated(run, () => commands.finish(0.5)))
  await sleep(LET_RUN_MS)
  await live.pause()
  const schemas = ['public', archive]
  expect(await checkHolds(client, scenario.holds, 'finish', schemas), 'what must hold after finish').toEqual([])
  const left = (await readLeftovers(client)).filter((line) => !line.startsWith('undo of finish'))
  expect(left, 'left over after finish').toEqual([])
}

/** Runs a command while the application works; what the application meets meanwhile is told with it. */
async function command<Result>(run: Run, name: string, fn: () => Promise<Result>): Promise<Result> {
  run.live.during = name
  const started = performance.now()
  try {
    return await fn()
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}${hintOf(error)}`, {
      cause: error,
    })
  } finally {
    run.live.during = `after ${name}`
    if (process.env.CROSSFADE_SCENARIO_TIMES) console.log(`${name}: ${Math.round(performance.now() - started)} ms`)
  }
}

function hintOf(error: unknown): string {
  const { code, hint, where } = error as { code?: string; hint?: string; where?: string }
  return ` (${[code, hint, where].filter(Boolean).join('; ')})`
}

/** With the application paused and the outbox empty: what must hold, and Crossfade's own verification. */
async function compare({ client, commands, live, scenario }: Run, when: string): Promise<void> {
  await sleep(LET_RUN_MS)
  await live.pause()
  await drained(client)
  const found = await checkHolds(client, scenario.holds, when, SCHEMAS)
  expect(found, `what must hold at ${when} (${live.during})`).toEqual([])
  const work = await commands.work()
  for (const target of work.mapping.targets) {
    const result = await verifyTarget(work, target, VERIFY)
    expect(result, `verify of ${target.relation.name} at ${when} (${live.during})`).toMatchObject({
      clean: true,
      examples: [],
      full: { waiting: 0 },
    })
  }
  live.resume()
}

async function drained(client: pg.Client): Promise<void> {
  for (const until = Date.now() + OUTBOX_EMPTY_WITHIN_MS; ; await sleep(10)) {
    const { rows } = await client.query(/* sql */ `select * from crossfade.outbox order by id limit 3`)
    if (rows.length === 0) return
    if (Date.now() > until) throw new Error(`keys stay in the outbox: ${JSON.stringify(rows)}`)
  }
}

/** After a rollback to the beginning the old side is what it was, and nothing else is there. */
async function assertAsBefore({ client, definitions }: Run): Promise<void> {
  expect(await readLeftovers(client), 'left over after the rollback').toEqual([])
  expect(await readDefinitions(client, 'public'), 'definitions of the old side').toEqual(definitions)
}

/** Nobody writes to a closed table, not even its owner. */
async function assertClosed({ client, commands }: Run): Promise<void> {
  const { mapping } = await commands.work()
  for (const { relation } of mapping.targets) {
    const table = `${client.escapeIdentifier(relation.schema)}.${client.escapeIdentifier(relation.name)}`
    await expect(client.query(`delete from ${table}`)).rejects.toMatchObject({ code: '42501' })
  }
}

/** The application met nothing that it would not have met without Crossfade, and was at work. */
function assertLive({ live }: Run): void {
  expect.soft(live.failures(), 'what the application met').toEqual([])
  for (const report of live.reports) expect.soft(report.committed, `${report.kind} ${report.name}`).toBeGreaterThan(0)
}
