import { expect, test } from 'vitest'
import { append, merge } from '../../src/spec/config.ts'
import { type EngineOptions, withEngine } from './engine.ts'
import { key } from './posts.ts'

function linked(to: string, from: string): EngineOptions {
  return {
    oldSql: /* sql */ `
      create table v (id serial primary key, link ${to}, code int);
      create table o (id serial primary key, link ${from}, val text);
      create table measured (id serial primary key, link ${from}, val text);
      create table m (code int primary key, x text);`,
    newSql: /* sql */ `
      create table n (code int primary key, x text, val text);
      create table l (id bigserial primary key, code int, val text);`,
    tables: {
      n: merge({ key: 'code', sources: { m: {}, o: { key: { via: 'v', on: 'link', take: 'code' } } } }),
      l: append({ sources: { measured: { columns: { code: { via: 'v', on: 'link', take: 'code' } } } } }),
    },
  }
}

test.each([
  ['uuid', 'text', `'${key(1)}'`, `'${key(1).toUpperCase()}'`],
  ['char(5)', 'char(7)', `'ab'`, `'ab'`],
  ['bigint', 'int', '5', '5'],
  ['numeric', 'numeric(6,3)', '1.0', '1.000'],
  ['numeric', 'text', '1.00', `'1.0'`],
  ['timestamptz', 'timestamptz', `'2026-01-01 00:00:00+00'`, `'2026-01-01 01:00:00+01'`],
  ['double precision', 'double precision', `'-0'`, '0'],
  ['int', 'text', '5', `' 5 '`],
])('%s linked by %s', async (to, from, there, here) => {
  await withEngine(linked(to, from), async (e) => {
    await e.db.query(`insert into m values (1, 'a'); insert into o (link, val) values (${here}, 'o'), (null, 'z')`)
    await e.db.query(`insert into measured (link, val) values (${here}, 'o')`)
    await e.db.query(`insert into v (link, code) values (${there}, 1)`)
    await e.drain()
    expect(await e.db.query('select code, val from new_schema.n')).toEqual([{ code: 1, val: 'o' }])
    const session = await e.connect('begin isolation level repeatable read')
    await session.query('update v set code = 2; commit')
    await e.drain()
    expect(await e.db.query('select code, val from new_schema.l')).toEqual([{ code: 2, val: 'o' }])
    expect(await e.differences()).toEqual([])
  })
})

test('a list is no link', async () => {
  await expect(withEngine(linked('text[]', 'text[]'), async () => {})).rejects.toThrow('a list is no link')
})

test('a partner that is renamed stops neither old writes nor the applier', async () => {
  await withEngine(linked('text', 'text'), async (e) => {
    await e.db.query('alter table v rename to w')
    await e.db.query(`insert into o (link, val) values ('x', 'o'); insert into w (link, code) values ('x', 1)`)
    await e.drainOnce()
    expect((await e.outbox()).map((item) => item.sqlstate)).toContain('42P01')
    await e.db.query('alter table w rename to v')
    await e.drain()
    expect(await e.differences()).toEqual([])
  })
})

test('who writes a partition by its own name is waited for, too', async () => {
  const options: EngineOptions = {
    oldSql: /* sql */ `
      create table a (k int primary key, x text);
      create table b (k int, y text, part int, primary key (k, part)) partition by list (part);
      create table b1 partition of b for values in (1);`,
    newSql: 'create table n (k int primary key, x text, y text)',
    tables: { n: { key: 'k', sources: { a: {}, b: {} } } },
  }
  await withEngine(options, async (e) => {
    // A row of which nothing has come over yet.
    await e.db.query('alter table a disable trigger all')
    await e.db.query(`insert into a values (1, 'a')`)
    await e.db.query('alter table a enable always trigger crossfade_01_sync_n')
    const one = await e.connect('begin isolation level repeatable read; delete from a')
    const direct = await e.connect(`begin; insert into b1 values (1, 'b', 1)`)
    await one.query('commit')
    for (let n = 0; n < 4; n++) {
      await e.db.query(`update crossfade.outbox set not_before = '-infinity'`)
      await e.drainOnce()
    }
    await direct.query('commit')
    await e.drain()
    expect(await e.differences()).toEqual([])
  })
})
