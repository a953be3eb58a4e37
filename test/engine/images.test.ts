import { expect, test } from 'vitest'
import { type EngineOptions, withEngine } from './engine.ts'

const TYPES = [
  ['jsonb', `'{"a": 1.0}'`, `'{"a": 1.00}'`],
  ['json', `'{"a":1}'`, `'{"a": 1}'`],
  ['numeric', `'1.0'`, `'1.00'`],
  ['float8', `'0'`, `'-0'`],
] as const

const options = (type: string): EngineOptions => ({
  oldSql: `create table a (k int primary key, v ${type}); create table b (k int primary key, w text);`,
  newSql: `create table n (k int primary key, v ${type}, w text);`,
  tables: { n: { key: 'k', sources: { a: {}, b: {} } } },
  open: true,
})

test.each(TYPES)('equal values that are written otherwise, by either name: %s', async (type, one, other) => {
  await withEngine(options(type), async (e) => {
    const same = async (value: string): Promise<unknown> =>
      await e.db.query(
        `select record_image_eq(row(a.v), row(${value}::${type})) as old, record_image_eq(row(n.v), row(${value}::${type})) as new from a join new_schema.n using (k)`,
      )
    await e.db.query(`insert into a values (1, ${one})`)
    await e.db.query(`update a set v = ${other}`)
    expect(await same(other)).toEqual([{ old: true, new: true }])
    await e.db.query(`update new_schema.n set v = ${one}`)
    expect(await same(one)).toEqual([{ old: true, new: true }])
    expect(await e.outbox()).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})

test.each(TYPES)('verification sees, and law before refuses, what is only equal: %s', async (type, one, other) => {
  await withEngine(options(type), async (e) => {
    await e.db.query(`insert into a values (1, ${one})`)
    await e.db.query(`alter table a disable trigger all; update a set v = ${other}`)
    expect(await e.differences()).toMatchObject([{ columns: ['v'] }])
    await expect(e.db.query(`update new_schema.n set w = 'native'`)).rejects.toMatchObject({ code: '40001' })
  })
})
