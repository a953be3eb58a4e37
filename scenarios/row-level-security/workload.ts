import type pg from 'pg'
import type { Random } from '../../test/scenarios/random.ts'
import type { Workload, Writer } from '../../test/scenarios/workload.ts'

/** One transaction as one of the two users, as a web application would set it. */
function asUser(work: (client: pg.Client, random: Random, user: string) => Promise<unknown>): Writer {
  return async (client, random) => {
    const user = random.pick(['alice', 'bob'])
    await client.query('begin')
    await client.query(`select set_config('app.user', $1, true)`, [user])
    await work(client, random, user)
    await client.query('commit')
  }
}

export const workload: Workload = {
  role: 'scenario_member',
  expected: ['23505'],
  old: {
    note: asUser((client, random, user) =>
      client.query(`insert into notes (id, owner_name, body, is_public) values ($1, $2, 'new', $3)`, [
        random.uuid(),
        user,
        random.chance(0.3),
      ]),
    ),
    // Sees its own rows alone, so only those are changed.
    edit: asUser((client, random) =>
      client.query(`update notes set body = $2, secret = $2 where id = key_of($1)`, [
        1 + random.int(160),
        `edit ${random.int(1000)}`,
      ]),
    ),
    describe: asUser(async (client, random, user) => {
      const n = 1 + random.int(200)
      const owner = n % 2 === 0 ? 'alice' : 'bob'
      if (owner !== user) return
      await client.query(
        `insert into note_details (note_id, owner_name, summary, is_public) values (key_of($1), $2, 's', $3)
         on conflict (note_id) do update set summary = 'again'`,
        [n, owner, n % 5 === 0],
      )
    }),
    forget: asUser((client, random) =>
      client.query(`delete from ${random.pick(['notes where id', 'note_details where note_id'])} = key_of($1)`, [
        1 + random.int(160),
      ]),
    ),
    letter: asUser((client, random) =>
      client.query(`update letters set words = $2 where id = $1`, [1 + random.int(80), `w ${random.int(1000)}`]),
    ),
  },
  native: {
    edit: asUser((client, random) =>
      client.query(`update papers set body = $2, summary = $2, secret = $2 where id = key_of($1)`, [
        1 + random.int(160),
        `native ${random.int(1000)}`,
      ]),
    ),
    add: asUser((client, random, user) =>
      client.query(`insert into papers (id, owner_name, body) values ($1, $2, 'native')`, [random.uuid(), user]),
    ),
    mail: asUser((client, random) =>
      client.query(`update mail set words = $2 where id = $1`, [1 + random.int(80), `native ${random.int(1000)}`]),
    ),
    forget: asUser((client, random) => client.query(`delete from papers where id = key_of($1)`, [1 + random.int(160)])),
  },
}
