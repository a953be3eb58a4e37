import type { Fixture } from '../fixtures/fixture.ts'
import { alternateAll } from '../harness/alternate.ts'
import type { Bench, Measure } from '../harness/bench.ts'
import { connectAll, endAll, runBlock } from '../harness/client.ts'
import { type Aim, compared, type Figure } from '../harness/figure.ts'
import { migrate } from '../harness/migration.ts'
import { createUnsynced } from '../harness/unsynced.ts'
import { keyOf, STATEMENTS, write } from '../harness/writing.ts'

const FIXTURES = ['one-source', 'two-sources', 'linked', 'appended']
const CLIENTS = [1, 8]
const AIMS: Readonly<Record<string, Aim>> = { 'one-source': { atMost: 1.25 }, 'two-sources': { atMost: 1.5 } }

export const singleRow: Measure = {
  name: 'single-row',
  title: 'A single-row write with inline sync / without; / the two statements by hand',
  how: 'Prepared statements over the wire, each its own transaction: milliseconds for one, from the time of a block. `by hand` writes the old and the new table in one transaction (BEGIN, two statements, COMMIT), without Crossfade.',
  grows: true,
  async run(bench) {
    const figures: Figure[] = []
    for (const name of FIXTURES)
      for (const figure of await measureFixture(bench, bench.fixture(name))) figures.push(figure)
    return figures
  },
}

interface Sides {
  readonly plain: string
  readonly synced: string
  readonly byHand: string
}

interface Circumstances {
  readonly rows: number
  readonly clients: number
  readonly durable: boolean
}

async function measureFixture(bench: Bench, fixture: Fixture): Promise<Figure[]> {
  const { rows } = bench
  const sides = {
    plain: await bench.create(fixture.name, rows),
    synced: await bench.create(fixture.name, rows),
    byHand: await createUnsynced(bench, fixture.name, rows),
  }
  const migration = await migrate(sides.synced, fixture, 'sync')
  const figures: Figure[] = []
  try {
    for (const durable of [true, false]) {
      await bench.setDurable(durable)
      for (const clients of CLIENTS) {
        for (const figure of await measureStatements(bench, sides, fixture, { rows, clients, durable }))
          figures.push(figure)
        await migration.assertSame()
      }
    }
  } finally {
    await bench.setDurable(true)
    await migration.close()
  }
  await bench.drop(...Object.values(sides))
  return figures
}

async function measureStatements(bench: Bench, urls: Sides, fixture: Fixture, of: Circumstances): Promise<Figure[]> {
  const plain = await connectAll(urls.plain, of.clients)
  const synced = await connectAll(urls.synced, of.clients)
  const byHand = await connectAll(urls.byHand, of.clients)
  const total = bench.options.quick ? 200 : 400
  const rounds = bench.options.quick ? 5 : 15
  const figures: Figure[] = []
  for (const statement of STATEMENTS) {
    const old = fixture.old[statement]
    const both = fixture.new[statement]
    const keyAt = (round: number, index: number): number => keyOf(statement, { rows: of.rows, round, index, total })
    const alone = (clients: typeof plain) => async (round: number) =>
      (await runBlock(clients, total, (c, i) => write(c, statement, old, keyAt(round, i), round))).ms / total
    const twice = async (round: number): Promise<number> => {
      const block = await runBlock(byHand, total, async (c, i) => {
        await c.query('BEGIN')
        await write(c, statement, old, keyAt(round, i), round)
        await write(c, `new ${statement}`, both, keyAt(round, i), round)
        await c.query('COMMIT')
      })
      return block.ms / total
    }
    await bench.checkpoint()
    const { inline, hand } = await alternateAll(
      { synced: alone(synced), plain: alone(plain), byHand: twice },
      { rounds, warmUp: 2, ratios: { inline: ['synced', 'plain'], hand: ['synced', 'byHand'] } },
    )
    const label = `${fixture.name}: ${statement}, ${of.clients} ${of.clients === 1 ? 'client' : 'clients'}`
    const { durable } = of
    bench.say(
      `${label}${durable ? '' : ', fsync off'}: ${inline.ratio.median.toFixed(2)} of without, ${hand.ratio.median.toFixed(2)} of by hand`,
    )
    const aim = AIMS[fixture.name]
    const line =
      of.clients === 1 && !durable && statement === 'update' ? { line: `${fixture.name}, an update with sync` } : {}
    figures.push(
      compared(`${label}; inline / without`, 'ms', inline, { durable, ...(aim ? { aim } : {}), ...line }),
      compared(`${label}; inline / by hand`, 'ms', hand, { durable, aim: { atMost: 1 } }),
    )
  }
  await endAll(plain, synced, byHand)
  return figures
}
