import type { Workload } from '../../test/scenarios/workload.ts'

/** Members 1 to 420: most are in some of the tables, none in all. */
export const workload: Workload = {
  // Two sign-ups, or two first bills, of one member.
  expected: ['23505'],
  old: {
    async signUp(client, random) {
      const n = 300 + random.int(120)
      await client.query('begin')
      await client.query(`insert into people (id, name, email) values (key_of($1), $2, $3)`, [
        n,
        `New ${n}`,
        `n${n}@x.org`,
      ])
      await client.query(`insert into newsletter_subscribers (user_id, subscribed) values (key_of($1)::text, true)`, [
        n,
      ])
      await client.query('commit')
    },
    async profile(client, random) {
      const n = 1 + random.int(420)
      await client.query(
        `insert into profiles (person_id, display_name, bio) values (key_of($1), $2, $3)
         on conflict (person_id) do update set display_name = excluded.display_name, bio = excluded.bio`,
        [n, random.chance(0.3) ? null : `Shown ${random.int(1000)}`, `bio ${random.int(1000)}`],
      )
    },
    async billing(client, random) {
      const n = 1 + random.int(420)
      if (random.chance(0.5)) {
        await client.query(`insert into billing_customers (person_id, stripe_id) values (key_of($1), $2)`, [
          n,
          `cus_${n}`,
        ])
      } else {
        await client.query(`update billing_customers set plan = $2 where person_id = key_of($1)`, [
          n,
          random.pick(['free', 'pro']),
        ])
      }
    },
    async newsletter(client, random) {
      const n = 1 + random.int(420)
      await client.query(`insert into newsletter_subscribers (user_id, subscribed) values (key_of($1)::text, $2)`, [
        n,
        random.chance(0.5),
      ])
    },
    async forget(client, random) {
      const n = 1 + random.int(420)
      const table = random.pick(['people', 'profiles', 'billing_customers'])
      await client.query(`delete from ${table} where ${table === 'people' ? 'id' : 'person_id'} = key_of($1)`, [n])
    },
  },
  native: {
    async signUp(client, random) {
      await client.query(
        `insert into members (member_id, name, email, created_at) values ($1, 'native', 'n@x.org', now())`,
        [random.uuid()],
      )
    },
    async rename(client, random) {
      // The name of a member of whom only a profile is known goes to the profile.
      await client.query(
        `update members set name = $2, created_at = coalesce(created_at, now()) where member_id = key_of($1)`,
        [1 + random.int(420), `Native ${random.int(1000)}`],
      )
    },
    async subscribe(client, random) {
      await client.query(`update members set subscribed = $2 where member_id = key_of($1) and subscribed is not null`, [
        1 + random.int(420),
        random.chance(0.5),
      ])
    },
    async forget(client, random) {
      await client.query(`delete from members where member_id = key_of($1)`, [1 + random.int(420)])
    },
  },
}
