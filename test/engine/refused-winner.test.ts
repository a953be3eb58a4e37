import { expect, test } from 'vitest'
import { type Engine, withEngine } from './engine.ts'

const OPTIONS = {
  oldSql: `
    create table people (id integer primary key);
    create table o (k integer primary key, u text, at integer, person integer);`,
  newSql: `
    create table persons (id integer primary key);
    create table t (k integer primary key, u text unique, at integer, person integer references persons (id));`,
  tables: {
    persons: { key: 'id', sources: { people: {} } },
    t: { key: 'k', unique: { u: { pick: 'earliest by at' } }, sources: { o: {} } },
  },
} as const

async function state(e: Engine): Promise<unknown> {
  await e.drain()
  expect(await e.differences()).toEqual([])
  const rows = await e.db.query(`select k from new_schema.t order by k`)
  return { rows: rows.map((row) => row.k), journal: (await e.journal()).map((entry) => entry.key?.[0]).sort() }
}

test.each(['read committed', 'repeatable read', 'serializable'])(
  'a row that wins a value and is refused for something else takes it from who has it (%s)',
  async (isolation) => {
    await withEngine(OPTIONS, async (e) => {
      await e.db.query(`insert into o values (1, 'x', 5, null)`)
      const session = await e.connect(`set default_transaction_isolation = '${isolation}'`)
      await session.query(`insert into o values (2, 'x', 3, 99)`)
      expect(await state(e)).toEqual({ rows: [], journal: ['1', '2'] })
      await session.query(`update o set u = 'y' where k = 2`)
      expect(await state(e)).toEqual({ rows: [1], journal: ['2'] })
      await session.query(`update o set u = 'x' where k = 2`)
      expect(await state(e)).toEqual({ rows: [], journal: ['1', '2'] })
      await session.query(`insert into people values (99)`)
      expect(await state(e)).toEqual({ rows: [2], journal: ['1'] })
    })
  },
)

test('a row that is left out for one value takes another from who has it', async () => {
  const options = {
    oldSql: `create table o (k integer primary key, u text, v text, at integer);`,
    newSql: `create table t (k integer primary key, u text unique, v text unique, at integer);`,
    tables: {
      t: {
        key: 'k',
        unique: { u: { pick: 'earliest by at' }, v: { pick: 'earliest by at', otherwise: 'omit' } },
        sources: { o: {} },
      },
    },
  } as const
  await withEngine(options, async (e) => {
    await e.db.query(`insert into o values (1, 'x', null, 5), (2, 'y', 'b', 3), (3, 'z', 'a', 1)`)
    // 2 loses v to 3, and wins u from 1.
    await e.db.query(`update o set u = 'x', v = 'a' where k = 2`)
    expect(await state(e)).toEqual({ rows: [3], journal: ['1'] })
    await e.db.query(`delete from o where k = 2`)
    expect(await state(e)).toEqual({ rows: [1, 3], journal: [] })
  })
})
