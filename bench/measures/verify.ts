import { verifyTarget } from '../../src/verify/run-verify.ts'
import { alternate } from '../harness/alternate.ts'
import type { Measure } from '../harness/bench.ts'
import { run } from '../harness/client.ts'
import { compared } from '../harness/figure.ts'
import { migrate } from '../harness/migration.ts'
import { joined } from './joined.ts'

/** Both sides by a hash of each row, in one statement: what the cheapest honest comparison reads and computes. */
const AGGREGATES = `
  SELECT (SELECT sum(hash_record_extended(p, 0)) FROM (${joined}) AS p) = (SELECT sum(hash_record_extended(t, 0)) FROM (
    SELECT decision_id, title, body, status, score, tags, model, prompt, quality, tokens, created_at, updated_at FROM new_schema.contents) AS t) AS same`

export const verify: Measure = {
  name: 'verify',
  title: 'Full verify / one hash aggregate over both sides',
  how: 'Seconds. The aggregate is one statement that hashes every row of the join of the old tables and every row of the new one (`hash_record_extended`); the verification says where every old row went, and compares every column and lineage.',
  grows: true,
  async run(bench) {
    const url = await bench.create('two-sources', bench.rows)
    const migration = await migrate(url, bench.fixture('two-sources'), 'sync')
    await run(url, 'VACUUM (ANALYZE)')
    await bench.checkpoint()
    const work = await migration.work()
    const [target] = work.mapping.targets
    if (!target) throw new Error('no new table')
    const workers = bench.options.workers
    const seconds = async (fn: () => Promise<void>): Promise<number> => {
      const started = performance.now()
      await fn()
      return (performance.now() - started) / 1000
    }
    const measured = await alternate(
      () =>
        seconds(async () => {
          const result = await verifyTarget(work, target, workers === null ? {} : { workers })
          if (!result.clean) throw new Error('the sides differ')
        }),
      () =>
        seconds(async () => {
          const [row] = await run(url, AGGREGATES)
          if (row?.same !== true) throw new Error('the hashes differ')
        }),
      { rounds: bench.options.quick ? 2 : 5, warmUp: 1 },
    )
    await migration.close()
    await bench.drop(url)
    return [compared(`two-sources, ${bench.rows} rows`, 's', measured, { aim: { atMost: 1.3 }, line: 'verify' })]
  },
}
