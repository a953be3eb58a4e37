import type { Random } from '../../test/scenarios/random.ts'
import type { Workload } from '../../test/scenarios/workload.ts'

/** Few, so that the writers meet: tweets that are shared, that no decision has, and none. */
const tweetId = (random: Random): string | null =>
  random.chance(0.05) ? null : random.chance(0.05) ? `made-up-${random.int(9)}` : `t${1 + random.int(170)}`

export const workload: Workload = {
  expected: ['23505'],
  // A decision takes a tweet that others wait for: what the old tables then give is not what was written.
  refused: ['CF002'],
  old: {
    async postOutOfOrder(client, random) {
      // The three records of a post, the one that links them last.
      const tweet = tweetId(random)
      await client.query('begin')
      await client.query(`insert into tweets (tweet_id, tweet_text) values ($1, 'out of order')`, [tweet])
      await client.query(`insert into posts (tweet_id, caption) values ($1, 'out of order')`, [tweet])
      await client.query(
        `insert into posted_decisions (decision_id, tweet_id, content, posted_at)
         values (key_of($1), $2, 'late', clock_timestamp())
         on conflict (decision_id) do update set tweet_id = excluded.tweet_id, posted_at = excluded.posted_at`,
        [1 + random.int(180), tweet],
      )
      await client.query('commit')
    },
    async change(client, random) {
      await client.query(`update posted_decisions set tweet_id = $2 where decision_id = key_of($1)`, [
        1 + random.int(180),
        tweetId(random),
      ])
    },
    async fetch(client, random) {
      await client.query(`insert into tweets (tweet_id, tweet_text, likes) values ($1, 'fetched', $2)`, [
        tweetId(random),
        random.int(1000),
      ])
    },
    async count(client, random) {
      await client.query(
        `update tweets set likes = likes + 1, fetched_at = clock_timestamp(), tweet_id = case when $2 then $3 else tweet_id end
          where id = $1`,
        [1 + random.int(150), random.chance(0.3), tweetId(random)],
      )
    },
    async boost(client, random) {
      await client.query(`update posts set boosted = not boosted where tweet_id = $1`, [tweetId(random)])
    },
    async withdraw(client, random) {
      const table = random.pick(['posted_decisions', 'tweets', 'posts'])
      await client.query(`delete from ${table} where id = $1`, [1 + random.int(200)])
    },
  },
  native: {
    async write(client, random) {
      await client.query(
        `insert into posted_content (decision_id, tweet_id, content, posted_at) values ($1, $2, 'native', now())`,
        [random.uuid(), `n${random.int(1_000_000_000)}`],
      )
    },
    async edit(client, random) {
      await client.query(`update posted_content set content = $2 where decision_id = key_of($1)`, [
        1 + random.int(180),
        `Native ${random.int(1000)}`,
      ])
    },
    async like(client, random) {
      await client.query(
        `update posted_content set likes = likes + 1, boosted = true
          where decision_id = key_of($1) and likes is not null and boosted is not null`,
        [1 + random.int(180)],
      )
    },
    async withdraw(client, random) {
      await client.query(`delete from posted_content where decision_id = key_of($1)`, [1 + random.int(180)])
    },
  },
}
