import { expect, test } from 'vitest'
import type { CrossfadeConfig } from '../../src/spec/config.ts'
import { merge } from '../../src/spec/config.ts'
import { createProject } from './project.ts'

test('a table that is added to the mapping on the way is refused with a word, and what was begun goes on without it', async () => {
  const tables: Record<string, CrossfadeConfig['tables'][string]> = {
    work: merge({ key: 'id', sources: { jobs: {} } }),
  }
  const { commands, query, climb } = await createProject({
    oldSql: `create table jobs (id int primary key, title text); create table people (id int primary key); insert into jobs values (1, 'one')`,
    newSql: `create table work (id int primary key, title text);`,
    tables,
  })
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')

  tables.staff = merge({ key: 'id', sources: { people: {} } })
  await expect(commands.sync()).rejects.toMatchObject({
    code: 'gate.mapping',
    message: expect.stringContaining('staff was added'),
    hint: expect.stringContaining('a consolidation of its own'),
  })
  delete tables.staff
  await climb()

  tables.staff = merge({ key: 'id', sources: { people: {} } })
  await expect(commands.approve('finish').then(() => commands.finish(0))).rejects.toMatchObject({
    code: 'gate.mapping',
  })
  await query(`update work set title = 'native'`)
  expect(await query('select title from jobs')).toEqual([{ title: 'native' }])
  delete tables.staff
  await commands.approve('finish')
  await commands.finish(0)
  expect(await query('select title from work')).toEqual([{ title: 'native' }])
}, 60_000)
