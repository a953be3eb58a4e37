import { type ChildProcess, fork } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Measure } from '../harness/bench.ts'
import { single } from '../harness/figure.ts'
import { migrate } from '../harness/migration.ts'
import { percentile } from '../harness/statistics.ts'

/** What a reader has met so far. */
export interface ReaderReport {
  readonly percent: number
  /** End of the last read that the new side served. Milliseconds of the clock that all processes share. */
  readonly lastNew: number
  readonly served: number
  readonly failures: readonly string[]
}

const PROCESSES = 5
const CLIENTS = 50
const READER = fileURLToPath(new URL('reader.ts', import.meta.url))

export const rollback: Measure = {
  name: 'rollback',
  title: 'Rollback of reads under load, 50 clients',
  how: 'Five processes with a wrapped pool of ten connections each; 50 clients read by id, about 2,000 reads a second in all. From the start of the command to the end of the last statement that the new side served; reads go back to 100 % in between.',
  async run(bench) {
    const rows = Math.min(bench.rows, 100_000)
    const url = await bench.create('two-sources', rows)
    const migration = await migrate(url, bench.fixture('two-sources'), 'sync')
    await migration.climbToReads()
    const readers = Array.from({ length: PROCESSES }, () =>
      fork(READER, [url, String(CLIENTS / PROCESSES), String(rows)], { execArgv: ['--import', 'jiti/register'] }),
    )
    const times: number[] = []
    const count = bench.options.quick ? 20 : 200
    for (let n = 0; n < count; n++) {
      await untilAll(readers, 100)
      await sleep(50 + Math.random() * 50)
      const started = performance.timeOrigin + performance.now()
      await migration.commands.rollback()
      await untilAll(readers, 0)
      await sleep(100)
      const reports = await askAll(readers)
      times.push(Math.max(0, ...reports.map((report) => report.lastNew - started)))
      await migration.commands.reads(100)
    }
    const reports = await askAll(readers)
    for (const reader of readers) reader.disconnect()
    await migration.assertSame()
    await migration.close()
    await bench.drop(url)
    const served = reports.reduce((sum, report) => sum + report.served, 0)
    const failures = reports.flatMap((report) => report.failures)
    bench.say(`${served} reads, ${failures.length} failed`)
    const of = `${count} times`
    return [
      single(`${of}: p50`, 'ms', percentile(times, 0.5)),
      single(`${of}: p99`, 'ms', percentile(times, 0.99), { aim: { atMost: 100 } }),
      single(`${of}: longest`, 'ms', Math.max(...times)),
      single(`failed of ${served} reads`, 'reads', failures.length, {
        aim: { atMost: 0 },
        ...(failures[0] === undefined ? {} : { note: failures[0] }),
      }),
    ]
  },
}

/** Until every process has heard of it; throws when one doesn't. */
async function untilAll(readers: readonly ChildProcess[], percent: number): Promise<void> {
  for (const until = performance.now() + 30_000; ; await sleep(5)) {
    if ((await askAll(readers)).every((report) => report.percent === percent)) return
    if (performance.now() > until) throw new Error(`a process never reads ${percent} % from the new side`)
  }
}

async function askAll(readers: readonly ChildProcess[]): Promise<ReaderReport[]> {
  return await Promise.all(
    readers.map(
      (reader) =>
        new Promise<ReaderReport>((resolve, reject) => {
          const ended = (code: number | null): void => reject(new Error(`a reader ended with ${code}`))
          reader.once('exit', ended)
          reader.once('message', (report) => {
            reader.off('exit', ended)
            resolve(report as ReaderReport)
          })
          reader.send('report')
        }),
    ),
  )
}
