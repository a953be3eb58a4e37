import type { Workload } from '../../test/scenarios/workload.ts'

export const workload: Workload = {
  expected: ['23505'],
  old: {
    async order(client, random) {
      await client.query(`insert into orders (order_id, customer) values (key_of($1), 'late')`, [150 + random.int(200)])
    },
    async annotate(client, random) {
      await client.query(`insert into order_notes (order_key, note) values (spelled($1, $2), $3)`, [
        1 + random.int(350),
        1 + random.int(9),
        `n${random.int(1000)}`,
      ])
    },
    async respell(client, random) {
      // Another spelling of the same key, of another order, or of none.
      await client.query(
        `update order_notes set order_key = spelled($1, $2), noted_at = clock_timestamp()
         where id = (select id from order_notes order by id offset $3 limit 1)`,
        [1 + random.int(350), 1 + random.int(9), random.int(200)],
      )
    },
    async close(client, random) {
      await client.query(`update orders set state = 'closed' where order_id = key_of($1)`, [1 + random.int(350)])
    },
    async forget(client, random) {
      if (random.chance(0.3))
        await client.query(`delete from orders where order_id = key_of($1)`, [1 + random.int(350)])
      else {
        await client.query(
          `delete from order_notes where id = (select id from order_notes order by id offset $1 limit 1)`,
          [random.int(100)],
        )
      }
    },
  },
  native: {
    async order(client, random) {
      await client.query(
        `insert into purchases (customer, state, note, shipping, placed_at) values ('native', 'open', $1, 'slow', now())`,
        [`n${random.int(1000)}`],
      )
    },
    async close(client, random) {
      await client.query(`update purchases set state = 'done' where order_id = key_of($1) and customer is not null`, [
        1 + random.int(350),
      ])
    },
    async annotate(client, random) {
      // Goes to the note that counts, in whatever spelling its key is; an order without one gets one.
      await client.query(`update purchases set note = $2 where order_id = key_of($1)`, [
        1 + random.int(350),
        `native ${random.int(1000)}`,
      ])
    },
    async forget(client, random) {
      await client.query(`delete from purchases where order_id = key_of($1)`, [1 + random.int(350)])
    },
  },
}
