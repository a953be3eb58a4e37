import type pg from 'pg'
import { expect, test } from 'vitest'
import { retryAll } from '../../src/lifecycle/sync.ts'
import { merge } from '../../src/spec/config.ts'
import { verifyTarget } from '../../src/verify/run-verify.ts'
import { createFixture, type Fixture } from '../support/fixture.ts'
import { withEngine } from './engine.ts'

const FAMILY = {
  oldSql: `create table m (k text primary key, email text); create table g (k text primary key, email text); create table c (k text primary key, p text)`,
  newSql: `create table people (k text primary key, email text unique); create table kids (k text primary key, p text references people)`,
  tables: {
    people: merge({ key: 'k', sources: { m: {}, g: {} } }),
    kids: merge({ key: 'k', sources: { c: {} } }),
  },
}

async function createFamily(): Promise<Fixture> {
  const f = await createFixture(FAMILY)
  await f.query(
    `insert into m values ('a', 'x'), ('d', 'y'); insert into g values ('b', 'x'); insert into c values ('c', 'a'), ('e', 'nobody')`,
  )
  for (let i = 0; i < 3; i++) await f.query(`select crossfade.drain_people(100), crossfade.drain_kids(100)`)
  return f
}

/** Of each new table: what verify says of all its rows. */
async function look(f: Fixture): Promise<unknown[]> {
  const found = []
  for (const t of f.mapping.targets) {
    const { clean, full } = await verifyTarget(f.work, t)
    found.push([clean, `${full.missing} missing`, `${full.extra} extra`, `${full.journaled} journaled`])
  }
  return found
}

/** Writes a new table behind sync's back. */
async function plant(f: Fixture, number: number, text: string): Promise<void> {
  await f.query(
    `begin; select set_config('crossfade.guard', crossfade.guard_for(${number}, '*'), true); ${text}; commit`,
  )
}

test('verify finds a wrong winner, a child without a parent, and children of a parent that is gone', async () => {
  const f = await createFamily()
  const right = [
    [true, '0 missing', '0 extra', '1 journaled'],
    [true, '0 missing', '0 extra', '1 journaled'],
  ]
  expect(await look(f)).toEqual(right)
  await plant(f, 1, `delete from new_schema.people where k = 'a'; insert into new_schema.people values ('b', 'x')`)
  expect(await look(f)).toEqual([
    [false, '1 missing', '1 extra', '0 journaled'],
    [false, '0 missing', '1 extra', '1 journaled'],
  ])
  await plant(f, 1, `delete from new_schema.people where k = 'b'; insert into new_schema.people values ('a', 'x')`)
  expect(await look(f)).toEqual(right)
  await plant(f, 2, `insert into new_schema.kids values ('e', 'nobody')`)
  expect(await look(f)).toEqual([right[0], [false, '0 missing', '1 extra', '0 journaled']])
})

test('an entry of the journal whose reason has gone hides no missing row from the verification', async () => {
  const f = await createFamily()
  await plant(f, 1, `delete from new_schema.people where k in ('a', 'd')`)
  await plant(f, 2, `delete from new_schema.kids where k = 'c'`)
  await f.query(`select crossfade.journal_key('people', '{a}', '23505', 'long ago', null), crossfade.journal_key('people', '{d}', '22000', 'long ago', null),
                        crossfade.journal_key('kids', '{c}', '23503', 'long ago', '{people,a}'), crossfade.journal_keyless('people', 'm', '{a}')`)
  await retryAll(f.client as pg.Client, f.work)
  expect((await f.journal()).map((j) => j.key)).toEqual([['b'], ['e']])
  expect(await f.query('select k from new_schema.people order by k')).toEqual([{ k: 'a' }, { k: 'd' }])
  expect(await f.query('select k from new_schema.kids')).toEqual([{ k: 'c' }])
})

test('a row of two sources that cannot be computed stops no comparison: it is in the journal', async () => {
  const f = await createFixture({
    oldSql: `create table a (k int primary key, x text); create table b (k int primary key, n int)`,
    newSql: `create table t (k int primary key, x text, share int)`,
    tables: {
      t: merge({ key: 'k', sources: { a: {}, b: { columns: { share: { from: '1000 / n', back: false } } } } }),
    },
  })
  await f.query(`insert into a select i, 'x' from generate_series(1, 500) as i`)
  await f.query(`insert into b select i, case when i = 7 then 0 else i end from generate_series(1, 500) as i`)
  while ((await f.outbox()).length > 0) await f.query(`select crossfade.drain_t(500)`)
  await f.query('analyze a; analyze b; analyze crossfade.journal')
  expect(await f.journal()).toMatchObject([{ key: ['7'], sqlstate: '22012' }])
  expect(await look(f)).toEqual([[true, '0 missing', '0 extra', '1 journaled']])
})

test('a value that a cast has no place for goes into the journal, after some tries', async () => {
  const options = {
    oldSql: `create table readings (id int primary key, n numeric)`,
    newSql: `create table samples (id int primary key, n integer)`,
    tables: { samples: { key: 'id', sources: { readings: { columns: { n: { from: 'n::integer', back: 'n' } } } } } },
  }
  await withEngine(options, async (e) => {
    await e.db.query(`insert into readings values (1, 1), (2, 'NaN')`)
    await e.drain()
    expect(await e.journal()).toMatchObject([{ key: ['2'], sqlstate: '0A000' }])
    expect(await e.db.query('select id from new_schema.samples')).toEqual([{ id: 1 }])
    await e.db.query(`update readings set n = 2 where id = 2`)
    await e.drain()
    expect(await e.journal()).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})
