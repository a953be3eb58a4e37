import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { PostgresMajor } from '../embedded/binaries.ts'
import { startServer } from '../embedded/server.ts'
import type { Logger } from '../lib/log.ts'
import type { Version } from './application/activity.ts'
import { Fleet, MODULES } from './application/fleet.ts'
import { buildStatistics, type Window } from './application/statistics.ts'
import { Commands } from './commands.ts'
import { fillLegacy, type Planted } from './legacy-rows.ts'
import { APPLICATION_ROLE } from './legacy-schema.ts'
import { type OldRows, readOldRows } from './measure/accounting.ts'
import { countDoublePosts } from './measure/double-posts.ts'
import { readUnusedTable, type UnusedTable } from './measure/unused-table.ts'
import { Observer } from './observer.ts'
import { writeProject } from './project.ts'
import { type DemoReport, findProblems, type ModuleMove, type RollbackDrill } from './report.ts'

export interface DemoOptions {
  /** Keys in the legacy queue. */
  readonly rows: number
  /** Leave the database folder and the project's files behind. */
  readonly keep: boolean
  readonly version?: PostgresMajor
  readonly logger: Logger
  /** Ends the run between two steps. */
  readonly signal: AbortSignal
}

interface Demo {
  readonly client: pg.Client
  readonly fleet: Fleet
  readonly commands: Commands
  readonly observer: Observer
  readonly planted: Planted
  readonly plantedRows: OldRows
  readonly unused: UnusedTable
  readonly rollbacks: RollbackDrill[]
  readonly moves: ModuleMove[]
  readonly readsFromNew: { [percent: string]: number }
}

const DATABASE = 'posting_bot'
const WARM_UP_MS = 1000
const BASELINE_MS = 3000
const RAMP_STEP_MS = 1600
const DRILL_MS = 1500
/** What the application's pools need to hear of a new ramp: promised within 100 ms. */
const RAMP_SETTLES_MS = 250
const BETWEEN_RESTARTS_MS = 300

/**
 * The whole job on an embedded server, with a live application in processes of its own and the real
 * commands. Resolves with the report whether all held or not; throws where a step could not be taken.
 */
export async function runDemo(options: DemoOptions): Promise<DemoReport> {
  const { logger, signal } = options
  const directory = await mkdtemp(join(tmpdir(), 'crossfade-demo-'))
  const server = await startServer({
    keep: options.keep,
    ...(options.version === undefined ? {} : { version: options.version }),
  })
  try {
    const databaseUrl = await createDatabase(server.url)
    const client = new pg.Client({ connectionString: databaseUrl, application_name: 'demo observer' })
    client.on('error', () => undefined) // a lost connection shows at the next query
    await client.connect()
    const fleet = new Fleet({ databaseUrl: asApplication(databaseUrl) })
    const observer = new Observer({ client, fleet, logger, signal })
    const commands = await makeCommands(databaseUrl, directory, (command) => observer.announce(command))
    try {
      const planted = await observer.stage('fill', () => fillLegacy(client, { keys: options.rows }))
      const plantedRows = await readOldRows(client, { old: 'public', target: 'public' })
      const unused = await readUnusedTable(client)
      return await goThrough({
        ...{ client, fleet, commands, observer, planted, plantedRows, unused },
        ...{ rollbacks: [], moves: [], readsFromNew: {} },
      })
    } finally {
      fleet.kill()
      await commands.stopWorker()
      await client.end()
    }
  } finally {
    await server.stop()
    if (options.keep) logger.info(`kept: database folder ${server.dataDir}, project ${directory}`)
    else await rm(directory, { recursive: true, force: true })
  }
}

async function goThrough(demo: Demo): Promise<DemoReport> {
  const { fleet, commands, observer } = demo
  const before = await observer.stage('before', async () => {
    await fleet.startAll('old')
    await observer.letRun(WARM_UP_MS)
    return observer.letRun(BASELINE_MS)
  })
  await observer.stage('check', () => commands.check())
  await observer.stage('build', async () => {
    await commands.approve('design')
    await commands.run('build')
    await commands.approve('build')
  })
  await observer.stage('sync', async () => {
    await commands.run('sync')
    commands.startWorker()
    await commands.approve('sync')
  })
  await observer.stage('verify', async () => {
    await commands.run('verify')
    await observer.compare()
    await commands.run('journal', 'accept', '--all')
    await commands.approve('verify')
  })
  await observer.stage('reads', () => rampReads(demo))
  await observer.stage('move', () => moveCode(demo))
  const accounted = await observer.stage('account', async () => {
    await observer.compare()
    return observer.readAccounting(demo.planted, demo.plantedRows)
  })
  const finish = await observer.stage('finish', async () => {
    await commands.approve('finish')
    const { document } = await commands.run(
      ...['finish', '--i-have-a-backup', '--quiet-days', '0', '--rehearsal-seconds', '2'],
    )
    await commands.stopWorker()
    await observer.letRun(DRILL_MS)
    return { lockMs: Number(document.lockMs), attempts: Number(document.attempts) }
  })
  const after = await observer.stage('after', async () => {
    await fleet.stopAll()
    const unused = await readUnusedTable(demo.client)
    return {
      unusedTable: { rows: unused.rows, untouched: unused.image === demo.unused.image },
      lostWrites: await observer.countLostWrites('new'),
    }
  })
  return buildReport(demo, before, { ...accounted, finish, ...after })
}

/** 1 → 10 → 25 → 50, back at once, and up again to 100. */
async function rampReads(demo: Demo): Promise<void> {
  for (const percent of [1, 10, 25, 50]) await readFromNew(demo, percent)
  await drillRollback(demo, 'reads 50', () => demo.commands.run('rollback'))
  for (const percent of [50, 100]) await readFromNew(demo, percent)
  await demo.commands.approve('reads')
}

async function readFromNew({ commands, observer, readsFromNew }: Demo, percent: number): Promise<void> {
  await commands.run('reads', String(percent), '--dwell', '0')
  await observer.letRun(RAMP_SETTLES_MS)
  readsFromNew[percent] = observer.measureShareOfNew(await observer.letRun(RAMP_STEP_MS))
}

/** All modules to the new names, back to the old ones, back by the console, and forward again. */
async function moveCode(demo: Demo): Promise<void> {
  const { client, commands, observer, rollbacks } = demo
  await commands.run('move')
  await replaceModules(demo, 'native', BETWEEN_RESTARTS_MS)
  const native = await observer.letRun(DRILL_MS)
  const started = performance.now()
  await replaceModules(demo, 'old', 0)
  rollbacks.push({
    from: 'the new names',
    ms: performance.now() - started,
    writesBetween: observer.countWrites(native),
    lostWrites: await observer.countLostWrites('old'),
  })
  await drillRollback(demo, 'move', () => client.query('select crossfade.rollback()'))
  await commands.run('move')
  await replaceModules(demo, 'native', 0)
  await commands.approve('move')
}

/** Like a rolling deploy: module by module, so that both versions write to the same rows for a while. */
async function replaceModules({ fleet, observer, moves }: Demo, to: Version, pauseMs: number): Promise<void> {
  for (const module of MODULES) {
    observer.announce(`${module} restarts with the ${to === 'old' ? 'old' : 'new'} names`)
    moves.push({ module, to, ms: await fleet.replace(module, to) })
    await observer.letRun(pauseMs)
  }
}

async function drillRollback(demo: Demo, from: string, rollback: () => Promise<unknown>): Promise<void> {
  const { observer, rollbacks } = demo
  const between = await observer.letRun(DRILL_MS)
  observer.announce(`back from ${from}`)
  const started = performance.now()
  await rollback()
  const ms = performance.now() - started
  const lostWrites = await observer.countLostWrites('old')
  rollbacks.push({ from, ms, writesBetween: observer.countWrites(between), lostWrites })
}

function buildReport(
  demo: Demo,
  before: Window,
  results: Pick<DemoReport, 'accounting' | 'messes' | 'sideEffects' | 'finish' | 'unusedTable' | 'lostWrites'>,
): DemoReport {
  const { fleet, commands, observer } = demo
  const all = buildStatistics(fleet.activity)
  const without = buildStatistics(fleet.activity, before)
  const during = buildStatistics(fleet.activity, before.to === undefined ? {} : { from: before.to })
  const report = {
    application: {
      statements: all.statements,
      failed: all.failed,
      errors: all.errors,
      retriesByPool: fleet.retriesByPool,
      slowestMs: during.slowestMs,
      slowestMsWithoutCrossfade: without.slowestMs,
      slowest: during.slowest.map(({ at, ms, text }) => ({ stage: observer.stageAt(at), ms, text })),
      p99Ms: during.p99Ms,
      p99MsWithoutCrossfade: without.p99Ms,
    },
    planted: demo.planted,
    verify: observer.comparison,
    readsFromNew: demo.readsFromNew,
    rollbacks: demo.rollbacks,
    moves: demo.moves,
    conflicts: all.conflicts,
    doublePosts: countDoublePosts(fleet.activity.posts),
    stages: observer.stages,
    ...results,
  }
  const worker = commands.workerEnded === null ? [] : [commands.workerEnded]
  const problems = findProblems(report, [...observer.problems, ...worker])
  return { ok: problems.length === 0, problems, ...report }
}

async function createDatabase(serverUrl: string): Promise<string> {
  const admin = new pg.Client(serverUrl)
  await admin.connect()
  await admin.query(`create database ${DATABASE}`)
  await admin.end()
  const url = new URL(serverUrl)
  url.pathname = DATABASE
  return url.href
}

/** The application logs in with a role of its own that owns nothing. */
function asApplication(databaseUrl: string): string {
  const url = new URL(databaseUrl)
  url.username = APPLICATION_ROLE
  url.password = APPLICATION_ROLE
  return url.href
}

async function makeCommands(
  databaseUrl: string,
  directory: string,
  onStart: (command: string) => void,
): Promise<Commands> {
  const outDirectory = join(directory, 'crossfade')
  await mkdir(outDirectory)
  return new Commands({ databaseUrl, configPath: await writeProject(directory), outDirectory, onStart })
}
