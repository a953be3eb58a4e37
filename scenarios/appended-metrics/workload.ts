import type { Random } from '../../test/scenarios/random.ts'
import type { Workload } from '../../test/scenarios/workload.ts'

const TABLES = ['outcomes', 'real_tweet_metrics', 'tweet_analytics', 'follower_counts']
/** Mostly of a decision that is there: who waits for one is in the journal, and gates wait for the journal. */
const tweet = (random: Random): string => `t${1 + random.int(90)}`

export const workload: Workload = {
  expected: ['23505'],
  // Until finish: a link is not for changing, and the word for the source has no way back.
  refused: ['CF002'],
  old: {
    async collect(client, random) {
      await client.query('begin')
      await client.query(`insert into outcomes (decision_id, likes, engagement_rate) values ($1, $2, $3)`, [
        random.chance(0.03) ? 'made-up' : random.uuid(),
        random.int(1000),
        random.chance(0.03) ? 500 : random.int(9) / 10,
      ])
      await client.query(
        `insert into real_tweet_metrics (tweet_id, likes, engagement_percent) values ($1, $2, 12.34)`,
        [tweet(random), random.int(1000)],
      )
      await client.query(`insert into tweet_analytics (tweet_id, favorites, rate_percent) values ($1, null, 0.01)`, [
        tweet(random),
      ])
      await client.query('commit')
    },
    async correct(client, random) {
      const table = random.pick(TABLES)
      await client.query(
        `update ${table} set ${table === 'tweet_analytics' ? 'favorites = favorites' : 'likes = likes'} + 1 where id = $1`,
        [1 + random.int(150)],
      )
    },
    async recount(client, random) {
      // The same old key in two tables at once; a value that has no room gets one, or loses it.
      const id = 1 + random.int(150)
      await client.query('begin')
      await client.query(`update outcomes set engagement_rate = $2 where id = $1`, [
        id,
        random.chance(0.05) ? 77 : random.int(100) / 100,
      ])
      await client.query(`update real_tweet_metrics set engagement_percent = $2, tweet_id = $3 where id = $1`, [
        id,
        random.int(90_000) / 100,
        tweet(random),
      ])
      await client.query('commit')
    },
    async decide(client, random) {
      const turn = random.int(3)
      const key = 1 + random.int(120)
      if (turn === 0) await client.query(`delete from posted_decisions where decision_id = key_of($1)`, [key])
      else {
        await client.query(
          `insert into posted_decisions values (key_of($1), $2)
           on conflict (decision_id) do update set tweet_id = excluded.tweet_id`,
          [key, turn === 1 ? `t${key}` : tweet(random)],
        )
      }
    },
    async clean(client, random) {
      await client.query(`delete from ${random.pick(TABLES)} where id = $1`, [1 + random.int(150)])
    },
  },
  native: {
    async collect(client, random) {
      // Goes to the first source, whose word it must have.
      await client.query(
        `insert into engagement_metrics (decision_id, likes, engagement_rate, collected_pass, data_source)
         values ($1, $2, 0.5, 9, 'outcomes')`,
        [random.uuid(), random.int(1000)],
      )
    },
    async correct(client, random) {
      await client.query(
        `update engagement_metrics set likes = likes + 1
          where id = (select id from engagement_metrics order by id offset $1 limit 1)`,
        [random.int(200)],
      )
    },
    async rate(client, random) {
      await client.query(
        `update engagement_metrics set engagement_rate = $2
          where id = (select id from engagement_metrics where data_source <> 'follower_counts' order by id offset $1 limit 1)`,
        [random.int(150), random.int(90_000) / 10_000],
      )
    },
    async clean(client, random) {
      await client.query(
        `delete from engagement_metrics where id = (select id from engagement_metrics order by id offset $1 limit 1)`,
        [random.int(200)],
      )
    },
  },
}
