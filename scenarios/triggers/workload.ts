import type { Workload } from '../../test/scenarios/workload.ts'

const STATES = ['open', 'done', 'dropped']

export const workload: Workload = {
  expected: ['23505'],
  old: {
    async work(client, random) {
      await client.query(`update tasks set state = $2 where id = $1`, [21 + random.int(180), random.pick(STATES)])
    },
    async rename(client, random) {
      await client.query(`update tasks set title = $2 where id = $1`, [
        1 + random.int(200),
        `Title ${random.int(1000)}`,
      ])
    },
    async note(client, random) {
      await client.query(
        `insert into task_notes (task_id, note) values ($1, $2) on conflict (task_id) do update set note = excluded.note`,
        [1 + random.int(200), `note ${random.int(1000)}`],
      )
    },
    async add(client, random) {
      await client.query(`insert into tasks (id, parent_id, title) values ($1, null, 'added')`, [201 + random.int(500)])
    },
    async drop(client, random) {
      await client.query(`delete from tasks where id = $1`, [201 + random.int(500)])
    },
  },
  native: {
    async work(client, random) {
      await client.query(`update work_items set state = $2 where id = $1 and title is not null`, [
        21 + random.int(180),
        random.pick(STATES),
      ])
    },
    async note(client, random) {
      await client.query(`update work_items set note = $2 where id = $1 and note is not null`, [
        1 + random.int(200),
        `native ${random.int(1000)}`,
      ])
    },
    async rename(client, random) {
      await client.query(`update work_items set title = $2 where id = $1 and title is not null`, [
        1 + random.int(200),
        `Native ${random.int(1000)}`,
      ])
    },
  },
}
