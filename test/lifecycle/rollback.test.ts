import { expect, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import { createProject } from './project.ts'

const QUEUE = {
  oldSql: `create table jobs (id int primary key, title text); insert into jobs select n, 'job' from generate_series(1, 20) as n; grant select on jobs to public;`,
  newSql: `create table work (id int primary key, title text);`,
  tables: { work: merge({ key: 'id', sources: { jobs: {} } }) },
}

test('an old table that was renamed meanwhile stops no rollback', async () => {
  const { commands, query } = await createProject(QUEUE)
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  await commands.sync()
  await query('alter table jobs rename to tasks')
  expect(await query('select crossfade.rollback() as stage')).toEqual([{ stage: 'build' }])
  expect(await query(`select tgname from pg_trigger where tgrelid = 'tasks'::regclass`)).toEqual([])
})

test('a view of somebody over a compat view stops no rollback', async () => {
  const { commands, query } = await createProject(QUEUE)
  await commands.approve('design')
  await commands.build()
  await query('create view report as select id from crossfade_compat.jobs')
  expect(await query('select crossfade.rollback() as stage')).toEqual([{ stage: 'design' }])
  expect(await query(`select count(*)::int as rows from jobs`)).toEqual([{ rows: 20 }])
})

test('new tables that begin alike are set aside under names of their own', async () => {
  const long = 'a_table_with_a_name_that_goes_on_and_on_and_on'
  const { commands, query } = await createProject({
    ...QUEUE,
    newSql: `create table ${long}_1 (id int primary key, title text); create table ${long}_2 (id int primary key, title text);`,
    tables: {
      [`${long}_1`]: merge({ key: 'id', sources: { jobs: {} } }),
    },
  })
  await commands.approve('design')
  await commands.build()
  await query('update crossfade.migration set ever_open = true')
  await query(`select crossfade.retire('new_schema', '${long}_1'), crossfade.retire('new_schema', '${long}_2')`)
  const kept = await query(
    `select relname from pg_class where relnamespace = 'crossfade_archive'::regnamespace and relkind = 'r'`,
  )
  expect(kept).toHaveLength(2)
})

test('a function of somebody in the search path is not what rollback runs', async () => {
  const { commands, query } = await createProject(QUEUE)
  await commands.approve('design')
  await commands.build()
  await query(`create function public.format(text, text, text) returns text language plpgsql as
                 $$ begin raise exception 'not this one'; end $$`)
  await query(`set search_path = public, pg_catalog`)
  expect(await query('select crossfade.rollback() as stage')).toEqual([{ stage: 'design' }])
})

test('a rollback during the rehearsal of finish is not overtaken by it', async () => {
  const { commands, query, climb } = await createProject(QUEUE)
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  await climb()
  await commands.approve('finish')
  const finished = commands.finish(60).catch((error: unknown) => error)
  await expect
    .poll(() => query(`select from crossfade.undo where stage = 'rehearsal'`).then((rows) => rows.length))
    .toBeGreaterThan(0)
  await query('select crossfade.rollback()')
  expect(String(await finished)).toContain('went back to stage "reads"')
  expect(await query(`select stage, to_regclass('public.jobs') is not null as there from crossfade.migration`)).toEqual(
    [{ stage: 'reads', there: true }],
  )
}, 60_000)
