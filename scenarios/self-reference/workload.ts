import type { Workload } from '../../test/scenarios/workload.ts'

export const workload: Workload = {
  expected: ['23505'],
  // Below nothing that is there.
  refused: ['23503', 'CF001'],
  old: {
    async drop(client, random) {
      // What is below remains.
      await client.query(`delete from old_categories where id = $1`, [1 + random.int(60)])
    },
    async restore(client, random) {
      const id = 1 + random.int(60)
      await client.query(`insert into old_categories values ($1, $2, 'restored') on conflict do nothing`, [
        id,
        id > 10 ? Math.floor(id / 3) : null,
      ])
    },
    async move(client, random) {
      // Always to a smaller one, so never in a circle.
      const id = 11 + random.int(160)
      await client.query(`update old_categories set above = $2, title = 'moved' where id = $1`, [
        id,
        1 + random.int(id - 1),
      ])
    },
  },
  native: {
    async add(client, random) {
      await client.query(
        `insert into categories values ($1, (select min(category_id) from categories where above is null), 'native')`,
        [1_000 + random.int(1_000_000)],
      )
    },
    async rename(client, random) {
      await client.query(`update categories set title = 'renamed' where category_id = $1`, [1 + random.int(150)])
    },
    async drop(client, random) {
      // With all below.
      await client.query(`delete from categories where category_id = $1`, [40 + random.int(110)])
    },
  },
}
