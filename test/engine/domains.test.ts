import { expect, test } from 'vitest'
import { append, merge } from '../../src/spec/config.ts'
import { withEngine } from './engine.ts'

const OLD = /* sql */ `
  create domain code as text not null check (value <> '');
  create domain serial_code as code;
  create table items_a (k serial_code primary key, name text);
  create table items_b (k serial_code primary key, phone text);
  create table passes (k serial_code primary key, likes integer);
  insert into items_a values ('x', 'X');
  insert into items_b values ('x', '1'), ('y', '2');
  insert into passes values ('p', 1)`
const NEW = /* sql */ `
  create table items (k serial_code primary key, name text, phone text);
  create table metrics (id bigserial primary key, k serial_code, likes integer)`
const TABLES = {
  items: merge({ key: 'k', sources: { items_a: {}, items_b: {} }, reverse: ['items_a', 'items_b'] }),
  metrics: append({ sources: { passes: {} } }),
}

for (const mode of ['inline', 'outbox'] as const) {
  test(`a key of a domain that takes no null: old names write as before (${mode})`, async () => {
    await withEngine({ oldSql: OLD, newSql: NEW, tables: TABLES, sync: { mode } }, async (engine) => {
      const app = await engine.connect()
      await app.query(`insert into items_a values ('z', 'Z')`)
      await app.query(`update items_b set phone = '22' where k = 'y'`)
      await app.query(`update items_b set k = 'yy' where k = 'y'`)
      await app.query(`delete from items_a where k = 'x'`)
      await app.query(`insert into passes values ('q', 2)`)
      await app.query(`update passes set k = 'r' where k = 'q'`)
      await app.query(`delete from passes where k = 'p'`)
      await engine.drain()
      expect(await engine.db.query('select * from new_schema.items order by k')).toEqual([
        { k: 'x', name: null, phone: '1' },
        { k: 'yy', name: null, phone: '22' },
        { k: 'z', name: 'Z', phone: null },
      ])
      expect(await engine.db.query('select k, likes from new_schema.metrics')).toEqual([{ k: 'r', likes: 2 }])
      expect(await engine.differences()).toEqual([])
    })
  })
}

test('a key of a domain that takes no null: native writes', async () => {
  await withEngine({ oldSql: OLD, newSql: NEW, tables: TABLES, open: true }, async (engine) => {
    const app = await engine.connect()
    await app.query(`insert into items_a values ('z', 'Z')`)
    await app.query(`update new_schema.items set name = 'ZZ' where k = 'z'`)
    await app.query(`update new_schema.items set phone = '3' where k = 'y'`)
    await app.query(`delete from new_schema.items where k = 'x'`)
    await app.query(`insert into new_schema.metrics (k, likes) values ('s', 5)`)
    await app.query(`delete from new_schema.items where k = 'z'`)
    expect(await engine.db.query('select * from items_a')).toEqual([])
    expect(await engine.db.query('select * from items_b')).toEqual([{ k: 'y', phone: '3' }])
    expect(await engine.db.query('select * from passes order by k')).toEqual([
      { k: 'p', likes: 1 },
      { k: 's', likes: 5 },
    ])
    await engine.drain()
    expect(await engine.differences()).toEqual([])
  })
})
