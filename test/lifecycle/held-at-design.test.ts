import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { readBuiltState } from '../../src/control/state.ts'
import { checkExpressions } from '../../src/lifecycle/new-tables.ts'
import { tryIndexes } from '../../src/lifecycle/trial-indexes.ts'
import { merge } from '../../src/spec/config.ts'
import { createProject } from './project.ts'

/** A text as key needs an index. */
const PROJECT = {
  oldSql: 'create table jobs (id int primary key, code text, title text);',
  newSql: 'create table work (code uuid primary key, title text);',
  tables: { work: merge({ key: 'code', sources: { jobs: { key: 'code::uuid' } } }) },
}

test('a lock that is not granted says nothing of an expression or an index, so the try is made again', async () => {
  const { commands, other, url } = await createProject(PROJECT)
  await commands.approve('design')
  await commands.build()
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  const { mapping } = await readBuiltState(client)
  expect(mapping.indexes).toHaveLength(1)

  await other('begin; lock table jobs in access exclusive mode')
  for (const attempt of [
    () => tryIndexes(client, mapping),
    () => checkExpressions(client, [{ id: 'tables.work', sql: { text: 'select title from jobs' } }]),
  ]) {
    await client.query(`begin; set local lock_timeout = '20ms'`)
    await expect(attempt()).rejects.toMatchObject({ code: '55P03' })
    await client.query('rollback')
  }
  await other('commit')
})
