import type pg from 'pg'
import type { Write, Writes } from '../fixtures/fixture.ts'
import { alternateAll } from '../harness/alternate.ts'
import type { Bench, Measure } from '../harness/bench.ts'
import { type Block, connectAll, endAll, runBlock, withClient } from '../harness/client.ts'
import { type Aim, compared, type Figure } from '../harness/figure.ts'
import { migrate } from '../harness/migration.ts'

const CLIENTS = [1, 8]
const AIMS: Readonly<Record<string, Aim>> = { 'one-source': { atMost: 1.25 }, 'two-sources': { atMost: 1.5 } }

export const singleRow: Measure = {
  name: 'single-row',
  title: 'A single-row write with inline sync / without; / the two statements by hand',
  how: 'Prepared statements over the wire, each its own transaction: milliseconds for one, from the time of a block. `by hand` writes the old and the new table in one transaction (BEGIN, two statements, COMMIT), without Crossfade.',
  grows: true,
  async run(bench) {
    const figures: Figure[] = []
    for (const name of ['one-source', 'two-sources', 'linked', 'appended'])
      for (const figure of await measureFixture(bench, name)) figures.push(figure)
    return figures
  },
}

async function measureFixture(bench: Bench, name: string): Promise<Figure[]> {
  const fixture = bench.fixture(name)
  const rows = Math.min(bench.rows, 1_000_000)
  const [plain, synced, byHand] = [
    await bench.create(name, rows),
    await bench.create(name, rows),
    await bench.create(name, rows),
  ]
  const migration = await migrate(synced, fixture, 'sync')
  // Both sides by hand: the same two tables with the same rows, and nobody in between.
  const other = await migrate(byHand, fixture, 'sync')
  await other.commands.rollback('build')
  await other.close()
  await withClient(byHand, async (client) => {
    const { rows: tables } = await client.query(
      `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE t.tgname = 'crossfade_closed'`,
    )
    for (const table of tables) await client.query(`DROP TRIGGER crossfade_closed ON ${table.name}`)
    await client.query(
      'ALTER DATABASE CURRENT_DATABASE() SET search_path = public, new_schema'.replace(
        'CURRENT_DATABASE()',
        new URL(byHand).pathname.slice(1),
      ),
    )
  })
  const figures: Figure[] = []
  try {
    for (const durable of [true, false]) {
      await bench.setDurable(durable)
      for (const count of CLIENTS) {
        const found = await measureClients(bench, { plain, synced, byHand }, fixture.old, fixture.new, {
          name,
          rows,
          count,
          durable,
        })
        figures.push(...found)
        await migration.assertSame()
      }
    }
  } finally {
    await bench.setDurable(true)
    await migration.close()
  }
  await bench.drop(plain, synced, byHand)
  return figures
}

async function measureClients(
  bench: Bench,
  urls: { plain: string; synced: string; byHand: string },
  old: Writes,
  both: Writes,
  of: { name: string; rows: number; count: number; durable: boolean },
): Promise<Figure[]> {
  const plain = await connectAll(urls.plain, of.count)
  const synced = await connectAll(urls.synced, of.count)
  const byHand = await connectAll(urls.byHand, of.count)
  const total = bench.options.quick ? 200 : 400
  const rounds = bench.options.quick ? 5 : 15
  const figures: Figure[] = []
  // Inserted rows are the ones that are deleted at the end, so that every round finds what it needs.
  const keyOf = (statement: string, round: number, index: number): number =>
    statement === 'update'
      ? 1 + ((round * 7919 + index * 104729) % of.rows)
      : of.rows + 1 + ((((of.count * 1000 + round) % 2000) * total) % of.rows) + index
  for (const statement of ['update', 'insert', 'upsert', 'delete'] as const) {
    const perWrite = async (block: Promise<Block>): Promise<number> => (await block).ms / total
    const key = (round: number, index: number): number => keyOf(statement, round, index)
    await bench.checkpoint()
    const { inline, hand } = await alternateAll(
      {
        synced: (round) =>
          perWrite(runBlock(synced, total, (c, i) => write(c, statement, old[statement], key(round, i), round))),
        plain: (round) =>
          perWrite(runBlock(plain, total, (c, i) => write(c, statement, old[statement], key(round, i), round))),
        byHand: (round) =>
          perWrite(
            runBlock(byHand, total, async (c, i) => {
              await c.query('BEGIN')
              await write(c, statement, old[statement], key(round, i), round)
              await write(c, `new ${statement}`, both[statement], key(round, i), round)
              await c.query('COMMIT')
            }),
          ),
      },
      { rounds, warmUp: 2, ratios: { inline: ['synced', 'plain'], hand: ['synced', 'byHand'] } },
    )
    const label = `${of.name}: ${statement}, ${of.count} ${of.count === 1 ? 'client' : 'clients'}`
    bench.say(
      `${label}${of.durable ? '' : ', fsync off'}: ${inline.ratio.median.toFixed(2)} of without, ${hand.ratio.median.toFixed(2)} of by hand`,
    )
    const aim = AIMS[of.name]
    figures.push(
      compared(`${label}; inline / without`, 'ms', inline, {
        durable: of.durable,
        ...(aim ? { aim } : {}),
        ...(of.count === 1 && !of.durable ? { line: `${of.name}: ${statement} with sync` } : {}),
      }),
      compared(`${label}; inline / by hand`, 'ms', hand, { durable: of.durable, aim: { atMost: 1 } }),
    )
  }
  await endAll(plain, synced, byHand)
  return figures
}

function write(client: pg.Client, name: string, { text, values }: Write, key: number, round: number): Promise<unknown> {
  return client.query({ name, text, values: values(key, round) })
}
