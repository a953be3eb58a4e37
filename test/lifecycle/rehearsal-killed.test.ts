import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import { runWorker } from '../../src/sync/worker.ts'
import { createProject } from './project.ts'

const JOBS = {
  oldSql: `create table jobs (id int primary key, title text); grant select, update on jobs to public;`,
  newSql: `create table work (id int primary key, title text);`,
  tables: { work: merge({ key: 'id', sources: { jobs: {} } }) },
}

const RIGHTS = `select privilege_type as right from information_schema.role_table_grants where table_schema = 'public' and table_name = 'jobs' and grantee = 'PUBLIC' order by 1`
const RUN = [0x63726f73, 0x66616465].join(', ')

test('the worker gives back what a killed rehearsal took, and nothing while the run is alive', async () => {
  const { commands, query, other } = await createProject(JOBS)
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  await commands.sync()
  const rights = await query(RIGHTS)
  expect(rights).toHaveLength(2)
  // As a rehearsal leaves it at any instant: what gives a right back is there before the right goes.
  await query(`insert into crossfade.undo (stage, statement, sql, why)
    select 'rehearsal', r, 'grant ' || r || ' on public.jobs to public', '' from unnest('{select,update}'::text[]) as r`)
  await query('revoke select, update on jobs from public')

  await other(`select pg_advisory_lock(${RUN})`)
  const stop = new AbortController()
  const worker = runWorker({ ...(await commands.work()), signal: stop.signal })
  for (let beats = 0; beats < 1; await sleep(20)) beats = (await query('select from crossfade.worker')).length
  await sleep(300)
  expect(await query(RIGHTS)).toEqual([])
  await other(`select pg_advisory_unlock(${RUN})`)
  while ((await query(RIGHTS)).length < 2) await sleep(50)
  expect(await query(RIGHTS)).toEqual(rights)
  expect(await query(`select from crossfade.undo where stage = 'rehearsal'`)).toEqual([])
  stop.abort()
  await worker
})
