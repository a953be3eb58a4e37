import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeTable, diffTables, fingerprint } from '../../src/catalog/fingerprint.ts'
import { readCatalog } from '../../src/catalog/read-catalog.ts'
import { connect, type Database } from '../../src/db/connect.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
let db: Database
beforeAll(async () => {
  database = await createTestDatabase()
  db = await connect(database.url)
  await database.query(/* sql */ `
    create table public.posts (
      id int primary key, status text not null default 'queued', gone int,
      constraint known check (status in ('queued', 'posted'))
    );
    grant select on public.posts to public`)
})
afterAll(async () => {
  await db.close()
  await database.drop()
})

async function read() {
  const client = await db.session()
  try {
    return (await readCatalog(client, ['public'])).tables
  } finally {
    await client.end()
  }
}

test('describes a table line by line', async () => {
  const [posts] = await read()
  expect(posts && describeTable(posts)).toEqual([
    'column "gone" integer',
    'column "id" integer not null',
    `column "status" text not null default 'queued'::text`,
    `constraint "known" CHECK ((status = ANY (ARRAY['queued'::text, 'posted'::text])))`,
    'constraint "posts_pkey" PRIMARY KEY (id)',
    'grant of SELECT to PUBLIC without grant option',
    'row level security for the owner off',
    'row level security off',
    'the relation is a table',
  ])
})

test('says what changed, and changes its print only then', async () => {
  const before = await read()
  await database.query(/* sql */ `
    create index on public.posts (status);
    comment on table public.posts is 'nothing that matters'`)
  const same = await read()
  expect(diffTables(before, same)).toEqual([])
  expect(fingerprint(same)).toBe(fingerprint(before))

  await database.query(/* sql */ `
    alter table public.posts add column mood text, drop column gone, alter column status drop not null;
    alter table public.posts enable row level security;
    create policy mine on public.posts for select using (id > 0);
    create unique index posts_status on public.posts (status);
    create table public."Odd ""one""" (a int)`)
  const after = await read()
  expect(diffTables(before, after)).toEqual([
    'public."Odd ""one""": the table was added',
    'public.posts: column "gone" integer was removed',
    'public.posts: column "mood" text was added',
    `public.posts: column "status" changed from text not null default 'queued'::text to text default 'queued'::text`,
    'public.posts: policy "mine" as permissive for select to PUBLIC using ((id > 0)) was added',
    'public.posts: row level security changed from off to on',
    'public.posts: unique index "posts_status" CREATE UNIQUE INDEX posts_status ON public.posts USING btree (status) was added',
  ])
  expect(fingerprint(after)).not.toBe(fingerprint(before))
  expect(fingerprint([...after].reverse())).toBe(fingerprint(after))
})
