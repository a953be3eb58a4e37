import { connect } from '../../src/db/connect.ts'
import { createLogger } from '../../src/lib/log.ts'
import { readOverlap } from '../../src/overlap/read-overlap.ts'
import { alternateAll } from '../harness/alternate.ts'
import type { Measure } from '../harness/bench.ts'
import { run } from '../harness/client.ts'
import { compared } from '../harness/figure.ts'

/** One hash join that says how many keys each side has: the least that any comparison of the two must do. */
const KEYS = `
  SELECT count(d.decision_id)::int AS left, count(g.decision_id)::int AS right, count(*)::int AS keys
    FROM drafts AS d FULL JOIN generations AS g ON d.decision_id = g.decision_id`

/** The same join when it has to carry what is compared: the columns that both have. */
const COLUMNS = `
  SELECT count(d.decision_id)::int AS left, count(g.decision_id)::int AS right, count(*)::int AS keys,
         count(*) FILTER (WHERE d.status = g.status) AS status, count(*) FILTER (WHERE d.updated_at = g.updated_at) AS updated_at,
         count(*) FILTER (WHERE d.updated_at > g.updated_at) AS newer
    FROM drafts AS d FULL JOIN generations AS g ON d.decision_id = g.decision_id`

export const overlap: Measure = {
  name: 'overlap',
  title: 'Overlap of two tables / one hash join over them',
  how: 'Seconds. `crossfade overlap drafts generations` from the catalog to the finished document: both tables are searched for common keys, counted, joined over all rows, and every column that both have is compared. The join: one statement, both keys counted; «with columns» the same with the columns that both have.',
  grows: true,
  async run(bench) {
    const url = await bench.create('two-sources', bench.rows)
    await run(url, 'VACUUM (ANALYZE)')
    await bench.checkpoint()
    const expected = (await run(url, KEYS))[0]
    const db = await connect(url, { readOnly: true })
    const log = createLogger({ stream: { write: () => true } })
    const { signal } = new AbortController()
    const rest = { schemas: [], map: [], migrations: null, sample: null, showsValues: false, timeout: 0, log, signal }
    const seconds = async (fn: () => Promise<boolean>): Promise<number> => {
      const started = performance.now()
      if (!(await fn())) throw new Error('the counts differ')
      return (performance.now() - started) / 1000
    }
    const measured = await alternateAll(
      {
        overlap: () =>
          seconds(async () => {
            const { pairs } = await readOverlap(db, { ...rest, tables: ['drafts', 'generations'] })
            const counts = pairs[0]?.counts
            const keys = (counts?.shared ?? 0) + (counts?.onlyLeft ?? 0) + (counts?.onlyRight ?? 0)
            return keys === expected?.keys && counts?.leftKeys === expected.left && counts?.rightKeys === expected.right
          }),
        keys: () => seconds(async () => (await run(url, KEYS))[0]?.keys === expected?.keys),
        columns: () => seconds(async () => (await run(url, COLUMNS))[0]?.keys === expected?.keys),
      },
      {
        rounds: bench.options.quick ? 3 : 7,
        warmUp: 1,
        ratios: { keys: ['overlap', 'keys'], columns: ['overlap', 'columns'] },
      },
    )
    await db.close()
    await bench.drop(url)
    const rows = `two-sources, ${bench.rows} rows`
    return [
      compared(rows, 's', measured.keys, { aim: { atMost: 3 }, line: 'overlap' }),
      compared(`${rows}, with columns`, 's', measured.columns),
    ]
  },
}
