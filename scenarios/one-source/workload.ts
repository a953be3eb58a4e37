import type { Workload } from '../../test/scenarios/workload.ts'

const STATES = ['draft', 'live', 'gone', null]

export const workload: Workload = {
  old: {
    async author(client, random) {
      await client.query('begin')
      const { rows } = await client.query(`insert into posts (title, state) values ('fresh', 'draft') returning id`)
      await client.query(`update posts set body = $2, score = $3 where id = $1`, [
        rows[0].id,
        'said',
        random.int(9999) / 4,
      ])
      await client.query('commit')
    },
    async editor(client, random) {
      const id = 1 + random.int(340)
      await client.query(`update posts set state = $2, title = $3 where id = $1`, [
        id,
        random.pick(STATES),
        `Edit ${id}`,
      ])
    },
    async reviser(client, random) {
      // One row moves out of the new table and in again.
      await client.query(`update posts set score = $1 where id = 60`, [random.chance(0.5) ? 0.123 : 0.12])
    },
    async cleaner(client, random) {
      await client.query(`delete from posts where id in (select id from posts where id > 300 order by id limit $1)`, [
        random.int(2),
      ])
    },
  },
  native: {
    async author(client, random) {
      await client.query(`insert into articles (headline, score, reviewed) values ('native', $1, true)`, [
        random.int(500),
      ])
    },
    async editor(client, random) {
      const id = 1 + random.int(340)
      await client.query(`update articles set headline = $2, state = 'live', reviewed = true where id = $1`, [
        id,
        `Native ${id}`,
      ])
    },
    async cleaner(client) {
      await client.query(
        `delete from articles where id in (select id from articles where id > 320 order by id limit 1)`,
      )
    },
  },
}
