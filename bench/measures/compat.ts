import type pg from 'pg'
import { alternate } from '../harness/alternate.ts'
import type { Bench, Measure } from '../harness/bench.ts'
import { connectAll, endAll, run, runBlock } from '../harness/client.ts'
import { compared, type Figure } from '../harness/figure.ts'
import { migrate } from '../harness/migration.ts'

interface Read {
  readonly of: string
  readonly fixture: string
  readonly text: string
  readonly values?: (index: number, rows: number) => unknown[]
  /** How many make one sample. */
  readonly times: number
}

const at = (index: number, rows: number): number => 1 + ((index * 104729) % Math.floor(rows * 0.9))

const READS: readonly Read[] = [
  {
    of: 'one source, by key',
    fixture: 'one-source',
    text: `SELECT * FROM notes WHERE id = (SELECT id FROM keys WHERE n = $1)`,
    values: (i, rows) => [at(i, rows)],
    times: 300,
  },
  {
    of: 'two sources, by id',
    fixture: 'two-sources',
    text: `SELECT * FROM drafts WHERE id = $1`,
    values: (i, rows) => [at(i, rows)],
    times: 300,
  },
  {
    of: 'two sources, by key',
    fixture: 'two-sources',
    text: `SELECT title, body, status FROM drafts WHERE decision_id = (SELECT decision_id FROM public.drafts WHERE id = $1)`,
    values: (i, rows) => [at(i, rows)],
    times: 300,
  },
  {
    of: 'two sources, 100 rows by a range of ids',
    fixture: 'two-sources',
    text: `SELECT id, title, status, score FROM drafts WHERE id BETWEEN $1 AND $1 + 99 ORDER BY id`,
    values: (i, rows) => [at(i, rows)],
    times: 100,
  },
  {
    of: 'one source, an aggregate',
    fixture: 'one-source',
    text: `SELECT state, count(*), avg(rank) FROM notes GROUP BY state`,
    times: 1,
  },
  {
    of: 'two sources, an aggregate',
    fixture: 'two-sources',
    text: `SELECT status, count(*), avg(score) FROM drafts GROUP BY status`,
    times: 1,
  },
  {
    of: 'one source, every row',
    fixture: 'one-source',
    text: `SELECT count(*) FROM (SELECT id, title, body, state, rank, created_at FROM notes OFFSET 0) AS every`,
    times: 1,
  },
  {
    of: 'two sources, every row',
    fixture: 'two-sources',
    text: `SELECT count(*) FROM (SELECT id, decision_id, title, body, status, score, tags FROM drafts OFFSET 0) AS every`,
    times: 1,
  },
]

export const compat: Measure = {
  name: 'compat',
  title: 'Compat view read / the same read of the old table, plain columns',
  how: 'Milliseconds for one read over the wire, prepared; both sides in one database, all of it in memory.',
  grows: true,
  async run(bench) {
    const figures: Figure[] = []
    for (const fixture of ['one-source', 'two-sources'])
      for (const figure of await measureFixture(bench, fixture)) figures.push(figure)
    return figures
  },
}

async function measureFixture(bench: Bench, name: string): Promise<Figure[]> {
  const url = await bench.create(name, bench.rows)
  const migration = await migrate(url, bench.fixture(name), 'sync')
  await run(
    url,
    ...(name === 'one-source'
      ? [
          `CREATE TABLE keys (n serial PRIMARY KEY, id uuid)`,
          `INSERT INTO keys (id) SELECT id FROM notes ORDER BY created_at DESC`,
        ]
      : []),
    'VACUUM (ANALYZE)',
  )
  await bench.checkpoint()
  const oldSide = await connectAll(url, 1)
  const newSide = await connectAll(url, 1)
  for (const client of newSide) await client.query(`SET search_path = crossfade_compat, public`)
  const figures: Figure[] = []
  for (const read of READS.filter((r) => r.fixture === name)) {
    const sample = (clients: pg.Client[]) => async (): Promise<number> =>
      (await runBlock(clients, read.times, (client, i) => ask(client, read, i, bench.rows))).ms / read.times
    const [a, b] = [newSide[0], oldSide[0]]
    if (!a || !b) throw new Error('no connection')
    assertEqual(await ask(a, read, 1, bench.rows), await ask(b, read, 1, bench.rows), read.of)
    const measured = await alternate(sample(newSide), sample(oldSide), {
      rounds: bench.options.quick ? 7 : 15,
      warmUp: 2,
    })
    bench.say(`${read.of}: ${measured.ratio.median.toFixed(2)}`)
    figures.push(
      compared(read.of, 'ms', measured, {
        aim: { atMost: 1.1 },
        ...(/by id|every row/.test(read.of) ? { line: `compat view: ${read.of}` } : {}),
      }),
    )
  }
  await endAll(oldSide, newSide)
  await migration.close()
  await bench.drop(url)
  return figures
}

async function ask(client: pg.Client, { of, text, values }: Read, index: number, rows: number): Promise<unknown> {
  return (await client.query({ name: of, text, ...(values ? { values: values(index, rows) } : {}) })).rows
}

function assertEqual(a: unknown, b: unknown, of: string): void {
  const text = (rows: unknown): string => JSON.stringify((rows as object[]).map((row) => JSON.stringify(row)).sort())
  if (text(a) !== text(b)) throw new Error(`${of}: the view answers something else than the table`)
}
