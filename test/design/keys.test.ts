import { expect, onTestFinished, test } from 'vitest'
import { createTestDatabase } from '../support/database.ts'
import { commandsOver, draftOf } from './draft-of.ts'

async function databaseWith(...statements: string[]) {
  const database = await createTestDatabase()
  onTestFinished(() => database.drop())
  for (const statement of statements) await database.query(statement)
  return database
}

async function verified(
  database: Awaited<ReturnType<typeof databaseWith>>,
  draft: Awaited<ReturnType<typeof draftOf>>,
) {
  const { commands } = await commandsOver(database, draft)
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  await commands.sync()
  await commands.verify()
}

const CAST = [
  `create table film_actor (actor_id integer, film_id integer, billing smallint, primary key (actor_id, film_id))`,
  `create table film_actor_old (film_id text, actor_id text, note text, primary key (film_id, actor_id))`,
  `insert into film_actor select 1 + g % 40, 1 + g % 77, g % 9 from generate_series(1, 900) g`,
  `insert into film_actor_old select film_id, actor_id, 'n' from film_actor where actor_id % 4 > 0`,
  `insert into film_actor_old values ('2001', '7', 'n')`,
]

test('a key of several columns, in the type of the numbers that the other table has', async () => {
  const database = await databaseWith(...CAST)
  const draft = await draftOf(database)
  const [target] = draft.plan.targets
  expect(target?.rule).toMatchObject({
    kind: 'merge',
    key: ['actor_id', 'film_id'],
    sources: { film_actor_old: { key: ['actor_id::integer', 'film_id::integer'] } },
  })
  expect(target?.primaryKey).toEqual(['actor_id', 'film_id'])
  expect(target?.columns.map(({ name, shape }) => [name, shape.type])).toContainEqual(['film_id', 'integer'])
  await verified(database, draft)
  const [row] = await database.query(`select count(*)::int as rows from new_schema.unified_film_actors`)
  const [old] = await database.query(`select count(*)::int + 1 as rows from film_actor`)
  expect(row).toEqual(old)
}, 60_000)

test('one text that is no number, and the key stays a text', async () => {
  const database = await databaseWith(...CAST, `insert into film_actor_old values ('007', 'x', 'n')`)
  const { plan } = await draftOf(database)
  expect(plan.targets[0]?.columns.map(({ name, shape }) => [name, shape.type])).toEqual(
    expect.arrayContaining([
      ['film_id', 'text'],
      ['actor_id', 'text'],
    ]),
  )
})

test('two tables that share contents are joined by the key that their rows were compared by', async () => {
  const database = await databaseWith(
    `create domain year as integer check (value > 1900)`,
    `create domain release as year`,
    `create table film (film_id serial primary key, title text not null, release_year release, rate numeric(4,2))`,
    `create table film_old (film_id text primary key, title varchar(255), release_year integer, rate numeric(6,2))`,
    `create table inventory (inventory_id serial primary key, film_id integer references film)`,
    `insert into film (title, release_year, rate) select 'film ' || md5('' || g), 1950 + g % 50, g % 7 from generate_series(1, 500) g`,
    `insert into film_old select film_id, title, release_year, rate from film where film_id <= 300`,
    `insert into film_old select g, 'other ' || g, 1960, 1 from generate_series(1001, 1100) g`,
    `insert into inventory (film_id) select 1 + g % 500 from generate_series(1, 900) g`,
    // Its actors are found in film_old more often than films are, and its films in film.
    `create table casting (actor_id text, film_id text, primary key (film_id, actor_id))`,
    `insert into casting select 1 + g % 120, 400 - g from generate_series(1, 130) g`,
  )
  const draft = await draftOf(database)
  const [target] = draft.plan.targets
  expect(target?.rule).toMatchObject({ kind: 'merge', key: 'film_id' })
  expect(target?.columns.find(({ name }) => name === 'release_year')?.shape.type).toBe('integer')
  expect(draft.config).toContain(
    `release_year: { from: 'release_year::integer', back: 'release_year::public.release' }`,
  )
  await verified(database, draft)
}, 60_000)

const PEOPLE = [
  `create table people (id serial primary key, email text unique not null, badge text unique, name text, changed timestamptz)`,
  `create table people_old (email text primary key, badge text unique, legacy int unique, name text, changed timestamptz)`,
  `create table visits (id serial primary key, person integer references people)`,
  `insert into people (email, badge, name, changed)
     select 'user' || g || '@x.org', 'b' || g, 'name ' || md5('' || g), '2025-01-01' from generate_series(1, 320) g`,
  `insert into people_old select 'user' || g || '@x.org', 'b' || g, g, 'name ' || md5('' || g), '2024-01-01' from generate_series(100, 400) g`,
  `insert into visits (person) select 1 + g % 300 from generate_series(1, 900) g`,
]

test('unique keys of the sources, and a number that others refer to', async () => {
  const database = await databaseWith(...PEOPLE)
  const draft = await draftOf(database, { tables: ['people', 'people_old'] })
  for (const line of [
    'unique in people, which alone gives it\n  unique (id)',
    'unique in people_old, which alone gives it\n  unique (legacy)',
    'unique in people, people_old, and no two of 400 rows share it\n  unique (badge)',
  ])
    expect(draft.ddl).toContain(line)
  expect(draft.ddl).toContain('people.id stays beside the key, since visits reference it')
  expect(draft.ddl).not.toContain('(badge);')
  expect(draft.config).not.toContain('unique:')
  await verified(database, draft)
}, 60_000)

test('rows that share what was unique: a few wait, with a question; of many it is none', async () => {
  const database = await databaseWith(
    ...PEOPLE,
    `update people_old set badge = case when legacy < 397 then badge when legacy = 400 then null else 'b' || legacy - 396 end`,
  )
  const draft = await draftOf(database, { tables: ['people', 'people_old'] })
  expect(draft.ddl).toContain('  unique (badge)')
  expect(draft.config).toMatch(/QUESTION: 6 of 399 rows of unified_people share \(badge\) with another/)
  expect(draft.config).toMatch(/badge: \{\s+pick: 'latest by changed',\s+otherwise: 'journal',\s+\}/)
  const { commands } = await commandsOver(database, draft)
  await commands.approve('design')
  await database.query(`update people_old set badge = 'b' || legacy - 310 where legacy > 320`)
  const many = await draftOf(database, { tables: ['people', 'people_old'] })
  expect(many.ddl).toMatch(/^-- alter table unified_people add unique \(badge\);$/m)
  expect(many.ddl).not.toContain('  unique (badge)')
  expect(many.config).not.toContain('unique:')
}, 60_000)

test('a partitioned source asks for an index before the gate does', async () => {
  const database = await databaseWith(
    `create table payment (payment_id int, paid date, ref uuid, primary key (paid, payment_id)) partition by range (paid)`,
    `create table payment_1 partition of payment for values from ('2024-01-01') to ('2025-01-01')`,
    `create table payment_archive (payment_id bigint primary key, paid date, ref uuid unique)`,
    `insert into payment select g, date '2024-01-01' + g % 300, md5('' || g)::uuid from generate_series(1, 400) g`,
    `insert into payment_archive select payment_id, paid, ref from payment where payment_id % 2 = 0`,
  )
  const { ddl, plan } = await draftOf(database, { tables: ['payment', 'payment_archive'] })
  expect(plan.remarks.map(({ text }) => text).join()).toContain('payment is partitioned, and sync needs an index on it')
  expect(ddl).toMatch(/^-- alter table unified_payments add unique \(ref\);$/m)
})
