import { expect, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import { withEngine } from './engine.ts'

test('a word that nobody knows, or a uuid that is none, is of no interest where another source has the value', async () => {
  const options = {
    oldSql: /* sql */ `
      create table a (id int primary key, state text, owner uuid);
      create table b (id int primary key, state text, owner text);`,
    newSql: 'create table t (id int primary key, state text not null, owner uuid)',
    tables: {
      t: merge({
        key: 'id',
        sources: {
          a: { columns: { state: { values: { on: 'active' } } } },
          b: { columns: { state: { values: { on: 'active' } }, owner: 'owner::uuid' } },
        },
      }),
    },
  }
  await withEngine(options, async (e) => {
    await e.db.query(`insert into a values (1, 'on', '00000000-0000-0000-0000-000000000001'), (2, null, null)`)
    await e.db.query(`insert into b values (1, '??', 'made up'), (2, '??', null), (3, 'on', 'made up')`)
    await e.drain()
    expect(await e.db.query('select id, state from new_schema.t')).toEqual([{ id: 1, state: 'active' }])
    expect((await e.journal()).map(({ key, sqlstate }) => [key?.[0], sqlstate])).toEqual([
      ['2', '22000'],
      ['3', '22P02'],
    ])
    expect(await e.differences()).toEqual([])
  })
})

test('an expression that raises does so in any case, also where another source has the value: no plan decides', async () => {
  const options = {
    oldSql: `create table a (id int primary key, share int); create table b (id int primary key, n int);`,
    newSql: 'create table t (id int primary key, share int)',
    tables: {
      t: merge({ key: 'id', sources: { a: {}, b: { columns: { share: { from: '1000 / n', back: false } } } } }),
    },
  }
  await withEngine(options, async (e) => {
    await e.db.query(`insert into a values (1, 5), (2, 5); insert into b values (1, 0), (2, 10)`)
    await e.drain()
    expect((await e.journal()).map(({ key, sqlstate }) => [key?.[0], sqlstate])).toEqual([['1', '22012']])
    expect(await e.db.query('select id, share from new_schema.t')).toEqual([{ id: 2, share: 5 }])
    expect(await e.differences()).toEqual([])
  })
})
