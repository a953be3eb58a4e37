import type pg from 'pg'
import type { Random } from '../../test/scenarios/random.ts'
import type { Workload } from '../../test/scenarios/workload.ts'

const post = (random: Random): number => 1 + random.int(170)

/** Works before finish and after it: none of it knows where the posts are. */
const analyse = async (client: pg.Client): Promise<void> => {
  await client.query(`select count(*), sum(likes) from feed`)
  await client.query(`select id, title_of(id), post_count() from top_posts limit 5`)
}
const discuss = async (client: pg.Client, random: Random): Promise<void> => {
  if (random.chance(0.3)) {
    await client.query(`delete from comments where id = (select id from comments order by id offset $1 limit 1)`, [
      random.int(100),
    ])
  } else await client.query(`insert into comments (post_id, body) values ($1, 'hm')`, [post(random)])
}

export const workload: Workload = {
  // A comment on a post that is gone, a pinned post.
  expected: ['23503', '23505'],
  refused: ['23503', '23505'],
  old: {
    analyse,
    discuss,
    async write(client, random) {
      const id = post(random)
      await client.query('begin')
      await client.query(
        `insert into posts_a (id, title) values ($1, 'new') on conflict (id) do update set title = $2`,
        [id, `Again ${random.int(3)}`],
      )
      await client.query(
        `insert into posts_b values ($1, 1) on conflict (post_id) do update set likes = posts_b.likes + 1`,
        [id],
      )
      await client.query('commit')
    },
    async remove(client, random) {
      await client.query(`delete from posts_a where id = $1`, [post(random)])
    },
    async pin(client, random) {
      if (random.chance(0.5)) await client.query(`delete from pins where post_id = $1`, [1 + random.int(20)])
      else await client.query(`insert into pins (post_id) values ($1)`, [1 + random.int(20)])
    },
  },
  native: {
    analyse,
    discuss,
    async write(client, random) {
      await client.query(`insert into articles (article_id, title) values ($1, 'native')`, [
        1_000 + random.int(1_000_000_000),
      ])
    },
    async like(client, random) {
      await client.query(
        `update articles set likes = likes + 1, title = $2 where article_id = $1 and likes is not null`,
        [post(random), `Liked ${random.int(3)}`],
      )
    },
    async remove(client, random) {
      await client.query(`delete from articles where article_id = $1`, [1 + random.int(150)])
    },
  },
}
