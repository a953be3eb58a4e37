import { expect, onTestFinished, test } from 'vitest'
import { createTestDatabase } from '../support/database.ts'
import { commandsOver, draftOf } from './draft-of.ts'

async function databaseWith(...statements: string[]) {
  const database = await createTestDatabase()
  onTestFinished(() => database.drop())
  for (const statement of statements) await database.query(statement)
  return database
}

const PEOPLE = [
  `create table people (email text primary key, name text not null, tenant int not null)`,
  `create table people_old (email text primary key, name text not null, tenant int not null)`,
  `insert into people select 'User' || g || '@x.org', 'name ' || g, 1 from generate_series(1, 200) g`,
  `insert into people_old select 'user' || g || '@x.org', 'name ' || g, 1 from generate_series(100, 300) g`,
]

test('a key that is folded is no parent for values that are written otherwise', async () => {
  const database = await databaseWith(
    ...PEOPLE,
    `create table visits (id bigserial primary key, email text not null, page text not null)`,
    `create table visits_old (id bigserial primary key, email text not null, page text not null)`,
    `insert into visits (email, page) select 'User' || (g % 200 + 1) || '@x.org', 'page ' || g from generate_series(1, 900) g`,
    `insert into visits_old (email, page) select 'User' || (g % 200 + 1) || '@x.org', 'page ' || g from generate_series(400, 1200) g`,
  )
  const { plan, ddl } = await draftOf(database)
  const reference = plan.references.find((one) => one.references === 'unified_people')
  expect(reference).toMatchObject({ target: 'unified_visits', column: 'email', form: 'folded', orphans: 200 })
  expect(ddl).not.toMatch(/^alter table unified_visits/m)
})

test('where policies differ, the new table is closed, and a question says so', async () => {
  const database = await databaseWith(
    ...PEOPLE,
    `alter table people enable row level security`,
    `alter table people_old enable row level security`,
    `create policy own on people using (tenant = 1)`,
    `create policy own on people_old using (tenant = 2)`,
  )
  const draft = await draftOf(database)
  expect(draft.ddl).toContain('alter table unified_people enable row level security;')
  expect(draft.ddl).not.toContain('create policy')
  expect(draft.ddl).toContain('their policies differ')
  const { commands } = await commandsOver(database, draft)
  await commands.approve('design')
}, 30_000)

test('names that need care come through both files', async () => {
  const columns = `"a ""b"" 'c'_id" text primary key, "back\\slash" text not null, "two\nlines" text, "user" text, "Ünï" int`
  const values = `select 'k' || g, 'v' || g, 'w' || g, 'u' || g, g from generate_series`
  const database = await databaseWith(
    `create table "odd table" (${columns})`,
    `create table "odd table old" (${columns})`,
    `insert into "odd table" ${values}(1, 100) g`,
    `insert into "odd table old" ${values}(50, 150) g`,
  )
  const draft = await draftOf(database, { tables: ['odd table', 'odd table old'] })
  expect(draft.plan.targets[0]?.columns.map(({ name }) => name)).toEqual([
    `a "b" 'c'_id`,
    'back\\slash',
    'two\nlines',
    'user',
    'Ünï',
  ])
  const { commands } = await commandsOver(database, draft)
  await commands.approve('design')
}, 30_000)
