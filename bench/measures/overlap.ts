import { connect, type Database } from '../../src/db/connect.ts'
import { createLogger } from '../../src/lib/log.ts'
import type { OverlapDocument } from '../../src/overlap/overlap-document.ts'
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

/** Keys as text, and one of eighty of two rows, newer and older: what no index vouches for. */
const TEXT_KEYS = `
  CREATE TABLE generations_text AS
    SELECT decision_id::text AS decision_id, model, prompt, quality, tokens, status, updated_at FROM generations`
const TWICE = `
  INSERT INTO generations_text
  SELECT decision_id, model, prompt, quality, tokens, status, updated_at + interval '1 hour'
    FROM generations_text WHERE hashtext(decision_id) % 80 = 0`

const TEXT_JOIN = `
  SELECT count(d.decision_id)::int AS left, count(g.decision_id)::int AS right, count(*)::int AS keys
    FROM drafts AS d FULL JOIN generations_text AS g ON d.decision_id::text = g.decision_id`

export const overlap: Measure = {
  name: 'overlap',
  title: 'Overlap of two tables / one hash join over them',
  how: 'Seconds. `crossfade overlap` with both names, from the catalog to the finished document: both tables are searched for common keys, counted, joined over all rows, and every column that both have is compared. The join: one statement that counts keys; «with columns» also compares the columns that both have. «Text»: the keys of one side are text without an index; «some twice»: one key of eighty has two rows. There the join is on the text as it is, while overlap also finds other spellings.',
  grows: true,
  async run(bench) {
    const url = await bench.create('two-sources', bench.rows)
    await run(url, TEXT_KEYS, 'VACUUM (ANALYZE)')
    await bench.checkpoint()
    const db = await connect(url, { readOnly: true })
    const rounds = { rounds: bench.options.quick ? 3 : 7, warmUp: 1 }
    const rows = `two-sources, ${bench.rows} rows`
    try {
      const plain = await alternateAll(
        {
          overlap: () => measure(db, url, 'generations'),
          keys: () => seconds(async () => void (await run(url, KEYS))),
          columns: () => seconds(async () => void (await run(url, COLUMNS))),
        },
        { ...rounds, ratios: { keys: ['overlap', 'keys'], columns: ['overlap', 'columns'] } },
      )
      const sides = {
        overlap: () => measure(db, url, 'generations_text'),
        join: () => seconds(async () => void (await run(url, TEXT_JOIN))),
      }
      const text = await alternateAll(sides, { ...rounds, ratios: { join: ['overlap', 'join'] } })
      await run(url, TWICE, 'VACUUM (ANALYZE) generations_text')
      const twice = await alternateAll(sides, { ...rounds, ratios: { join: ['overlap', 'join'] } })
      return [
        compared(rows, 's', plain.keys, { aim: { atMost: 3 }, line: 'overlap' }),
        compared(`${rows}, with columns`, 's', plain.columns),
        compared(`${rows}, text`, 's', text.join, { aim: { atMost: 3 } }),
        compared(`${rows}, text, some twice`, 's', twice.join, { aim: { atMost: 3 } }),
      ]
    } finally {
      await db.close()
      await bench.drop(url)
    }
  },
}

/** Throws where a count is wrong: a figure of something wrong is none. */
async function measure(db: Database, url: string, right: string): Promise<number> {
  const log = createLogger({ stream: { write: () => true } })
  const { signal } = new AbortController()
  const options = { schemas: [], map: [], migrations: null, sample: null, showsValues: false, timeout: 0, log, signal }
  let found: OverlapDocument | undefined
  const taken = await seconds(async () => {
    found = await readOverlap(db, { ...options, tables: ['drafts', right] })
  })
  const [expected] = await run(url, KEYS)
  const counts = found?.pairs[0]?.counts
  const keys = (counts?.shared ?? 0) + (counts?.onlyLeft ?? 0) + (counts?.onlyRight ?? 0)
  if (keys !== expected?.keys || counts?.rightKeys !== expected?.right) throw new Error('the counts differ')
  return taken
}

async function seconds(fn: () => Promise<void>): Promise<number> {
  const started = performance.now()
  await fn()
  return (performance.now() - started) / 1000
}
