import { setTimeout as sleep } from 'node:timers/promises'
import { withRun } from '../../src/control/run.ts'
import { finish as runFinish } from '../../src/lifecycle/finish.ts'
import type { Bench, Measure } from '../harness/bench.ts'
import { connectAll, endAll, run } from '../harness/client.ts'
import { single } from '../harness/figure.ts'
import { attach, migrate } from '../harness/migration.ts'
import { percentile } from '../harness/statistics.ts'
import { write } from '../harness/writing.ts'

const WRITERS = 8
const ROWS = 5_000
const PER_SECOND = 400

export const finish: Measure = {
  name: 'finish',
  title: 'Finish under load',
  how: 'Eight writers by new names, 400 updates a second in all, each timed from when it was due; the longest one from the start of `finish` to a moment after it. Each time on a fresh copy of a small database; no rehearsal.',
  async run(bench) {
    const template = await bench.create('two-sources', ROWS)
    const migration = await migrate(template, bench.fixture('two-sources'), 'move')
    await migration.close()
    const [stalls, held, attempts]: [number[], number[], number[]] = [[], [], []]
    let [failures, written, first] = [0, 0, '']
    const count = bench.options.quick ? 5 : 50
    for (let n = 0; n < count; n++) {
      const url = await bench.copy(template)
      const found = await finishOnce(bench, url)
      stalls.push(found.stall)
      held.push(found.lockMs)
      attempts.push(found.attempts)
      failures += found.failures.length
      first ||= found.failures[0] ?? ''
      written += found.written
      await bench.drop(url)
    }
    await bench.drop(template)
    const of = `${count} times`
    return [
      single(`${of}: longest stall of a writer, p50`, 'ms', percentile(stalls, 0.5)),
      single(`${of}: longest stall of a writer, p99`, 'ms', percentile(stalls, 0.99), { aim: { atMost: 100 } }),
      single(`${of}: transaction of the archiving, p99`, 'ms', percentile(held, 0.99)),
      single(`${of}: attempts, on average`, 'attempts', attempts.reduce((sum, n) => sum + n, 0) / count),
      single(`${of}: attempts at most`, 'attempts', Math.max(...attempts)),
      single(`failed of ${written} writes`, 'writes', failures, {
        aim: { atMost: 0 },
        ...(first ? { note: first } : {}),
      }),
    ]
  },
}

async function finishOnce(
  bench: Bench,
  url: string,
): Promise<{ stall: number; lockMs: number; attempts: number; written: number; failures: string[] }> {
  const fixture = bench.fixture('two-sources')
  const migration = await attach(url, fixture)
  await migration.commands.approve('finish')
  const clients = await connectAll(url, WRITERS)
  const failures: string[] = []
  let [next, stopped, latencies]: [number, boolean, number[]] = [0, false, []]
  const began = performance.now()
  const working = clients.map(async (client) => {
    while (!stopped) {
      const index = next++
      const due = began + (index * 1000) / PER_SECOND
      const wait = due - performance.now()
      if (wait > 0) await sleep(wait)
      await write(client, 'update', fixture.new.update, 1 + ((index * 7919) % ROWS), index).catch((error: Error) =>
        failures.push(error.message),
      )
      latencies.push(performance.now() - due)
    }
  })
  await sleep(300)
  latencies = []
  const work = await migration.work()
  const { lockMs, attempts } = await withRun(migration.db, 'finish', null, (session) =>
    runFinish(session, migration.project, work, { quietDays: 0, rehearsalSeconds: 0, haveBackup: true }),
  )
  await sleep(150)
  const stall = Math.max(...latencies)
  stopped = true
  await Promise.all(working)
  await endAll(clients)
  const [left] = await run(
    url,
    `SELECT to_regclass('public.drafts') IS NULL AS gone, to_regclass('public.contents') IS NOT NULL AS there`,
  )
  if (!left?.gone || !left?.there) throw new Error('the old tables were not archived')
  await migration.close()
  bench.say(`stall ${stall.toFixed(0)} ms, ${attempts} attempts`)
  return { stall, lockMs, attempts, written: next, failures }
}
