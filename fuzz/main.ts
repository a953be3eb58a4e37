import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startServer } from '../src/embedded/server.ts'
import { fastSettings } from '../src/embedded/settings.ts'
import { orExit } from '../test/support/script.ts'
import type { Case, Failure } from './case.ts'
import { createFuzzDatabase, type FuzzDatabase } from './database.ts'
import { makeCase } from './make-case.ts'
import { type Options, readOptions } from './options.ts'
import { type Result, runCase } from './run-case.ts'
import { shrink } from './shrink.ts'
import { Tally } from './tally.ts'

const HERE = import.meta.dirname

/** Replays of a case, since a race doesn't come out the same way each time. */
const REPLAYS = 3

async function main(): Promise<number> {
  const options = orExit(() => readOptions(process.argv.slice(2)))
  const version = Number(process.env.CROSSFADE_TEST_PG || 18) as 18
  const servers = await Promise.all(
    Array.from({ length: options.jobs }, () =>
      startServer({ version, settings: { ...fastSettings, max_connections: '60' } }),
    ),
  )
  try {
    const databases = await Promise.all(servers.map((server) => createFuzzDatabase(server.url)))
    const [database] = databases
    if (options.replay !== null && database) return await replay(database, options.replay)
    return await runAll(databases, options, String(version))
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
  }
}

/** A file that a failure has left. */
async function replay(database: FuzzDatabase, path: string): Promise<number> {
  const { failures } = await runCase(database, (JSON.parse(readFileSync(path, 'utf8')) as { case: Case }).case)
  for (const failure of failures) console.log(`${failure.kind}\n${failure.detail}`)
  if (failures.length === 0) console.log('no failure')
  return failures.length === 0 ? 0 : 1
}

async function runAll(databases: readonly FuzzDatabase[], options: Options, postgres: string): Promise<number> {
  const tally = new Tally()
  let next = options.first
  const work = async (database: FuzzDatabase): Promise<void> => {
    for (let history = next++; history < options.first + options.histories; history = next++) {
      const given = makeCase(`${options.seed}/${history}`)
      const result = await runCase(database, given)
      tally.add(history, result)
      if (result.failures.length > 0) {
        show(given.seed, result.failures)
        const file = await keep(database, given, result, options.shrinkSeconds)
        const entry = tally.failures.find((failed) => failed.history === history)
        if (entry) entry.file = file
      }
      if (tally.histories % 25 === 0) {
        console.log(
          `${tally.histories} histories, ${tally.failures.length} failures, ${Math.round(tally.perMinute)} a minute`,
        )
        if (options.report) writeReport(tally, options, postgres)
      }
    }
  }
  await Promise.all(databases.map(work))
  if (options.report) writeReport(tally, options, postgres)
  else console.log(tally.page({ ...options, postgres }))
  return tally.failures.length === 0 ? 0 : 1
}

function show(seed: string, failures: readonly Failure[]): void {
  console.log(`seed ${seed}`)
  for (const { kind, detail } of failures)
    console.log(`  ${kind}\n    ${detail.slice(0, 1500).replaceAll('\n', '\n    ')}`)
}

/** Shrinks a failure as far as time allows, and writes it where it can be replayed. */
async function keep(database: FuzzDatabase, given: Case, result: Result, seconds: number): Promise<string> {
  const kind = result.failures[0]?.kind ?? ''
  let failures = result.failures
  const fails = async (smaller: Case): Promise<boolean> => {
    for (let i = 0; i < REPLAYS; i++) {
      const again = await runCase(database, smaller).catch(() => null)
      if (!again?.failures.some((failure) => failure.kind === kind)) continue
      failures = again.failures
      return true
    }
    return false
  }
  const until = performance.now() + seconds * 1000
  const smallest = await shrink(given, fails, () => performance.now() > until)
  const name = `${given.seed}-${kind}`.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
  const folder = join(HERE, 'failures')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `${name}.json`)
  writeFileSync(path, `${JSON.stringify({ failures, case: smallest }, null, 1)}\n`)
  console.log(`  kept in fuzz/failures/${name}.json: ${smallest.steps.length} steps, ${smallest.rows.length} rows`)
  return `fuzz/failures/${name}.json`
}

function writeReport(tally: Tally, options: Options, postgres: string): void {
  writeFileSync(join(HERE, 'REPORT.md'), tally.page({ ...options, postgres }))
}

process.exitCode = await main()
