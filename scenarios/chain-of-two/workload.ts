import type { Random } from '../../test/scenarios/random.ts'
import type { Workload } from '../../test/scenarios/workload.ts'

const order = (random: Random): number => 1 + random.int(160)

export const workload: Workload = {
  expected: ['23505'],
  old: {
    async place(client, random) {
      const n = order(random)
      await client.query(
        `insert into shop_orders (order_id, order_ref, customer, total) values (key_of($1), $2, $3, 1)
         on conflict (order_id) do update set order_ref = excluded.order_ref, customer = excluded.customer`,
        [n, `R${random.chance(0.8) ? n : order(random)}`, 1 + random.int(40)],
      )
    },
    async pack(client, random) {
      await client.query(
        `insert into parcels values ($1, $2) on conflict (tracking) do update set order_ref = excluded.order_ref`,
        [`P${order(random)}`, random.chance(0.1) ? null : `R${order(random)}`],
      )
    },
    async relabel(client, random) {
      const [from, to] = [`P${order(random)}`, `P${order(random)}`]
      if (random.chance(0.5)) await client.query(`update parcels set tracking = $2 where tracking = $1`, [from, to])
      else await client.query(`delete from parcels where tracking = $1`, [from])
    },
    async scan(client, random) {
      await client.query(`insert into scans (tracking, depot) values ($1, $2)`, [
        random.chance(0.05) ? null : `P${order(random)}`,
        random.pick(['North', 'South', 'East', 'West']),
      ])
    },
    async rename(client, random) {
      const no = 1 + random.int(40)
      if (random.chance(0.3)) await client.query(`delete from customers where no = $1`, [no])
      else {
        await client.query(
          `insert into customers values ($1, $2) on conflict (no) do update set name = excluded.name`,
          [no, `Name ${random.int(1000)}`],
        )
      }
    },
    async cancel(client, random) {
      if (random.chance(0.5)) await client.query(`delete from shop_orders where order_id = key_of($1)`, [order(random)])
      else await client.query(`delete from scans where id = $1`, [1 + random.int(350)])
    },
  },
  native: {
    async place(client, random) {
      await client.query(`insert into deliveries (order_ref, total, placed_at) values ($1, 9.99, now())`, [
        `N${random.int(1_000_000_000)}`,
      ])
    },
    async discount(client, random) {
      await client.query(`update deliveries set total = total / 2 where order_id = key_of($1)`, [order(random)])
    },
    async correct(client, random) {
      await client.query(
        `update deliveries set depot = 'corrected' where order_id = key_of($1) and depot is not null`,
        [order(random)],
      )
    },
    async cancel(client, random) {
      await client.query(`delete from deliveries where order_id = key_of($1)`, [order(random)])
    },
  },
}
