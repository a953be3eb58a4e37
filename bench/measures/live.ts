import { withRun } from '../../src/control/run.ts'
import { sync } from '../../src/lifecycle/sync.ts'
import { alternate } from '../harness/alternate.ts'
import { type Application, startApplication } from '../harness/application.ts'
import type { Bench, Measure } from '../harness/bench.ts'
import { compared } from '../harness/figure.ts'
import { migrate } from '../harness/migration.ts'
import { percentile } from '../harness/statistics.ts'

const ALONE_MS = 4_000

export const live: Measure = {
  name: 'live',
  title: 'The same backfill beside a live application',
  how: 'An application of 8 clients that reads and writes the old tables, 300 transactions a second, each timed from when it was due. Its p99 before the first trigger, and while the backfill runs; the rate of that backfill against one with nobody there.',
  async run(bench) {
    const rounds = bench.options.quick ? 1 : 3
    const latencies: { during: number[]; before: number[] } = { during: [], before: [] }
    const rate = await alternate(
      () => backfillRate(bench, latencies),
      () => backfillRate(bench, null),
      { rounds },
    )
    const p99 = await alternate(
      async (round) => latencies.during[round] ?? Number.NaN,
      async (round) => latencies.before[round] ?? Number.NaN,
      { rounds },
    )
    return [
      compared('rate beside the application / alone', 'rows/s', rate, { durable: true, aim: { atLeast: 0.5 } }),
      compared("the application's p99, during / before", 'ms', p99, { durable: true, aim: { atMost: 1.5 } }),
    ]
  },
}

async function backfillRate(bench: Bench, latencies: { during: number[]; before: number[] } | null): Promise<number> {
  const url = await bench.create('two-sources', bench.rows)
  const migration = await migrate(url, bench.fixture('two-sources'), 'build', bench.options.workers ?? undefined)
  await bench.checkpoint()
  const application: Application | null = latencies && (await startApplication(url, bench.rows))
  if (application && latencies) {
    await application.measure(ALONE_MS / 4)
    latencies.before.push(percentile(await application.measure(ALONE_MS), 0.99))
  }
  const work = await migration.work()
  const running = withRun(migration.db, 'sync', null, (session) => sync(session, migration.project, work))
  const during = application ? await application.measureWhile(running) : []
  const result = await running
  if (application && latencies) {
    latencies.during.push(percentile(during, 0.99))
    const failures = await application.stop()
    if (failures.length > 0) throw new Error(`the application failed: ${failures.slice(0, 3).join('; ')}`)
  }
  const [of] = result.backfill
  if (!of) throw new Error('nothing was backfilled')
  bench.say(
    `${of.rows} rows in ${of.seconds.toFixed(1)} s${application ? `, beside ${during.length} transactions` : ''}`,
  )
  await migration.assertSame()
  await migration.close()
  await bench.drop(url)
  return of.rows / of.seconds
}
