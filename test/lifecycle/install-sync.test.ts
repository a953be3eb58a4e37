import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import { createProject } from './project.ts'

const QUEUE = {
  oldSql: `create table a (id int primary key, title text, n int default 0); create table b (id int primary key, body text, m int default 0);
           insert into a select n, 'title' from generate_series(1, 300) as n; insert into b select n, 'body' from generate_series(100, 400) as n;`,
  newSql: `create table work (id int primary key, title text, n int, body text, m int);`,
  tables: { work: merge({ key: 'id', sources: { a: {}, b: {} } }) },
}

const TRIGGERS = `select tgname from pg_trigger where tgrelid in ('a'::regclass, 'b'::regclass) and tgname like 'crossfade%'`
const BLOCKED = `select 1 from pg_stat_activity where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0`

async function built(): Promise<Awaited<ReturnType<typeof createProject>>> {
  const project = await createProject(QUEUE)
  await project.commands.approve('design')
  await project.commands.build()
  await project.commands.approve('build')
  return project
}

test('no trigger is there before all are, however long somebody writes to one of the tables', async () => {
  const { commands, query, other } = await built()
  await other(`begin; update b set body = 'long'`)
  const installing = commands.sync()
  for (let seen = 0; seen < 3; ) {
    if ((await query(BLOCKED)).length > 0) seen++
    expect(await query(TRIGGERS)).toEqual([])
    await sleep(20)
  }
  await query(`update a set title = 'meanwhile' where id = 1`)
  await other('commit')
  await installing
  expect(await query(TRIGGERS)).toHaveLength(12)
  await commands.verify()
})

test('writers go on while triggers are installed and rows are copied, and nothing is lost', async () => {
  const { commands, query, other } = await built()
  let going = true
  const writer = async (run: (text: string) => Promise<unknown>, seed: number): Promise<void> => {
    for (let i = seed; going; i = (i * 7919 + 13) % 400) {
      await run(`begin; update a set n = n + 1 where id = ${i}; update b set m = m + 1 where id = ${i}; commit`)
      await run(`delete from ${i % 2 ? 'a' : 'b'} where id = ${(i * 3) % 400}`)
      await run(`insert into ${i % 2 ? 'b' : 'a'} (id) values (${(i * 5) % 400}) on conflict do nothing`)
    }
  }
  const writers = [writer(query, 1), writer(other, 2)]
  await commands.sync()
  going = false
  await Promise.all(writers)
  await commands.repair()
  expect(
    await query(
      `select id from (select id, title, n, body, m from a full join b using (id) except table new_schema.work) as d`,
    ),
  ).toEqual([])
})
