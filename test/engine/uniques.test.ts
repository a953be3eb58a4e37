import { expect, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import { type EngineOptions, withEngine } from './engine.ts'

function options(unique: { pick?: string; otherwise?: 'journal' | 'omit' } = {}): EngineOptions {
  return {
    oldSql: /* sql */ `
      create table members (k text primary key, email text, seen_at integer);
      create table guests (k text primary key, email text);`,
    newSql: /* sql */ `create table people (k text primary key, email text unique, seen_at integer);`,
    tables: { people: merge({ key: 'k', unique: { email: unique }, sources: { members: {}, guests: {} } }) },
  }
}

test('without a word of the mapping the smallest key keeps the value, whoever came first', async () => {
  await withEngine(options(), async (e) => {
    await e.db.query(`insert into members (k, email) values ('b', 'x@y')`)
    await e.db.query(`insert into guests (k, email) values ('a', 'x@y')`)
    await e.drain()
    expect(await e.db.query('select k from new_schema.people')).toEqual([{ k: 'a' }])
    expect(await e.journal()).toMatchObject([{ key: ['b'], sqlstate: '23505' }])
    expect(await e.differences()).toEqual([])
  })
})

test('the latest keeps the value; when it goes, or is no longer the latest, the next takes its place', async () => {
  await withEngine(options({ pick: 'latest by seen_at' }), async (e) => {
    const who = async (): Promise<unknown> =>
      (await e.db.query<{ k: string }>('select k from new_schema.people')).map((row) => row.k)
    await e.db.query(`insert into members values ('a', 'x@y', 1), ('b', 'x@y', 3), ('c', 'x@y', 2), ('d', 'x@y', null)`)
    await e.drain()
    expect(await who()).toEqual(['b'])
    await e.db.query(`update members set seen_at = 9 where k = 'd'`)
    await e.drain()
    expect(await who()).toEqual(['d'])
    await e.db.query(`update members set seen_at = 0 where k = 'd'`)
    await e.drain()
    expect(await who()).toEqual(['b'])
    await e.db.query(`delete from members where k = 'b'`)
    await e.drain()
    expect(await who()).toEqual(['c'])
    await e.db.query(`update members set email = 'other' where k = 'c'`)
    await e.drain()
    expect(await who()).toEqual(['c', 'a'])
    expect(await e.journal()).toMatchObject([{ key: ['d'] }])
    expect(await e.differences()).toEqual([])
  })
})

test('losers are left out where the mapping says so, and accounted for', async () => {
  await withEngine(options({ otherwise: 'omit' }), async (e) => {
    await e.db.query(`insert into members (k, email) values ('a', 'x@y'), ('b', 'x@y')`)
    await e.drain()
    expect(await e.journal()).toEqual([])
    expect(await e.db.query('select k from new_schema.people')).toEqual([{ k: 'a' }])
    await e.db.query(`delete from members where k = 'a'`)
    await e.drain()
    expect(await e.db.query('select k from new_schema.people')).toEqual([{ k: 'b' }])
    expect(await e.differences()).toEqual([])
  })
})

test('two rows swap their values', async () => {
  await withEngine(options(), async (e) => {
    await e.db.query(`insert into members (k, email) values ('a', '1'), ('b', '2')`)
    await e.db.query(`update members set email = case email when '1' then '2' else '1' end`)
    await e.drain()
    expect(await e.db.query('select k, email from new_schema.people order by k')).toEqual([
      { k: 'a', email: '2' },
      { k: 'b', email: '1' },
    ])
    expect(await e.journal()).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})

test('two sessions want one value at the same time', async () => {
  await withEngine(options(), async (e) => {
    const [one, other] = [await e.connect(), await e.connect()]
    await one.query('begin')
    await one.query(`insert into members (k, email) values ('b', 'x@y')`)
    await other.query(`insert into guests (k, email) values ('a', 'x@y')`)
    await one.query('commit')
    await e.drain()
    expect(await e.db.query('select k from new_schema.people')).toEqual([{ k: 'a' }])
    expect(await e.differences()).toEqual([])
  })
})

test('a native write that takes a value of another row is refused as its own table would; one that lets go passes it on', async () => {
  await withEngine({ ...options(), open: true }, async (e) => {
    await e.db.query(`insert into members (k, email) values ('a', 'x@y'), ('b', 'x@y'), ('c', 'z')`)
    await e.drain()
    await expect(e.db.query(`update new_schema.people set email = 'x@y' where k = 'c'`)).rejects.toMatchObject({
      code: '23505',
    })
    await e.db.query(`update new_schema.people set email = null where k = 'a'`)
    await e.drain()
    expect(await e.db.query(`select k from new_schema.people where email = 'x@y'`)).toEqual([{ k: 'b' }])
    expect(await e.differences()).toEqual([])
  })
})

test('who was left out comes back when a winner goes that has no row itself', async () => {
  const two: EngineOptions = {
    oldSql: 'create table m (k text primary key, x text, y text)',
    newSql: 'create table t (k text primary key, x text unique, y text unique)',
    tables: {
      t: merge({ key: 'k', unique: { x: { otherwise: 'omit' }, y: { otherwise: 'omit' } }, sources: { m: {} } }),
    },
  }
  await withEngine(two, async (e) => {
    const keys = async (): Promise<string[]> =>
      (await e.db.query<{ k: string }>('select k from new_schema.t order by k')).map((row) => row.k)
    await e.db.query(`insert into m values ('a', '1', '1'), ('b', '1', '2'), ('c', '3', '2')`)
    await e.drain()
    expect(await keys()).toEqual(['a'])
    await e.db.query(`delete from m where k = 'b'`)
    await e.drain()
    expect(await keys()).toEqual(['a', 'c'])
    expect(await e.differences()).toEqual([])
  })
})
