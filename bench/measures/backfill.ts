import { withRun } from '../../src/control/run.ts'
import { sync } from '../../src/lifecycle/sync.ts'
import { alternateAll } from '../harness/alternate.ts'
import type { Bench, Measure } from '../harness/bench.ts'
import { run } from '../harness/client.ts'
import { compared, single } from '../harness/figure.ts'
import { migrate } from '../harness/migration.ts'
import { percentile } from '../harness/statistics.ts'
import { joinInto } from './joined.ts'

export const backfill: Measure = {
  name: 'backfill',
  title: 'Backfill of a two-source merge, unthrottled / one `INSERT … SELECT` of the same join',
  how: 'Rows per second into the empty new table with its indexes, each from a fresh copy of the database, nobody else there, and nothing that it gives way to. The backfill includes the indexes of lineage, which it builds behind itself. `all of sync` also counts the triggers, the comparison of both sides in both directions, and ANALYZE.',
  grows: true,
  async run(bench) {
    const rounds = bench.options.quick ? 1 : 3
    const ofSync: number[] = []
    const { copied } = await alternateAll(
      {
        backfill: async () => {
          const { rows, backfillSeconds, syncSeconds } = await runSync(bench)
          ofSync.push(rows / syncSeconds)
          return rows / backfillSeconds
        },
        insertSelect: () => runInsertSelect(bench),
      },
      { rounds, ratios: { copied: ['backfill', 'insertSelect'] } },
    )
    return [
      compared(`two-sources, ${bench.rows} rows: backfill / INSERT … SELECT`, 'rows/s', copied, {
        aim: { atLeast: 1 },
        durable: true,
        line: 'backfill',
      }),
      single(`two-sources, ${bench.rows} rows: all of sync`, 'rows/s', percentile(ofSync, 0.5), { durable: true }),
    ]
  },
}

/** Else it gives way to what its own commits cost on the disk of this machine. */
const UNTHROTTLED = {
  latencyFactor: false,
  replicationLagMs: false,
  replicationLagMb: false,
  activeSessions: false,
} as const

async function runSync(bench: Bench): Promise<{ rows: number; backfillSeconds: number; syncSeconds: number }> {
  const fixture = { ...bench.fixture('two-sources'), sync: { throttle: UNTHROTTLED } }
  const url = await bench.create('two-sources', bench.rows)
  const migration = await migrate(url, fixture, 'build', bench.options.workers ?? undefined)
  await bench.checkpoint()
  const started = performance.now()
  const { project } = migration
  const work = await migration.work()
  const result = await withRun(migration.db, 'sync', null, (session) => sync(session, project, work))
  const syncSeconds = (performance.now() - started) / 1000
  const [of] = result.backfill
  if (!of) throw new Error('nothing was backfilled')
  await migration.assertSame()
  await migration.close()
  await bench.drop(url)
  bench.say(
    `backfill of ${of.rows} rows: ${of.seconds.toFixed(1)} s in ${of.chunks} chunks, sync ${syncSeconds.toFixed(1)} s`,
  )
  return { rows: of.rows, backfillSeconds: of.seconds, syncSeconds }
}

async function runInsertSelect(bench: Bench): Promise<number> {
  const url = await bench.create('two-sources', bench.rows)
  await run(url, bench.fixture('two-sources').newSql)
  await bench.checkpoint()
  const started = performance.now()
  await run(url, joinInto)
  const seconds = (performance.now() - started) / 1000
  const [count] = await run(url, 'SELECT count(*)::int AS rows FROM contents')
  await bench.drop(url)
  bench.say(`INSERT … SELECT of ${count?.rows} rows: ${seconds.toFixed(1)} s`)
  return count?.rows / seconds
}
