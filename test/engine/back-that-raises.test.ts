import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import { withEngine } from './engine.ts'

const NARROW = {
  oldSql: `create domain public.word as text not null;
    create table wide (k text primary key, title text, score bigint);
    create table narrow (k text primary key, title text, score smallint, mood public.word)`,
  newSql: `create table items (k text primary key, title text, score bigint, mood text)`,
  tables: {
    items: merge({
      key: 'k',
      sources: {
        wide: {},
        narrow: {
          columns: {
            score: { from: 'score::bigint', back: 'score::smallint' },
            mood: { from: 'mood::text', back: 'mood::public.word' },
          },
        },
      },
    }),
  },
  open: true,
}

test('a source that has no row has no say in what a native write may hold', async () => {
  await withEngine(NARROW, async (e) => {
    await e.db.query(`insert into new_schema.items (k, title, score) values ('a', 'one', 100000)`)
    await e.db.query(`update new_schema.items set score = 100001`)
    await e.db.query(`update new_schema.items set title = 'two'`)
    expect(await e.db.query(`select k, title, score::int from wide`)).toEqual([{ k: 'a', title: 'two', score: 100001 }])
    await e.db.query(`delete from new_schema.items`)
    expect(await e.db.query(`select from wide union all select from narrow`)).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})

test('of a source that has a row only what the native write changed must fit', async () => {
  await withEngine(NARROW, async (e) => {
    await e.db.query(`insert into wide values ('a', 'one', 100000)`)
    await e.db.query(`insert into narrow values ('a', 'other', 7, 'well')`)
    await e.db.query(`update new_schema.items set title = 'two'`)
    expect(await e.db.query(`select title, score, mood from narrow`)).toEqual([
      { title: 'two', score: 7, mood: 'well' },
    ])
    await expect(e.db.query(`update new_schema.items set score = 100001`)).rejects.toMatchObject({ code: '22003' })
    await e.db.query(`delete from new_schema.items`)
    expect(await e.db.query(`select from wide union all select from narrow`)).toEqual([])
  })
})

test('an old row that a native update makes has all its values, those that it leaves alone too', async () => {
  const reverse = ['wide', 'narrow']
  const tables = { items: merge({ ...NARROW.tables.items, reverse }) }
  await withEngine({ ...NARROW, tables }, async (e) => {
    await e.db.query(`insert into wide values ('a', 'one', 8)`)
    await e.db.query(`update new_schema.items set mood = 'well'`)
    expect(await e.db.query(`select * from narrow`)).toEqual([{ k: 'a', title: 'one', score: 8, mood: 'well' }])
    expect(await e.differences()).toEqual([])
  })
})

test('an old row that comes while the write looks for it is one to try again for', async () => {
  const options = {
    oldSql: `create table first (k text primary key, title text); create table second (k text primary key, title text);
      create function public.slow(text) returns text language plpgsql as
        $$ begin perform pg_advisory_xact_lock(7); return $1; end $$`,
    newSql: `create table items (k text primary key, title text)`,
    tables: {
      items: merge({
        key: 'k',
        columns: { title: { pick: 'first row' } },
        sources: { first: {}, second: { columns: { title: { from: 'title', back: 'public.slow(title)' } } } },
      }),
    },
    open: true,
  }
  await withEngine(options, async (e) => {
    await e.db.query(`insert into second values ('a')`)
    const [native, old, holder] = [await e.connect(), await e.connect(), await e.connect()]
    await holder.query('begin; select pg_advisory_xact_lock(7)')
    const written = native.query(`update new_schema.items set title = 'new'`).catch((error: unknown) => error)
    while (
      (await e.db.query(`select from pg_locks where locktype = 'advisory' and objid = 7 and not granted`)).length === 0
    )
      await sleep(10)
    await old.query(`insert into first values ('a')`)
    await holder.query('commit')
    expect(await written).toMatchObject({ code: '40001' })
    await e.drain()
    await e.db.query(`update new_schema.items set title = 'new'`)
    expect(await e.db.query(`select title from first`)).toEqual([{ title: 'new' }])
    expect(await e.differences()).toEqual([])
  })
})
