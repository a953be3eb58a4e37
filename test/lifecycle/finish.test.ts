import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import { createProject } from './project.ts'

const QUEUE = {
  oldSql: `create table jobs (id int primary key, title text); insert into jobs select n, 'job' from generate_series(1, 20) as n; grant select, update on jobs to public;`,
  newSql: `create table work (id int primary key, title text);`,
  tables: { work: merge({ key: 'id', sources: { jobs: {} } }) },
}

async function moved(): Promise<Awaited<ReturnType<typeof createProject>>> {
  const project = await createProject(QUEUE)
  await project.commands.approve('design')
  await project.commands.build()
  await project.commands.approve('build')
  await project.climb()
  await project.commands.approve('finish')
  return project
}

test('old names that were written to within the quiet days stop finish', async () => {
  const { commands, query } = await moved()
  await query(`update jobs set title = 'by an old name' where id = 1`)
  await expect(commands.finish(0, 7)).rejects.toMatchObject({ code: 'finish.not_quiet', message: /jobs/ })
  expect(await query(`select to_regclass('public.jobs') is not null as there`)).toEqual([{ there: true }])
})

test('a write by an old name during the rehearsal ends it, and the rights are back', async () => {
  const { commands, query } = await moved()
  const finished = commands.finish(60).catch((error: unknown) => error)
  const rehearsing = `select from crossfade.undo where stage = 'rehearsal'`
  while ((await query(rehearsing)).length === 0) await sleep(20)
  const rights = `select array(select x::text from pg_class, unnest(relacl) as x where oid = 'jobs'::regclass and x::text like '=%') as acl`
  expect(await query(rights)).toEqual([{ acl: [] }])
  await query(`update jobs set title = 'by the owner' where id = 1`)
  expect(await finished).toMatchObject({ code: 'finish.rehearsal' })
  expect(await query(rights)).toMatchObject([{ acl: [expect.stringMatching(/^=rw\//)] }])
  expect(await query(rehearsing)).toEqual([])
})

test('somebody holds an old table while it is archived: finish tries again', async () => {
  const { commands, query, other } = await moved()
  await other('begin; select from jobs')
  let ended = false
  const finished = commands.finish(0).finally(() => {
    ended = true
  })
  finished.catch(() => {})
  const blocked = `select 1 from pg_stat_activity where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0`
  // It waits, gives up, and waits again.
  for (let waits = 0, before = false; waits < 2 && !ended; await sleep(5)) {
    const now = (await query(blocked)).length > 0
    if (now && !before) waits++
    before = now
  }
  expect(await query(`select to_regclass('public.jobs') is not null as there`)).toEqual([{ there: true }])
  await other('commit')
  await finished
  expect(await query(`select to_regclass('public.jobs') is null as gone`)).toEqual([{ gone: true }])
})
