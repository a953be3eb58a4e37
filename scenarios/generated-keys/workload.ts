import type { Workload } from '../../test/scenarios/workload.ts'

export const workload: Workload = {
  expected: ['23505'],
  // The tweet of a deleted row belongs to another decision then, or the old side gives a value of another row.
  refused: ['CF002'],
  old: {
    async adopt(client, random) {
      // The decision of an orphan arrives.
      const n = 1 + random.int(160)
      await client.query(
        `insert into posted_decisions (decision_id, tweet_id, content) values (key_of($1), $2, $3)
         on conflict (decision_id) do update set tweet_id = excluded.tweet_id`,
        [n, `t${random.chance(0.7) ? n : 1 + random.int(160)}`, random.chance(0.5) ? 'adopted' : null],
      )
    },
    async abandon(client, random) {
      const n = 1 + random.int(160)
      if (random.chance(0.5)) await client.query(`delete from posted_decisions where decision_id = key_of($1)`, [n])
      else await client.query(`update posted_decisions set tweet_id = null where decision_id = key_of($1)`, [n])
    },
    async tweetAndPost(client, random) {
      const tweet = `t${1 + random.int(160)}`
      await client.query('begin')
      await client.query(`insert into posts (tweet_id, content) values ($1, 'both')`, [tweet])
      await client.query(
        `insert into tweets (tweet_id, content) values ($1, 'both')
         on conflict (tweet_id) do update set likes = tweets.likes + 1`,
        [tweet],
      )
      await client.query('commit')
    },
    async identify(client, random) {
      // A tweet without an id is told which it is, or loses it.
      await client.query(`update tweets set tweet_id = $2 where id = $1`, [
        1 + random.int(110),
        random.chance(0.2) ? null : `t${1 + random.int(160)}`,
      ])
    },
    async boost(client, random) {
      await client.query(`update posts set boosted = not boosted where tweet_id = $1`, [`t${1 + random.int(160)}`])
    },
    async purge(client, random) {
      await client.query(`delete from ${random.pick(['tweets', 'posts'])} where id = $1`, [1 + random.int(150)])
    },
  },
  native: {
    async write(client, random) {
      await client.query(`insert into posted_content (tweet_id, content, posted_at) values ($1, 'native', now())`, [
        `n${random.int(1_000_000_000)}`,
      ])
    },
    async likeAnOrphan(client, random) {
      await client.query(
        `update posted_content set likes = likes + 1 where likes is not null and tweet_id = $1 and posted_at is null`,
        [`t${1 + random.int(160)}`],
      )
    },
    async edit(client, random) {
      await client.query(
        `update posted_content set content = $2 where decision_id = key_of($1) and content is not null`,
        [1 + random.int(160), `Native ${random.int(1000)}`],
      )
    },
    async purge(client, random) {
      await client.query(`delete from posted_content where tweet_id = $1`, [`t${1 + random.int(160)}`])
    },
  },
}
