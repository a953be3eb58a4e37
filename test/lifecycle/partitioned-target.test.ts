import { expect, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import { createProject } from './project.ts'

const OLD = /* sql */ `
  create table visits (id bigint, at date, path text, primary key (id, at));
  create table visits_before (id bigint primary key, at date not null, path text);
  insert into visits values (1, '2026-01-05', '/a'), (2, '2026-02-05', '/b');
  insert into visits_before values (3, '2025-06-01', '/c')`
const NEW = /* sql */ `
  create table all_visits (id bigint not null, at date not null, path text, primary key (id, at)) partition by range (at);
  create table all_visits_2025 partition of all_visits for values from ('2025-01-01') to ('2026-01-01');
  create table all_visits_2026 partition of all_visits for values from ('2026-01-01') to ('2027-01-01')`

test('a partitioned new table moves with its partitions, and back', async () => {
  const { commands, query, climb } = await createProject({
    oldSql: OLD,
    newSql: NEW,
    tables: { all_visits: merge({ key: ['id', 'at'], sources: { visits: {}, visits_before: {} } }) },
  })
  const places = async (): Promise<string[]> =>
    (
      await query(`select n.nspname || '.' || c.relname as place from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relname ~ '^(all_)?visits' and c.relkind in ('r', 'p') order by 1`)
    ).map((row) => row.place)
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  await climb()
  const old = ['public.visits', 'public.visits_before']
  expect(await places()).toEqual(['public.all_visits', 'public.all_visits_2025', 'public.all_visits_2026', ...old])
  await query(`insert into all_visits values (4, '2026-03-01', '/d')`)
  await query(`update visits_before set path = '/cc'`)
  expect(await query('select id::int, path from all_visits_2025')).toEqual([{ id: 3, path: '/cc' }])
  expect(await query('select id::int, path from visits where id = 4')).toEqual([{ id: 4, path: '/d' }])

  await commands.rollback('design')
  expect((await places()).filter((place) => !place.startsWith('crossfade_archive.'))).toEqual(old)

  await query('delete from crossfade.worker')
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  await climb()
  await commands.approve('finish')
  await commands.finish(0)
  expect((await places()).filter((place) => place.startsWith('public.'))).toEqual([
    'public.all_visits',
    'public.all_visits_2025',
    'public.all_visits_2026',
  ])
  expect(await query('select count(*)::int as rows from all_visits')).toEqual([{ rows: 4 }])
  expect(await query(`select nspname from pg_namespace where nspname = 'new_schema'`)).toEqual([])
  await commands.rollback()
  expect((await places()).filter((place) => old.includes(place))).toEqual(old)
})
