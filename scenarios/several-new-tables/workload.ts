import type { Random } from '../../test/scenarios/random.ts'
import type { Workload } from '../../test/scenarios/workload.ts'

const user = (random: Random): number => 1 + random.int(170)

export const workload: Workload = {
  expected: ['23505'],
  // A member with purchases; purchases of nobody.
  refused: ['23503', '23505', 'CF001'],
  old: {
    async order(client, random) {
      const n = user(random)
      await client.query('begin')
      await client.query(`insert into old_orders (buyer, amount_cents) values (key_of($1), $2)`, [n, random.int(9999)])
      await client.query(`insert into users_a (id, email) values (key_of($1), 'late') on conflict do nothing`, [n])
      await client.query(`insert into old_audit (line) values ('order')`)
      await client.query('commit')
    },
    async play(client, random) {
      const n = user(random)
      await client.query(
        `insert into users_b values ($1, 'player', 1) on conflict (user_id) do update set points = users_b.points + 1`,
        [n % 2 === 0 ? (await keyOf(client, n)).toUpperCase() : await keyOf(client, n)],
      )
    },
    async leave(client, random) {
      const n = user(random)
      if (random.chance(0.5)) await client.query(`delete from users_a where id = key_of($1)`, [n])
      else await client.query(`delete from users_b where user_id::uuid = key_of($1)`, [n])
    },
    async pay(client, random) {
      await client.query(
        `update old_orders set state = 'paid', buyer = case when $2 then key_of($3) else buyer end where no = $1`,
        [1 + random.int(300), random.chance(0.3), user(random)],
      )
    },
    async tidy(client, random) {
      const id = 1 + random.int(200)
      if (random.chance(0.5)) await client.query(`delete from old_audit where id = $1`, [id])
      else await client.query(`update old_audit set line = line || '.' where id = $1`, [id])
    },
  },
  native: {
    async join(client, random) {
      const id = random.uuid()
      await client.query('begin')
      await client.query(`insert into members (member_id, email, created_at) values ($1, 'native', now())`, [id])
      await client.query(`insert into purchases (purchase_no, member_id, amount) values ($1, $2, 1.25)`, [
        1_000_000 + random.int(1_000_000_000),
        id,
      ])
      await client.query(`insert into audit_trail (line) values ('native')`)
      await client.query('commit')
    },
    async pay(client, random) {
      await client.query(`update purchases set state = 'done', amount = $2 where purchase_no = $1`, [
        1 + random.int(300),
        random.int(9999) / 100,
      ])
    },
    async leave(client, random) {
      await client.query(
        `delete from ${random.chance(0.3) ? 'members where member_id = key_of($1)' : 'purchases where purchase_no = $1'}`,
        [user(random)],
      )
    },
    async tidy(client, random) {
      await client.query(
        `delete from audit_trail where id = (select id from audit_trail order by id offset $1 limit 1)`,
        [random.int(100)],
      )
    },
  },
}

async function keyOf(client: import('pg').Client, n: number): Promise<string> {
  const { rows } = await client.query<{ key: string }>(`select key_of($1)::text as key`, [n])
  return rows[0]?.key ?? ''
}
