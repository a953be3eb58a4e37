import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { loadProject } from '../src/control/project.ts'
import { connect } from '../src/db/connect.ts'
import { startServer } from '../src/embedded/server.ts'
import { createLogger } from '../src/lib/log.ts'
import { Commands } from '../test/scenarios/commands.ts'
import { createRandom } from '../test/scenarios/random.ts'
import { orExit } from '../test/support/script.ts'
import { Director, type Findings, type Kill } from './director.ts'
import { Fleet } from './fleet.ts'
import type { Course } from './kills.ts'
import { live, type Undisturbed } from './life.ts'
import { readOptions } from './options.ts'
import { startPgbouncer } from './pgbouncer.ts'
import { buildReport } from './report.ts'
import { startTool } from './tool.ts'
import { Victims } from './victims.ts'
import { WireProxy } from './wire-proxy.ts'
import { Worker } from './worker.ts'

const options = orExit(() => readOptions(process.argv.slice(2)))
const log = (line: string): void => void process.stdout.write(`${line}\n`)
const directory = await mkdtemp(join(tmpdir(), 'crossfade-chaos-'))
// Commits reach the operating system, which nobody kills here; it need not bring them to the disk.
const server = await startServer({
  version: options.postgres,
  settings: { fsync: 'off', max_connections: '100', ...(options.fillDisk ? { max_wal_size: '64MB' } : {}) },
  ...(options.fillDisk ? { dataDir: join(options.fillDisk, 'data') } : {}),
})
const bouncer = options.pgbouncer ? await startPgbouncer(server.port) : null
const kills: Kill[] = []
const findings: Findings[] = []
const courses = new Map<string, Course>()
let undisturbed: Undisturbed | null = null
const started = performance.now()
log(`chaos: ${options.kills} kills, seed ${options.seed}, Postgres ${server.version}`)
let interrupted = false
process.once('SIGINT', () => {
  interrupted = true
  log('chaos: ends after this life; once more Ctrl-C ends it at once')
})
try {
  await prepare()
  for (let life = 0; (kills.length < options.kills || life === 0) && !interrupted; life++) {
    if (options.seconds !== null && performance.now() - started > 1000 * options.seconds) break
    const learned: Undisturbed = await oneLife(life)
    undisturbed ??= learned
    if (findings.at(-1)?.problems.length) break
  }
} finally {
  const seconds = (performance.now() - started) / 1000
  const report = buildReport({
    kills,
    findings,
    seed: options.seed,
    seconds,
    postgres: server.version,
    node: process.version,
  })
  log(report)
  if (options.report !== null) await writeFile(options.report, report)
  const bad = findings.some((one) => one.problems.length > 0) || kills.length < options.kills
  if (bad) process.exitCode = 1
  bouncer?.stop()
  await server.stop()
  if (process.exitCode) log(`kept: ${directory}`)
  else await rm(directory, { recursive: true, force: true })
}
process.exit()

async function prepare(): Promise<void> {
  const admin = new pg.Client(server.url)
  await admin.connect()
  await admin.query(`create role shop login password 'shop'`)
  await admin.query('create database shop_template')
  await admin.end()
  const template = new pg.Client(urlOf(server.port, 'shop_template'))
  await template.connect()
  await template.query(await readFile(new URL('./project/old.sql', import.meta.url), 'utf8'))
  await template.end()
}

/** A database of its own. The first life is left in peace, and shows how things are then. */
async function oneLife(life: number): Promise<Undisturbed> {
  const name = `shop_${life}`
  const admin = new Victims(server, server.url)
  await admin.ask((client) => client.query(`create database ${name} template shop_template strategy file_copy`))
  const proxy = new WireProxy(() => server.port)
  const port = await proxy.listen()
  const folder = join(directory, name)
  const out = join(folder, 'crossfade')
  await mkdir(out, { recursive: true })
  const seed = `${options.seed} ${life}`
  const fleet = new Fleet(urlOf(bouncer?.port ?? server.port, name, 'shop:shop'), folder, seed)
  const worker = new Worker(urlOf(server.port, name), out)
  const victims = new Victims(server, urlOf(server.port, name))
  const director = new Director({
    scene: { proxy, victims, fleet, worker, killTool: () => undefined },
    toolUrl: urlOf(port, name),
    outDirectory: out,
    random: createRandom(seed),
    ...{
      life,
      courses,
      disturb: life > 0,
      log,
      verbose: options.verbose,
      weights: options.fillDisk ? { 'server: disk full': 60 } : {},
    },
    quiet: (fn) => withCommands(urlOf(server.port, name), out, fn),
    killsLeft: () => options.kills - kills.length - director.kills.length,
  })
  try {
    if (bouncer) await assertRefused(urlOf(bouncer.port, name), out)
    return await live(director, createRandom(`${seed} way`), undisturbed)
  } catch (error) {
    director.fail(`life ${life} (seed ${options.seed}): ${error instanceof Error ? error.stack : String(error)}`)
    return { finished: [], broughtBack: [] }
  } finally {
    kills.push(...director.kills)
    findings.push(director.findings)
    await fleet.stop()
    await worker.stop()
    await proxy.close()
    log(
      `life ${life}: ${director.kills.length} kills, ${director.findings.acked} writes acknowledged, ${kills.length} kills in all`,
    )
    if (director.findings.problems.length === 0)
      await admin.ask((client) => client.query(`drop database ${name} with (force)`))
  }
}

/** Sessions are not kept there, and the tool needs them. */
async function assertRefused(url: string, out: string): Promise<void> {
  const { code, error } = await startTool(url, out, ['status']).ended
  if (code !== 3 || error !== 'transaction_pooler') throw new Error(`through the pooler: ${code} ${error}`)
}

/** The commands on a connection of their own, for the steps that nobody disturbs. */
async function withCommands(
  url: string,
  outDir: string,
  fn: (commands: Commands) => Promise<unknown>,
): Promise<unknown> {
  const config = fileURLToPath(new URL('./project/crossfade.config.ts', import.meta.url))
  const db = await connect(url, { applicationName: 'by hand' })
  try {
    const project = await loadProject({ config, cwd: directory, out: outDir })
    const silent = createLogger({ stream: { write: () => true } })
    return await fn(new Commands({ db, project, log: silent, signal: new AbortController().signal }))
  } finally {
    await db.close()
  }
}

function urlOf(port: number, database: string, user?: string): string {
  const url = new URL(server.url)
  url.port = String(port)
  url.pathname = database
  if (user !== undefined) [url.username = '', url.password = ''] = user.split(':')
  return url.href
}
