import type { Workload } from '../../test/scenarios/workload.ts'

const SITES = ['Berlin', 'İzmir', 'Oslo', 'a|b,{c}"d', 'New York']

export const workload: Workload = {
  // A row moves to a place that is taken.
  expected: ['23505'],
  old: {
    async count(client, random) {
      await client.query(
        `insert into stock_counts (warehouse, article, quantity) values ($1, $2, $3)
         on conflict (warehouse, article) do update set quantity = excluded.quantity, counted_at = clock_timestamp()`,
        [random.pick(SITES), 1 + random.int(100), random.int(500)],
      )
    },
    async relocate(client, random) {
      await client.query(`update stock_places set site = $1 where site = $2 and article_no = $3`, [
        random.pick(SITES),
        random.pick(SITES),
        1 + random.int(100),
      ])
    },
    async renumber(client, random) {
      await client.query(`update stock_counts set article = $1 where warehouse = $2 and article = $3`, [
        1 + random.int(100),
        random.pick(SITES),
        1 + random.int(100),
      ])
    },
    async reserve(client, random) {
      await client.query(`update stock_places set reserved = $1 where article_no = $2`, [
        random.int(9),
        1 + random.int(100),
      ])
    },
    async clear(client, random) {
      const table = random.pick(['stock_counts where warehouse', 'stock_places where site'])
      const article = table.startsWith('stock_counts') ? 'article' : 'article_no'
      await client.query(`delete from ${table} = $1 and ${article} = $2`, [random.pick(SITES), 1 + random.int(100)])
    },
  },
  native: {
    async count(client, random) {
      await client.query(`update stock set quantity = $1, counted_at = now() where warehouse = $2 and article = $3`, [
        random.int(500),
        random.pick(SITES),
        1 + random.int(100),
      ])
    },
    async add(client, random) {
      await client.query(
        `insert into stock (warehouse, article, quantity, counted_at) values ($1, $2, 1, now()) on conflict do nothing`,
        [random.pick(SITES), 100 + random.int(100)],
      )
    },
    async clear(client, random) {
      await client.query(`delete from stock where warehouse = $1 and article = $2`, [
        random.pick(SITES),
        1 + random.int(200),
      ])
    },
  },
}
