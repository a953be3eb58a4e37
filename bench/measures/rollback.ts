import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { crossfade } from '../../src/client/pg.ts'
import type { Measure } from '../harness/bench.ts'
import { type Figure, single } from '../harness/figure.ts'
import { migrate } from '../harness/migration.ts'
import { percentile } from '../harness/statistics.ts'

const CLIENTS = 50
const POOLS = 5

export const rollback: Measure = {
  name: 'rollback',
  title: 'Rollback of reads under load, 50 clients',
  how: 'Five wrapped pools with ten connections each, as of five processes, 50 loops that read by id. From the start of the command to the end of the last statement that the new side served; reads go back to 100 % in between.',
  async run(bench) {
    const rows = Math.min(bench.rows, 100_000)
    const url = await bench.create('two-sources', rows)
    const migration = await migrate(url, bench.fixture('two-sources'), 'sync')
    await migration.climbToReads()
    const pools = Array.from({ length: POOLS }, () =>
      crossfade(new pg.Pool({ connectionString: url, max: CLIENTS / POOLS, application_name: 'bench reader' })),
    )
    const failures: string[] = []
    let [lastNew, served, stopped] = [0, 0, false]
    const working = Array.from({ length: CLIENTS }, async (_, i) => {
      const pool = pools[i % POOLS]
      if (!pool) return
      while (!stopped) {
        const before = pool.crossfade.stats().readsNew
        const values = [1 + Math.floor(Math.random() * rows)]
        await pool
          .query({ text: 'SELECT id, title, status FROM drafts WHERE id = $1', values })
          .then(({ rowCount }) => {
            served++
            if (rowCount !== 1) failures.push(`${rowCount} rows`)
          })
          .catch((error: Error) => failures.push(error.message))
        // The router counts a read of the new side when it has its answer.
        if (pool.crossfade.stats().readsNew > before) lastNew = performance.now()
        await sleep(2)
      }
    })
    const times: number[] = []
    const count = bench.options.quick ? 20 : 200
    for (let n = 0; n < count; n++) {
      await untilAll(pools, 100)
      await sleep(50 + Math.random() * 50)
      const started = performance.now()
      await migration.commands.rollback()
      await untilAll(pools, 0)
      await sleep(150)
      times.push(lastNew - started)
      await migration.commands.reads(100)
    }
    stopped = true
    await Promise.all(working)
    await Promise.all(pools.map((pool) => pool.end()))
    await migration.assertSame()
    await migration.close()
    await bench.drop(url)
    bench.say(`${served} reads, ${failures.length} failed`)
    const of = `${count} times`
    const figures: Figure[] = [
      single(`${of}: p50`, 'ms', percentile(times, 0.5)),
      single(`${of}: p99`, 'ms', percentile(times, 0.99), { aim: { atMost: 100 } }),
      single(`${of}: longest`, 'ms', Math.max(...times)),
      single(`failed of ${served} reads`, 'reads', failures.length, {
        aim: { atMost: 0 },
        ...(failures[0] === undefined ? {} : { note: failures[0] }),
      }),
    ]
    return figures
  },
}

/** Until every pool has heard of it; throws when one doesn't. */
async function untilAll(pools: readonly ReturnType<typeof crossfade>[], percent: number): Promise<void> {
  for (const until = performance.now() + 30_000; ; await sleep(5)) {
    if (pools.every((pool) => pool.crossfade.stats().percent === percent)) return
    if (performance.now() > until) throw new Error(`a pool never reads ${percent} % from the new side`)
  }
}
