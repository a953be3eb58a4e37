import { expect, test } from 'vitest'
import { append } from '../../src/spec/config.ts'
import { withEngine } from './engine.ts'

test('an append of which no column has a way back', async () => {
  const options = {
    oldSql: `create table o (id serial primary key, n integer)`,
    newSql: `create table t (id bigserial primary key, part integer)`,
    tables: { t: append({ sources: { o: { columns: { part: { from: 'n / 2', back: false } } } } }) },
  } as const
  await withEngine(options, async (e) => {
    await e.db.query(`insert into o (n) values (4)`)
    await e.open()
    expect(await e.db.query(`select part from new_schema.t`)).toEqual([{ part: 2 }])
    await expect(e.db.query(`update new_schema.t set part = 3`)).rejects.toMatchObject({ code: 'CF002' })
    await expect(e.db.query(`insert into new_schema.t (part) values (3)`)).rejects.toMatchObject({ code: 'CF002' })
    await e.db.query(`delete from new_schema.t`)
    expect(await e.db.query(`select from o`)).toEqual([])
  })
})

test('a merge of which nothing but the key is fed', async () => {
  const options = {
    oldSql: `create table o (a integer, b text, primary key (a, b))`,
    newSql: `create table t (id bigserial primary key, a integer not null, b text not null, note text, unique (a, b))`,
    tables: { t: { key: ['a', 'b'], sources: { o: {} } } },
  }
  await withEngine(options, async (e) => {
    await e.db.query(`insert into o values (1, 'x'), (2, 'y')`)
    await e.db.query(`update o set b = 'z' where a = 2`)
    await e.open()
    await e.db.query(`update new_schema.t set note = 'own'`)
    await e.db.query(`insert into new_schema.t (a, b) values (3, 'new')`)
    await e.db.query(`delete from new_schema.t where a = 1`)
    await e.drain()
    expect(await e.db.query(`select a, b from o order by a`)).toEqual([
      { a: 2, b: 'z' },
      { a: 3, b: 'new' },
    ])
    expect(await e.differences()).toEqual([])
  })
})
