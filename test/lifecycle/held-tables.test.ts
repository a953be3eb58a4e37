import { expect, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import { createProject } from './project.ts'

const QUEUE = {
  oldSql: `create table jobs (id int primary key, title text); insert into jobs select n, 'job' from generate_series(1, 20) as n;`,
  newSql: `create table work (id int primary key, title text);`,
  tables: { work: merge({ key: 'id', sources: { jobs: {} } }) },
}

const triggers = `select tgname from pg_trigger where tgrelid = 'jobs'::regclass and not tgisinternal`

test('a rollback silences the triggers of a table that somebody holds, and the next command removes them', async () => {
  const { commands, query, other } = await createProject(QUEUE)
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  await commands.sync()

  await other('begin; select count(*) from jobs')
  expect(await query('select crossfade.rollback() as stage')).toEqual([{ stage: 'build' }])
  expect(await query(triggers)).toHaveLength(6)
  await query(`update jobs set title = 'changed' where id = 1`)
  expect(await query('select title from new_schema.work where id = 1')).toEqual([{ title: 'job' }])
  expect(await query(`select (crossfade.status()->>'leftovers')::int > 0 as some`)).toEqual([{ some: true }])
  await other('commit')

  await commands.approve('build')
  await commands.sync()
  expect(await query(triggers)).toHaveLength(6)
  expect(await query('select title from new_schema.work where id = 1')).toEqual([{ title: 'changed' }])
  expect(await query('select crossfade.rollback() as stage')).toEqual([{ stage: 'build' }])
  expect(await query(triggers)).toEqual([])
})

test('triggers that were switched off and on again are told, stop the gate, and are mended by a repair', async () => {
  const { commands, query } = await createProject(QUEUE)
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  await commands.sync()
  await query(`alter table jobs disable trigger all`)
  await query(`update jobs set title = 'unseen' where id = 2`)
  await query(`alter table jobs enable trigger all`)

  await commands.approve('sync')
  await expect(commands.verify()).rejects.toThrow(/differ/)
  await expect(commands.reads(1)).rejects.toThrow()
  await commands.repair()
  expect(await query('select title from new_schema.work where id = 2')).toEqual([{ title: 'unseen' }])
  expect(
    await query(
      `select distinct tgname ~ 'capture|replicated' as statements, tgenabled from pg_trigger where tgrelid = 'jobs'::regclass and not tgisinternal order by 1`,
    ),
  ).toEqual([
    { statements: false, tgenabled: 'A' },
    { statements: true, tgenabled: 'D' },
  ])
})

test('an applier that is at it stops no rollback, and what it held is gone when sync begins again', async () => {
  const { commands, query, other } = await createProject(QUEUE)
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  await commands.sync()
  await query(`insert into crossfade.outbox (target, key) values ('work', '{1}')`)
  await query(`insert into crossfade.journal (target, key, sqlstate, reason) values ('work', '{99}', '22000', 'held')`)
  await other('begin; select from crossfade.outbox for update; select from crossfade.journal for update')
  expect(await query('select crossfade.rollback() as stage')).toEqual([{ stage: 'build' }])
  await other('commit')
  await commands.approve('build')
  await commands.sync()
  expect(await query('select from crossfade.journal')).toEqual([])
  expect(await query('select from crossfade.outbox')).toEqual([])
})
