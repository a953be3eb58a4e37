import { sqlKey } from '../fixtures/fixture.ts'
import { alternate } from '../harness/alternate.ts'
import type { Bench, Measure } from '../harness/bench.ts'
import { withClient } from '../harness/client.ts'
import { compared, type Figure } from '../harness/figure.ts'
import { migrate } from '../harness/migration.ts'
import { percentile } from '../harness/statistics.ts'

const ROWS = 100_000

/** Run in this order in every round, so that each finds what it needs. */
const STATEMENTS: Readonly<Record<string, Readonly<Record<string, (from: number) => string>>>> = {
  'one-source': {
    insert: (from) =>
      `INSERT INTO notes (id, title, body, rank) SELECT ${sqlKey('n')}, 'Title ' || n, 'A body', n % 100 FROM generate_series(${from}, ${from + ROWS - 1}) AS n`,
    update: () => `UPDATE notes SET rank = rank + 1 WHERE body = 'A body'`,
    delete: () => `DELETE FROM notes WHERE body = 'A body'`,
  },
  'two-sources': {
    insert: (from) =>
      `INSERT INTO drafts (decision_id, title, body, score) SELECT ${sqlKey('n')}, 'Title ' || n, 'A body', n % 100 FROM generate_series(${from}, ${from + ROWS - 1}) AS n`,
    update: () => `UPDATE drafts SET score = score + 1 WHERE body = 'A body'`,
    delete: () => `DELETE FROM drafts WHERE body = 'A body'`,
  },
}

export const bulk: Measure = {
  name: 'bulk',
  title: 'Bulk write of 100k rows in one statement: inline / without',
  how: 'Seconds for one statement with its commit. What it leaves to the outbox is drained afterwards, by one applier; how long that takes is in brackets.',
  async run(bench) {
    const figures: Figure[] = []
    for (const name of Object.keys(STATEMENTS))
      for (const figure of await measureFixture(bench, name)) figures.push(figure)
    return figures
  },
}

async function measureFixture(bench: Bench, name: string): Promise<Figure[]> {
  const rows = Math.min(bench.rows, 200_000)
  const [plain, synced] = [await bench.create(name, rows), await bench.create(name, rows)]
  const migration = await migrate(synced, bench.fixture(name), 'sync')
  const figures: Figure[] = []
  for (const [statement, text] of Object.entries(STATEMENTS[name] ?? {})) {
    const drained: number[] = []
    const time = async (url: string, round: number): Promise<number> => {
      await prepare(url, name, statement, rows)
      await bench.checkpoint()
      return await withClient(url, async (client) => {
        const started = performance.now()
        const { rowCount } = await client.query(text(2 * rows + round))
        if (rowCount !== ROWS) throw new Error(`${name}: ${statement} wrote ${rowCount} rows`)
        return (performance.now() - started) / 1000
      })
    }
    const measured = await alternate(
      async (round) => {
        const seconds = await time(synced, round)
        const started = performance.now()
        await migration.drain()
        drained.push((performance.now() - started) / 1000)
        return seconds
      },
      (round) => time(plain, round),
      { rounds: bench.options.quick ? 1 : 3 },
    )
    const note = `drained in ${percentile(drained, 0.5).toFixed(1)} s`
    bench.say(`${name}: ${statement} of ${ROWS} rows: ${measured.ratio.median.toFixed(2)}, ${note}`)
    figures.push(compared(`${name}: ${statement}`, 's', measured, { durable: true, aim: { atMost: 3 }, note }))
    await migration.assertSame()
  }
  await migration.close()
  await bench.drop(plain, synced)
  return figures

  /** Takes away what an insert has made, or makes what an update and a delete need. */
  async function prepare(url: string, of: string, statement: string, from: number): Promise<void> {
    const { insert, delete: remove } = STATEMENTS[of] ?? {}
    await withClient(url, async (client) => {
      const there = await client.query(
        `SELECT count(*)::int AS n FROM ${of === 'one-source' ? 'notes' : 'drafts'} WHERE body = 'A body'`,
      )
      if (statement === 'insert' && there.rows[0].n > 0) await client.query(remove?.(0) ?? '')
      if (statement !== 'insert' && there.rows[0].n === 0) await client.query(insert?.(2 * from) ?? '')
    })
    if (url === synced) await migration.drain()
  }
}
