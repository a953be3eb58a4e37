import { expect, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import { createProject } from './project.ts'

const OLD = `create table a (id int primary key, email text); insert into a values (1, 'A@x '), (2, 'b@x')`

test('a key that no index can be over is refused at design, by name', async () => {
  const { commands } = await createProject({
    oldSql: 'create table a (id int primary key, at timestamptz)',
    newSql: 'create table t (k text primary key, id int)',
    tables: { t: merge({ key: 'k', sources: { a: { key: "at::text || ''" } } }) },
  })
  await expect(commands.approve('design')).rejects.toMatchObject({
    message: expect.stringMatching(/public.a .*(can't be cast|can't have the index)/),
  })
})

test('a key that is an expression takes native inserts where the mapping says the way back', async () => {
  const tables = (back?: { email: string }) => ({
    t: merge({ key: 'email', sources: { a: { key: 'lower(btrim(email))', ...(back ? { back } : {}) } } }),
  })
  const newSql = 'create table t (email text primary key, id int)'
  const without = await createProject({ oldSql: OLD, newSql, tables: tables() })
  await without.commands.approve('design')
  expect(await without.artifact('MAPPING.md')).toContain('no row of t can be made natively')
  const { commands, query, artifact, climb } = await createProject({
    oldSql: OLD,
    newSql,
    tables: tables({ email: 'email' }),
  })
  await commands.approve('design')
  expect(await artifact('MAPPING.md')).not.toContain('can be made natively')
  await commands.build()
  await commands.approve('build')
  await climb()
  await query(`insert into t (email, id) values ('new@x', 3)`)
  expect(await query('select id, email from a order by id')).toEqual([
    { id: 1, email: 'A@x ' },
    { id: 2, email: 'b@x' },
    { id: 3, email: 'new@x' },
  ])
}, 60_000)

test('a new column that must not be null and that nobody gives a value is refused at design', async () => {
  const { commands } = await createProject({
    oldSql: OLD,
    newSql: 'create table t (id int primary key, email text, n int not null)',
    tables: { t: merge({ key: 'id', sources: { a: {} } }) },
  })
  await expect(commands.approve('design')).rejects.toMatchObject({ message: expect.stringContaining('column n') })
})
