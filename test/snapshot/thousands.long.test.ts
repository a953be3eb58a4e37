import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { protectSession, readSnapshot } from '../../src/snapshot/read-snapshot.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

let few: TestDatabase
let thousands: TestDatabase

beforeAll(async () => {
  ;[few, thousands] = await Promise.all([createTestDatabase(), createTestDatabase()])
  await makeTables(few, 3)
  for (let from = 0; from < 3000; from += 100) await makeTables(thousands, 100, from)
}, 240_000)

afterAll(async () => {
  await few.drop()
  await thousands.drop()
})

/** Tables like those of an application, with views, policies, triggers, partitions and publications among them. */
async function makeTables(database: TestDatabase, count: number, from = 0): Promise<void> {
  await database.query(/* sql */ `
    do $do$ begin
      if ${from} = 0 then
        create function noted() returns trigger language plpgsql as 'begin perform from t_1, t_2; return new; end';
        create publication of_all for all tables;
      end if;
      for i in ${from}..${from + count - 1} loop
        execute format('create table t_%s (id bigint generated always as identity primary key, parent_id bigint,
          name text not null default ''x'', status text check (status in (''a'', ''b'')), made_at timestamptz default now())', i);
        execute format('create index on t_%s (parent_id)', i);
        execute format('alter table t_%s add foreign key (parent_id) references t_%s', i, i / 2);
        if i % 10 = 0 then
          execute format('create view v_%s as select id, name from t_%s', i, i);
          execute format('create trigger noted after insert on t_%s for each row execute function noted()', i);
          execute format('create policy own on t_%s using (id > 0)', i);
        end if;
      end loop;
    end $do$`)
}

async function countQueries(database: TestDatabase): Promise<{ queries: number; tables: number }> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  try {
    await protectSession(client, 120_000)
    let queries = 0
    // Counts what goes over the wire, and lets it go.
    const query = client.query.bind(client) as (...args: unknown[]) => unknown
    Object.assign(client, {
      query: (...args: unknown[]) => {
        queries++
        return query(...args)
      },
    })
    const { catalog } = await readSnapshot(client, database.url, { schemas: [] })
    return { queries, tables: catalog.tables.length }
  } finally {
    await client.end()
  }
}

test('asks as many queries of 3,000 tables as of three', async () => {
  const small = await countQueries(few)
  const large = await countQueries(thousands)
  expect(large.tables).toBe(3300)
  expect(large.queries).toBe(small.queries)
}, 240_000)
