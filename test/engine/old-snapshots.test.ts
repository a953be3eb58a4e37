import { expect, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import { withEngine } from './engine.ts'

/** Native writes that don't see what has been committed since their transaction's snapshot. */
const LEVELS = ['repeatable read', 'serializable']

test.each(LEVELS)('a native insert under the key of a row that lost meanwhile (%s)', async (level) => {
  const options = {
    oldSql: 'create table m (k text primary key, email text, v text); create table g (k text primary key, email text)',
    newSql: 'create table people (k text primary key, email text unique, v text)',
    tables: { people: merge({ key: 'k', sources: { m: {}, g: {} }, reverse: ['m'] }) },
    open: true,
  }
  await withEngine(options, async (e) => {
    await e.db.query(`insert into m values ('a', 'x', '1')`)
    const app = await e.connect(`begin isolation level ${level}; select from m`)
    await e.db.query(`insert into g values ('b', 'x')`)
    await e.drain()
    expect(await e.journal()).toHaveLength(1)
    await app.query(`insert into new_schema.people (k, v) values ('b', '2'); commit`)
    await e.drain()
    expect(await e.differences()).toEqual([])
  })
})

test.each(LEVELS)('a native update that shows a value which was changed meanwhile (%s)', async (level) => {
  const options = {
    oldSql: 'create table m (k text primary key, shown boolean); create table g (k text primary key, x integer)',
    newSql: 'create table people (k text primary key, shown boolean, x integer)',
    tables: {
      people: merge({
        key: 'k',
        sources: { m: {}, g: {} },
        columns: { x: { from: 'case when m.shown then g.x end' } },
        reverse: ['m'],
      }),
    },
    open: true,
  }
  await withEngine(options, async (e) => {
    await e.db.query(`insert into m values ('a', false); insert into g values ('a', 1)`)
    const app = await e.connect(`begin isolation level ${level}; select from m`)
    await e.db.query('update g set x = 2')
    await app.query('update new_schema.people set shown = true; commit')
    await e.drain()
    expect(await e.db.query('select x from new_schema.people')).toEqual([{ x: 2 }])
    expect(await e.differences()).toEqual([])
  })
})

test.each(LEVELS)('a native write that wins a value from a row whose new child it does not see (%s)', async (level) => {
  const options = {
    oldSql: `create table m (k text primary key, above text, code text, at integer);
             create table g (k text primary key, code text, at integer)`,
    newSql: 'create table aa (k text primary key, above text references aa, code text unique, at integer)',
    tables: {
      aa: merge({ key: 'k', sources: { g: {}, m: {} }, columns: { code: { pick: 'latest by at' } }, reverse: ['m'] }),
    },
    open: true,
  }
  await withEngine(options, async (e) => {
    await e.db.query(`
      insert into m values ('a1', null, 'y', 9), ('a4', null, 'x', 1);
      insert into g values ('a1', 'x', 5)`)
    const app = await e.connect(`begin isolation level ${level}; select from m`)
    await e.db.query(`insert into m values ('a0', 'a4', null, 1)`)
    await app.query(`update new_schema.aa set at = 3 where k = 'a1'; commit`)
    await e.drain()
    expect(await e.db.query('select k, code from new_schema.aa')).toEqual([{ k: 'a1', code: 'x' }])
    expect((await e.journal()).map((entry) => entry.sqlstate).sort()).toEqual(['23503', '23505'])
    expect(await e.differences()).toEqual([])
  })
})
