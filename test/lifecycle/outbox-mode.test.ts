import { expect, test } from 'vitest'
import type { CrossfadeConfig } from '../../src/spec/config.ts'
import { merge } from '../../src/spec/config.ts'
import { createProject } from './project.ts'

const NOTES = {
  oldSql: `create table notes (id serial primary key, k text not null unique, body text);
           create table tags (id serial primary key, k text not null unique);
           insert into notes (k, body) select 'k' || i, 'b' from generate_series(1, 50) i;
           insert into tags (k) values ('t')`,
  newSql: `create table new_notes (k text primary key, body text check (body <> 'never'));
           create table new_tags (k text primary key)`,
  tables: {
    new_notes: merge({ key: 'k', sources: { notes: {} } }),
    new_tags: merge({ key: 'k', sources: { tags: {} } }),
  },
}

const outbox = (staleReads?: 'ok'): CrossfadeConfig['sync'] => ({
  tables: { new_notes: { mode: 'outbox', ...(staleReads ? { staleReads } : {}) } },
})

async function begin(sync: CrossfadeConfig['sync']): ReturnType<typeof createProject> {
  const project = await createProject({ ...NOTES, ...(sync ? { sync } : {}) })
  await project.commands.approve('design')
  await project.commands.build()
  await project.commands.approve('build')
  return project
}

const STATE = 'select crossfade.client_state() as state'
const LATE = `update crossfade.outbox set enqueued_at = now() - interval '5 seconds'`

test('through all stages: reads stay old, status shows the lag, and finish drains', async () => {
  const p = await begin(outbox())
  await p.climb()
  await p.query(`update notes set body = 'B' where k in ('k1', 'k2')`)
  await p.query(LATE)
  expect((await p.query(STATE))[0]?.state).toMatchObject({ percent: 100, tables: ['tags'], heldBack: ['notes'] })
  const [row] = await p.query('select crossfade.status() as status')
  expect(row?.status.tables).toMatchObject([
    { name: 'new_notes', mode: 'outbox', staleReads: false, keys: 2 },
    { name: 'new_tags', mode: 'inline', keys: 0, oldestMs: 0 },
  ])
  expect(row?.status.tables[0].oldestMs).toBeGreaterThanOrEqual(5000)
  const plan = p.commands.approve('finish')
  await plan
  await p.commands.finish(0)
  expect(await p.query(`select k from new_notes where body = 'B' order by k`)).toEqual([{ k: 'k1' }, { k: 'k2' }])
})

test('lag counts for tables in inline mode alone, and reads come from the new side where lag is fine', async () => {
  const p = await begin(outbox('ok'))
  await p.climb()
  await p.query(`update notes set body = 'B'`)
  await p.query(LATE)
  expect((await p.query(STATE))[0]?.state).toMatchObject({ percent: 100, tables: ['notes', 'tags'], heldBack: [] })
  await p.query(`insert into crossfade.outbox (target, key) values ('new_tags', array['t'])`)
  await p.query(LATE)
  expect((await p.query(STATE))[0]?.state).toMatchObject({ percent: 0 })
})

test('a table is switched in a running migration, and what an announcement says follows', async () => {
  const p = await begin(undefined)
  await p.climb()
  const version = async () => (await p.query(STATE))[0]?.state.version
  const before = await version()
  // Somebody writes it, and is waited for.
  await p.other(`begin; update notes set body = 'A' where k = 'k3'`)
  const switched = p.commands.switchMode(['new_notes'], 'outbox')
  await p.other('select pg_sleep(0.3)')
  await p.other('commit')
  await switched
  expect(await p.query(`select body from new_notes where k = 'k3'`)).toEqual([{ body: 'A' }])
  expect((await p.query(STATE))[0]?.state).toMatchObject({ tables: ['tags'], heldBack: ['notes'] })
  expect(await version()).toBeGreaterThan(before)
  await p.query(`update notes set body = 'B' where k = 'k1'`)
  expect(await p.query(`select body from new_notes where k = 'k1'`)).toEqual([{ body: 'b' }])
  await p.commands.switchMode(['new_notes'], 'inline')
  await p.query(`update notes set body = 'C' where k = 'k2'`)
  expect(await p.query(`select body from new_notes where k = 'k2'`)).toEqual([{ body: 'C' }])
  expect((await p.query(STATE))[0]?.state).toMatchObject({ tables: ['notes', 'tags'], heldBack: [] })
  await expect(p.commands.switchMode(['notes'], 'outbox')).rejects.toMatchObject({ code: 'sync.mode', exitCode: 2 })
  await p.commands.rollback('build')
  await p.query(`update notes set body = 'D'`)
  expect(
    await p.query(`select tgname from pg_trigger where tgname like 'crossfade%' and tgrelid = 'notes'::regclass`),
  ).toEqual([])
})

test("finish refuses while a table can't be drained", async () => {
  const p = await begin(outbox())
  await p.climb()
  await p.commands.approve('finish')
  await p.query(`alter table new_notes rename body to other`)
  await p.query(`update notes set body = 'B' where k = 'k1'`)
  await expect(p.commands.finish(0)).rejects.toMatchObject({ exitCode: 1 })
  expect(await p.query(`select k from notes where body = 'B'`)).toEqual([{ k: 'k1' }])
})
