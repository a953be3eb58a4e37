import type { Workload } from '../../test/scenarios/workload.ts'

export const workload: Workload = {
  expected: ['23505'],
  old: {
    async measure(client, random) {
      const fahrenheit = random.chance(0.05) ? 5_000_000 : random.int(20_000) / 100
      await client.query(`update sensors set temperature_f = $2, seen_at = clock_timestamp() where id = $1`, [
        1 + random.int(250),
        fahrenheit,
      ])
    },
    async switch(client, random) {
      await client.query(`update sensors set status = $2 where id = $1`, [
        1 + random.int(250),
        random.pick(['A', 'I', 'R', '?']),
      ])
    },
    async paint(client, random) {
      await client.query(`update sensors set settings = settings || $2::jsonb, price_cents = $3 where id = $1`, [
        1 + random.int(250),
        JSON.stringify({ color: random.pick(['blue', 'ø']), level: 1.5 }),
        random.int(99_999),
      ])
    },
    async install(client, random) {
      await client.query(`insert into sensors (id, name) values ($1, 'new')`, [201 + random.int(100)])
    },
    async remove(client, random) {
      await client.query(`delete from sensors where id = $1`, [1 + random.int(300)])
    },
  },
  native: {
    async measure(client, random) {
      await client.query(`update devices set temperature = $2 where id = $1`, [
        1 + random.int(250),
        random.int(9_999_999) / 10_000,
      ])
    },
    async switch(client, random) {
      await client.query(`update devices set state = $2, price = $3 where id = $1`, [
        1 + random.int(250),
        random.pick(['active', 'idle', 'retired']),
        random.int(99_999) / 100,
      ])
    },
    async paint(client, random) {
      await client.query(
        `update devices set color = $2, settings = settings || '{"by": "native", "n": 1.00}' where id = $1`,
        [1 + random.int(250), random.pick(['black', null])],
      )
    },
    async install(client, random) {
      await client.query(
        `insert into devices (id, name, temperature, price, state, color, settings, tags)
         values ($1, 'native', 21.1235, 12.34, 'idle', 'white', '{"a": {"b": [1.0, null]}}', array['t'])`,
        [1_000_000 + random.int(1_000_000_000)],
      )
    },
  },
}
