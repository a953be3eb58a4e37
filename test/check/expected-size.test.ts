import { expect, test } from 'vitest'
import { type ExpectedSize, formatBytes, tellSpace } from '../../src/check/expected-size.ts'
import { tellTime } from '../../src/check/expected-time.ts'
import { append, merge } from '../../src/spec/config.ts'
import type { Mapping } from '../../src/spec/mapping.ts'
import { createProject } from '../lifecycle/project.ts'
import { checkTables, findingOf, runCheck } from './run-check.ts'

const LARGE = { rows: 600e6, indexes: 300e6, lineage: 100e6 }
const all = { unmeasured: [], bySources: [] }

test('a share of the database that is worth a look at the disk has to be decided', () => {
  expect(tellSpace(LARGE, 2.9e9, all).severity).toBe('decide')
  expect(tellSpace(LARGE, 3.1e9, all).severity).toBe('note')
  expect(tellSpace({ rows: 40e6, indexes: 0, lineage: 0 }, 10e6, all).severity).toBe('note')
  expect(tellSpace(LARGE, 2.9e9, all).what).toBe(
    'the new tables will take about 1 GB beside the old ones (600 MB of rows, 300 MB of indexes, 100 MB of lineage and journal), where the database has 2.9 GB now; the backfill writes about 1.5 GB of WAL',
  )
})

test('what could not be measured is named', () => {
  const { what } = tellSpace(LARGE, 1e9, { unmeasured: ['a'], bySources: ['b', 'c'] })
  expect(what).toContain('; for b, c that is the size of the old tables')
  expect(what).toContain('; without a, of which nothing could be told')
})

test('bytes are told with two digits', () => {
  const told = [0, 0.4, 999, 1_049, 123_456, 999_999, 25e9, 3.14e15].map(formatBytes)
  expect(told).toEqual(['0 bytes', '0 bytes', '1 kB', '1 kB', '120 kB', '1 MB', '25 GB', '3100 TB'])
})

test('time is told as a range, and says what will make it less', () => {
  const mapping = (indexes: number) => ({ indexes: Array.from({ length: indexes }) }) as unknown as Mapping
  expect(tellTime(mapping(0), 1, []).what).toBe('an estimate: less than a minute')
  expect(tellTime(mapping(0), 60, []).what).toBe(
    'an estimate: between 3 min and 15 min, since here all rows were read and projected in 60 s',
  )
  expect(tellTime(mapping(1), 3600, ['a']).what).toBe(
    'an estimate: between 3.0 h and 15.0 h, since here all rows were read and projected in 60 min, without a, of which nothing could be told; an index that build makes first was not there, so it may be far less',
  )
})

const OLD_SQL = `
create table posts (id int primary key, title text, body text, tag uuid, at timestamptz);
create table drafts (id int primary key, title text, note jsonb);
create table visits (id int primary key, post int, kind text);
insert into posts select i, 'title ' || i, repeat('some words ', i % 30), gen_random_uuid(), now() - i * interval '1 minute' from generate_series(1, 6000) i;
insert into drafts select i, 'draft ' || i, jsonb_build_object('n', i) from generate_series(4000, 8000) i;
insert into visits select i, i % 8000 + 1, 'web' from generate_series(1, 12000) i;`
const checked = {
  ddl: `create table articles (id int primary key, title text not null, body text, tag uuid unique, at timestamptz, note jsonb);
        create index on articles (at);
        create table article_visits (id bigint generated always as identity primary key, article int references articles, kind text)`,
  config: {
    tables: {
      articles: merge({ key: 'id', sources: { posts: {}, drafts: {} } }),
      article_visits: append({ sources: { visits: { columns: { article: 'post' } } } }),
    },
  },
}

test('the size that is expected is about the size that the new tables have then, and so is the WAL', async () => {
  const { commands, query, url } = await createProject({
    ...{ oldSql: OLD_SQL, newSql: checked.ddl, ...checked.config },
    // It is about sizes: no need to wait for whoever else uses the machine.
    sync: { throttle: { latencyFactor: false, activeSessions: false } },
  })
  const { what } = findingOf(await runCheck(url, checked), 'space')
  const [total = 0, rows = 0, indexes = 0, lineage = 0, , wal = 0] = [...what.matchAll(/([\d.]+) ([kM])B/g)].map(
    ([, number, unit]) => Number(number) * (unit === 'M' ? 1e6 : 1e3),
  )
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  const [before] = await query(`select pg_current_wal_lsn() as lsn`)
  await commands.sync()
  const [sizes] = await query(`
    select sum(pg_table_size(c.oid)) filter (where nspname = 'new_schema')::float8 as rows,
           sum(pg_indexes_size(c.oid)) filter (where nspname = 'new_schema')::float8 as indexes,
           sum(pg_total_relation_size(c.oid)) filter (where nspname = 'crossfade' and relname ~ '^(lineage|journal)')::float8 as lineage,
           pg_wal_lsn_diff(pg_current_wal_lsn(), '${before?.lsn}')::float8 as wal
      from pg_class c join pg_namespace n on n.oid = relnamespace where relkind = 'r'`)
  const expected = { rows, indexes, lineage, total, wal }
  const real = { ...sizes, total: sizes?.rows + sizes?.indexes + sizes?.lineage } as ExpectedSize & typeof expected
  for (const part of ['rows', 'indexes', 'lineage', 'total', 'wal'] as const) {
    expect.soft(expected[part] / real[part], part).toBeGreaterThan(0.6)
    expect.soft(expected[part] / real[part], part).toBeLessThan(1.6)
  }
})

test('where a sample of the rows takes too long the size of the old tables stands for it', async () => {
  const report = await checkTables(
    `create table posts (id int primary key, title text);
     insert into posts select i, 'title ' || i from generate_series(1, 60) i;
     create function slow(t text) returns text language sql as $$ select t from pg_sleep(0.1) $$;`,
    {
      ddl: 'create table articles (id int primary key, title text)',
      config: {
        tables: {
          articles: merge({
            key: 'id',
            sources: { posts: { columns: { title: { from: 'public.slow(title)', back: false } } } },
          }),
        },
      },
    },
  )
  expect(findingOf(report, 'space').what).toContain('; for articles that is the size of the old tables')
  expect(findingOf(report, 'backfill-time').what).toMatch(
    /between \d+ s and \d+ (s|min), since here all rows were read/,
  )
})
