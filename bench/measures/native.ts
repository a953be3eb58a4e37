import { alternate } from '../harness/alternate.ts'
import type { Bench, Measure } from '../harness/bench.ts'
import { connectAll, endAll, runBlock } from '../harness/client.ts'
import { compared, type Figure } from '../harness/figure.ts'
import { migrate } from '../harness/migration.ts'
import { createUnsynced } from '../harness/unsynced.ts'
import { keyOf, STATEMENTS, write } from '../harness/writing.ts'

const FIXTURES = ['one-source', 'two-sources', 'appended']
const CLIENTS = [1, 8]

export const native: Measure = {
  name: 'native',
  title: 'A native write to a new table with reverse sync / without',
  how: 'As the single-row writes, by new names: the table after `move`, against the same table without Crossfade.',
  async run(bench) {
    const figures: Figure[] = []
    for (const name of FIXTURES) for (const figure of await measureFixture(bench, name)) figures.push(figure)
    return figures
  },
}

async function measureFixture(bench: Bench, name: string): Promise<Figure[]> {
  const fixture = bench.fixture(name)
  const urls = { plain: await createUnsynced(bench, name, bench.rows), synced: await bench.create(name, bench.rows) }
  const migration = await migrate(urls.synced, fixture, 'move')
  const total = bench.options.quick ? 200 : 400
  const figures: Figure[] = []
  for (const durable of [true, false]) {
    await bench.setDurable(durable)
    for (const count of CLIENTS) {
      const plain = await connectAll(urls.plain, count)
      const synced = await connectAll(urls.synced, count)
      for (const statement of STATEMENTS) {
        const side = (clients: typeof plain) => async (round: number) => {
          const block = await runBlock(clients, total, (client, index) => {
            const key = keyOf(statement, { rows: bench.rows, round, index, total, partners: false })
            return write(client, statement, fixture.new[statement], key, round)
          })
          return block.ms / total
        }
        await bench.checkpoint()
        const measured = await alternate(side(synced), side(plain), { rounds: bench.options.quick ? 5 : 15, warmUp: 2 })
        const label = `${name}: ${statement}, ${count} ${count === 1 ? 'client' : 'clients'}`
        bench.say(`${label}${durable ? '' : ', fsync off'}: ${measured.ratio.median.toFixed(2)}`)
        figures.push(compared(label, 'ms', measured, { durable, aim: { atMost: 1.5 } }))
      }
      await endAll(plain, synced)
      await migration.assertSame()
    }
  }
  await bench.setDurable(true)
  await migration.close()
  await bench.drop(urls.plain, urls.synced)
  return figures
}
