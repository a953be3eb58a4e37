import type { Random } from '../../test/scenarios/random.ts'
import type { Workload } from '../../test/scenarios/workload.ts'

const person = (random: Random): number => 1 + random.int(230)
const TABLES = ['crm_people', 'shop_people', 'letter_people']

export const workload: Workload = {
  expected: ['23505'],
  refused: ['CF001'],
  old: {
    async move(client, random) {
      // Into the past, too, and to nowhere.
      await client.query(`update ${random.pick(TABLES)} set city = $2, updated_at = $3 where id = $1`, [
        person(random),
        random.chance(0.2) ? null : `City ${random.int(100)}`,
        new Date(Date.UTC(2025, 0, 1 + random.int(11))),
      ])
    },
    async write(client, random) {
      const table = random.pick(['crm_people', 'shop_people'])
      await client.query(`update ${table} set name = $2, phone = $3, score = $4, visits = visits + 1 where id = $1`, [
        person(random),
        random.chance(0.3) ? null : `Name ${random.int(100)}`,
        random.chance(0.3) ? null : `3-${random.int(100)}`,
        random.chance(0.3) ? null : random.int(300),
      ])
    },
    async say(client, random) {
      await client.query(`update crm_people set status = $2, tier = $3, channel = $4 where id = $1`, [
        person(random),
        random.pick(['active', 'live', 'closed', 'gone', 'zombie']),
        random.pick(['gold', 'silver', 'basic', 'odd', null]),
        random.pick(['web', 'www', 'phone', 'pigeon']),
      ])
    },
    async meet(client, random) {
      const n = person(random)
      await client.query('begin')
      await client.query(
        `insert into letter_people (id, email) values ($1, 'new@x.org')
         on conflict (id) do update set email = null, updated_at = clock_timestamp()`,
        [n],
      )
      await client.query(
        `insert into shop_people (id, state, city) values ($1, $2, 'Shop')
         on conflict (id) do update set state = excluded.state, email = 'shop@x.org'`,
        [n, random.pick(['A', 'C', '?'])],
      )
      await client.query('commit')
    },
    async forget(client, random) {
      await client.query(`delete from ${random.pick(TABLES)} where id = $1`, [person(random)])
    },
  },
  native: {
    async meet(client, random) {
      await client.query(
        `insert into people (id, name, status, tier, channel, city, score) values ($1, 'native', 'on', 'premium', 'voice', 'Bonn', 5)`,
        [1_000 + random.int(1_000_000_000)],
      )
    },
    async move(client, random) {
      await client.query(`update people set city = $2 where id = $1`, [person(random), `Native ${random.int(100)}`])
    },
    async write(client, random) {
      await client.query(`update people set name = $2, phone = $3, score = $4 where id = $1 and name is not null`, [
        person(random),
        `Native ${random.int(100)}`,
        `4-${random.int(100)}`,
        random.int(300),
      ])
    },
    async say(client, random) {
      await client.query(
        `update people set status = $2, tier = $3, channel = $4 where id = $1 and channel is not null`,
        [
          person(random),
          random.pick(['on', 'off']),
          random.pick(['premium', 'plain']),
          random.pick(['online', 'voice']),
        ],
      )
    },
    async forget(client, random) {
      await client.query(`delete from people where id = $1`, [person(random)])
    },
  },
}
