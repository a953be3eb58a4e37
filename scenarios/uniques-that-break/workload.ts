import type { Random } from '../../test/scenarios/random.ts'
import type { Workload } from '../../test/scenarios/workload.ts'

const decision = (random: Random): number => 1 + random.int(170)
const tweet = (random: Random): string => `t${random.int(40)}`

export const workload: Workload = {
  expected: ['23505'],
  // A value that another row has, or that would make another row the winner.
  refused: ['23505', 'CF001', 'CF002'],
  old: {
    async swap(client, random) {
      // Two decisions exchange their tweets, in two statements; two pages in one.
      const [one = 0, other = 0] = [decision(random), decision(random)].sort((a, b) => a - b)
      await client.query('begin')
      const { rows } = await client.query<{ n: number; tweet_id: string | null }>(
        `select n, tweet_id from unnest(array[$1::int, $2]) as n join decisions_v1 on decision_id = key_of(n) order by n for update of decisions_v1`,
        [one, other],
      )
      await client.query(`update decisions_v1 set tweet_id = $2 where decision_id = key_of($1)`, [
        one,
        rows.at(-1)?.tweet_id ?? null,
      ])
      await client.query(`update decisions_v1 set tweet_id = $2 where decision_id = key_of($1)`, [
        other,
        rows.at(0)?.tweet_id ?? null,
      ])
      await client.query('commit')
      await client.query(
        `update pages_v1 p set address = q.address from pages_v1 q
          where (p.id, q.id) in (($1::int, $2::int), ($2, $1))`,
        [1 + random.int(75), 76 + random.int(75)],
      )
    },
    async post(client, random) {
      await client.query(
        `insert into decisions_v1 (decision_id, tweet_id, content) values (key_of($1), $2, 'posted')
         on conflict (decision_id) do update set tweet_id = excluded.tweet_id, posted_at = excluded.posted_at`,
        [decision(random), tweet(random)],
      )
    },
    async link(client, random) {
      const n = decision(random)
      if (random.chance(0.4)) await client.query(`delete from tweet_links where decision_id = key_of($1)`, [n])
      else {
        await client.query(
          `insert into tweet_links values (key_of($1), $2) on conflict (decision_id) do update set tweet_id = excluded.tweet_id`,
          [n, tweet(random)],
        )
      }
    },
    async withdraw(client, random) {
      // Of one tweet the one that counts.
      await client.query(
        `delete from decisions_v1 where decision_id =
           (select decision_id from decisions_v1 where tweet_id = $1 order by posted_at desc, decision_id limit 1)`,
        [tweet(random)],
      )
    },
    async claim(client, random) {
      const id = 1 + random.int(170)
      const address = random.chance(0.1) ? null : `/${random.int(45)}`
      if (random.chance(0.2)) await client.query(`delete from pages_v1 where id = $1`, [id])
      else {
        await client.query(
          `insert into pages_v1 values ($1, $2, 'claimed', timestamptz '2025-01-01' + $3 * interval '1 day')
           on conflict (id) do update set address = excluded.address, claimed_at = excluded.claimed_at`,
          [id, address, random.int(25)],
        )
      }
    },
  },
  native: {
    async post(client, random) {
      await client.query(
        `insert into posted_content (decision_id, tweet_id, content, posted_at) values ($1, $2, 'native', now())`,
        [random.uuid(), `n${random.int(1_000_000_000)}`],
      )
    },
    async edit(client, random) {
      await client.query(
        `update posted_content set content = 'native edit' where tweet_id = $1 and content is not null`,
        [tweet(random)],
      )
    },
    async withdraw(client, random) {
      // The next takes its place.
      await client.query(`delete from posted_content where tweet_id = $1`, [tweet(random)])
    },
    async claim(client, random) {
      await client.query(`update pages set address = $2 where id = $1`, [
        1 + random.int(170),
        random.chance(0.5) ? `/${random.int(45)}` : `/native/${random.int(1_000_000)}`,
      ])
    },
    async leave(client, random) {
      await client.query(`delete from pages where id = $1`, [1 + random.int(170)])
    },
  },
}
