import type { Random } from '../../test/scenarios/random.ts'
import type { Workload } from '../../test/scenarios/workload.ts'

const project = (random: Random): number => 1 + random.int(40)
const task = (random: Random): number => 1001 + random.int(140)

export const workload: Workload = {
  expected: ['23505'],
  // A project that has tasks, a task or hours without their parent.
  refused: ['23503', 'CF001'],
  old: {
    async plan(client, random) {
      await client.query(
        `insert into old_projects (id, title) values (key_of($1), $2)
         on conflict (id) do update set title = excluded.title`,
        [project(random), random.chance(0.2) ? null : `Planned ${random.int(100)}`],
      )
    },
    async giveUp(client, random) {
      // Its tasks remain.
      await client.query(`delete from old_projects where id = key_of($1)`, [project(random)])
    },
    async addOutOfOrder(client, random) {
      const [p, t] = [project(random), task(random)]
      await client.query('begin')
      await client.query(`insert into time_entries (task, minutes) values (key_of($1), 1)`, [t])
      await client.query(
        `insert into old_tasks (id, project, title) values (key_of($1), key_of($2), 'out of order')
         on conflict (id) do update set project = excluded.project`,
        [t, p],
      )
      if (random.chance(0.5))
        await client.query(`insert into old_projects (id, title) values (key_of($1), 'last') on conflict do nothing`, [
          p,
        ])
      await client.query('commit')
    },
    async drop(client, random) {
      // Its hours remain.
      await client.query(`delete from old_tasks where id = key_of($1)`, [task(random)])
    },
    async note(client, random) {
      if (random.chance(0.7))
        await client.query(`insert into time_entries (task, minutes) values (key_of($1), 5)`, [task(random)])
      else {
        await client.query(`update time_entries set task = key_of($2), minutes = minutes + 1 where id = $1`, [
          1 + random.int(300),
          task(random),
        ])
      }
    },
    async clean(client, random) {
      await client.query(`delete from time_entries where id = $1`, [1 + random.int(300)])
    },
  },
  native: {
    async start(client, random) {
      const [p, t] = [random.uuid(), random.uuid()]
      await client.query('begin')
      await client.query(`insert into projects (project_id, title, owner) values ($1, 'native', 'me')`, [p])
      await client.query(`insert into tasks (task_id, project_id, title) values ($1, $2, 'native')`, [t, p])
      await client.query(`insert into hours (task_id, minutes, noted_at) values ($1, 10, now())`, [t])
      await client.query('commit')
    },
    async reassign(client, random) {
      await client.query(
        `update tasks set done = not done,
                project_id = (select project_id from projects where owner is not null order by project_id offset $2 limit 1)
          where task_id = key_of($1)`,
        [task(random), random.int(10)],
      )
    },
    async dropTask(client, random) {
      await client.query(`delete from tasks where task_id = key_of($1)`, [task(random)])
    },
    async dropProject(client, random) {
      if (random.chance(0.5)) {
        // With tasks, mostly.
        await client.query(`delete from projects where project_id = key_of($1)`, [project(random)])
        return
      }
      const id = random.uuid()
      await client.query(`insert into projects (project_id, title, owner) values ($1, 'brief', 'me')`, [id])
      await client.query(`delete from projects where project_id = $1`, [id])
    },
    async work(client, random) {
      await client.query(
        `update hours set minutes = minutes + 1 where id = (select id from hours order by id offset $1 limit 1)`,
        [random.int(200)],
      )
    },
  },
}
