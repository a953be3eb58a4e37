import type { Workload } from '../../test/scenarios/workload.ts'

export const workload: Workload = {
  expected: ['23505'],
  old: {
    async write(client, random) {
      await client.query(`insert into posts (title, live) values ('fresh', $1)`, [random.chance(0.5)])
    },
    async throughTheView(client, random) {
      const id = 1 + random.int(220)
      if (random.chance(0.2)) await client.query(`delete from live_posts where id = $1`, [id])
      else await client.query(`update live_posts set title = 'through the view', views = views + 1 where id = $1`, [id])
    },
    async publish(client, random) {
      await client.query(`update posts set live = not live where id = $1`, [1 + random.int(220)])
    },
    async like(client, random) {
      await client.query(
        `insert into post_likes values ($1, 1) on conflict (post_id) do update set likes = post_likes.likes + 1`,
        [1 + random.int(260)],
      )
    },
    async account(client, random) {
      const id = 1 + random.int(200)
      const turn = random.int(4)
      if (turn === 0)
        await client.query(`insert into active_accounts (id, email) values ($1, 'view@example.org')`, [id])
      else if (turn === 1) await client.query(`update accounts set closed = not closed where id = $1`, [id])
      else if (turn === 2)
        await client.query(`update active_accounts set email = $2 where id = $1`, [id, `v${id}@x.org`])
      else await client.query(`delete from accounts where id = $1`, [id])
    },
  },
  native: {
    async write(client) {
      await client.query(`insert into articles (title, live) values ('native', true)`)
    },
    async edit(client, random) {
      await client.query(`update articles set title = 'native edit' where id = $1 and title is not null`, [
        1 + random.int(220),
      ])
    },
    async customer(client, random) {
      await client.query(`insert into customers (id, email) values ($1, 'native@example.org') on conflict do nothing`, [
        1_000 + random.int(1_000_000),
      ])
    },
    async leave(client, random) {
      await client.query(`delete from customers where id = $1`, [1 + random.int(200)])
    },
  },
}
