import { expect, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import { createProject } from '../lifecycle/project.ts'
import { withEngine } from './engine.ts'

test('a text that is too long for the index of a key fails no old statement, and has no key', async () => {
  await withEngine(
    {
      oldSql: `create table pages (id serial primary key, url text, title text);`,
      newSql: `create table page (url text primary key, title text);`,
      tables: { page: { key: 'url', sources: { pages: {} } } },
    },
    async (e) => {
      // Not to be compressed, so it stays longer than a third of a page.
      const long = `(select string_agg(md5(n::text), '') from generate_series(1, 400) as n)`
      await e.db.query(`insert into pages (url, title) values ('short', 'a'), (${long}, 'b')`)
      await e.db.query(`update pages set url = ${long} where url = 'short'`)
      await e.drain()
      expect(await e.db.query('select * from new_schema.page')).toEqual([])
      expect((await e.journal()).map((j) => j.old_key)).toEqual([['2'], ['1']])
      expect(await e.differences()).toEqual([])
    },
  )
})

test('a value that is too long for an index of the new table goes into the journal', async () => {
  await withEngine(
    {
      oldSql: `create table pages (id int primary key, title text);`,
      newSql: `create table page (id int primary key, title text); create index on page (title);`,
      tables: { page: { key: 'id', sources: { pages: {} } } },
    },
    async (e) => {
      await e.db.query(`insert into pages select 1, string_agg(md5(n::text), '') from generate_series(1, 400) as n`)
      await e.drain()
      expect((await e.journal()).map((j) => j.sqlstate)).toEqual(['54000'])
    },
  )
})

test('the rows of a key are found by an index also where the source is a view', async () => {
  await withEngine(
    {
      oldSql: `create table posts (id serial primary key, ref text, gone boolean not null default false);
               create view live_posts as select id, ref from posts where not gone;`,
      newSql: `create table post (ref uuid primary key);`,
      tables: { post: { key: 'ref', sources: { live_posts: { key: 'ref::uuid' } } } },
    },
    async (e) => {
      const [source] = e.mapping.targets[0]?.sources ?? []
      await e.db.query(`insert into posts (ref) select gen_random_uuid() from generate_series(1, 2000)`)
      await e.db.query('analyze posts')
      const plan = await e.db.query(
        `explain (costs off) select from live_posts where ${source?.lookup[0]} = '5cc5b6cb-1eab-4dd2-8a0d-4dbe0cd1a4b1'`,
      )
      expect(JSON.stringify(plan)).toContain('crossfade_key_1_posts')
    },
  )
})

test('a partitioned source without an index on its key is refused before anything is built', async () => {
  const { commands, query } = await createProject({
    oldSql: `create table events (id int, ref text, primary key (id)) partition by range (id);
             create table events_1 partition of events for values from (0) to (1000);
             insert into events values (1, gen_random_uuid()::text), (2, 'none');`,
    newSql: `create table happening (ref uuid primary key);`,
    tables: { happening: merge({ key: 'ref', sources: { events: { key: 'ref::uuid' } } }) },
  })
  const refused = await commands.approve('design').catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'check.partitioned_index', exitCode: 1 })
  // The hint's own statement is what helps.
  await query(/CREATE INDEX .*$/.exec((refused as { hint: string }).hint)?.[0] ?? '')
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  await commands.sync()
  await query(`update events set ref = gen_random_uuid()::text where id = 2`)
  expect(await query('select count(*)::int as rows from new_schema.happening')).toEqual([{ rows: 2 }])
})
