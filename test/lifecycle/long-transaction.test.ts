import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import { createProject } from './project.ts'

const QUEUE = {
  oldSql: `create table jobs (id int primary key, title text); insert into jobs select n, 'job' from generate_series(1, 20) as n;`,
  newSql: `create table work (id int primary key, title text);`,
  tables: { work: merge({ key: 'id', sources: { jobs: {} } }) },
}

/** What somebody else runs until it is told to end; `fn` must not have ended before. */
async function blocked(fn: Promise<unknown>): Promise<boolean> {
  let ended = false
  fn.then(
    () => {
      ended = true
    },
    () => {
      ended = true
    },
  )
  await sleep(1000)
  return !ended
}

test('a long transaction of somebody else is waited for, by each command that needs what it holds', async () => {
  const { commands, query, other, climb } = await createProject(QUEUE)
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')

  // It has written the old table: triggers can't be installed beside it.
  await other(`begin; update jobs set title = 'late' where id = 3`)
  const syncing = commands.sync()
  expect(await blocked(syncing)).toBe(true)
  expect(await query('select stage from crossfade.migration')).toEqual([{ stage: 'build' }])
  await query(`update jobs set title = 'not held up for long' where id = 4`)
  await other('commit')
  await syncing
  expect(await query('select title from new_schema.work where id = 3')).toEqual([{ title: 'late' }])

  await climb()
  await commands.approve('finish')
  // It only reads the old table, and the archive needs all of it.
  await other('begin; select count(*) from jobs')
  const finishing = commands.finish(0)
  expect(await blocked(finishing)).toBe(true)
  expect(await query('select stage from crossfade.migration')).toEqual([{ stage: 'move' }])
  await query(`update jobs set title = 'still there' where id = 5`)
  await other('commit')
  await finishing
  expect(await query('select title from work where id = 5')).toEqual([{ title: 'still there' }])
})
