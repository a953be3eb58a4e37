import { expect, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import { type EngineOptions, withEngine } from './engine.ts'

/** Three levels. */
const FAMILY: EngineOptions = {
  oldSql: `create table a (k text primary key, v text); create table b (k text primary key, a text, v text); create table c (k text primary key, b text, v text);`,
  newSql: `create table aa (k text primary key, v text);
           create table bb (k text primary key, a text references aa on delete cascade, v text);
           create table cc (k text primary key, b text not null references bb on delete cascade, v text);`,
  tables: {
    aa: merge({ key: 'k', sources: { a: {} } }),
    bb: merge({ key: 'k', sources: { b: {} } }),
    cc: merge({ key: 'k', sources: { c: {} } }),
  },
  open: true,
}

const STUBS: EngineOptions = {
  ...FAMILY,
  tables: {
    ...FAMILY.tables,
    bb: merge({ key: 'k', sources: { b: { parent: 'stub' } } }),
    cc: merge({ key: 'k', sources: { c: { parent: 'stub' } } }),
  },
}

test.each([
  ['journal', FAMILY],
  ['stub', STUBS],
])('a native delete cascades through three levels, many rows in one statement (%s)', async (_, options) => {
  for (const isolation of ['read committed', 'repeatable read']) {
    await withEngine(options, async (e) => {
      await e.db.query(`
        insert into a select 'a' || i from generate_series(1, 5) as i;
        insert into b select 'b' || i, 'a' || (i % 5 + 1) from generate_series(1, 40) as i;
        insert into c select 'c' || i, 'b' || (i % 40 + 1) from generate_series(1, 120) as i`)
      await e.drain()
      await e.db.query(`begin isolation level ${isolation}; delete from new_schema.aa where k <> 'a1'; commit`)
      await e.drain()
      expect(await e.db.query('select from a')).toHaveLength(1)
      expect(await e.db.query('select from b')).toHaveLength(8)
      expect(await e.db.query('select from c')).toHaveLength(24)
      expect(await e.journal()).toEqual([])
      expect(await e.differences()).toEqual([])
    })
  }
})

test.each([
  ['journal', FAMILY],
  ['stub', STUBS],
])('parent and child in one native statement, in either order (%s)', async (_, options) => {
  await withEngine(options, async (e) => {
    await e.db.query(
      `with p as (insert into new_schema.aa values ('p', 'v') returning k) insert into new_schema.bb (k, a) select 'c', k from p`,
    )
    await e.db.query(
      `with c as (insert into new_schema.bb values ('d', 'q', 'x') returning a) insert into new_schema.aa select a, 'mine' from c`,
    )
    const parents = [
      { k: 'p', v: 'v' },
      { k: 'q', v: 'mine' },
    ]
    expect(await e.db.query('select k, v from a order by k')).toEqual(parents)
    expect(await e.db.query('select k, v from new_schema.aa order by k')).toEqual(parents)
    await e.drain()
    expect(await e.journal()).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})

test('native upserts and MERGE reach old rows, and tell what they wrote', async () => {
  await withEngine(FAMILY, async (e) => {
    await e.db.query(`insert into a values ('p', 'old')`)
    expect(
      await e.db.query(
        `insert into new_schema.aa values ('p', 'w'), ('q', 'x') on conflict (k) do update set v = excluded.v returning k, v`,
      ),
    ).toEqual([
      { k: 'p', v: 'w' },
      { k: 'q', v: 'x' },
    ])
    await e.db.query(
      `merge into new_schema.aa as t using (values ('p', 'm'), ('r', 'r')) as s (k, v) on t.k = s.k
       when matched then update set v = s.v when not matched then insert values (s.k, s.v)`,
    )
    expect(await e.db.query('select k, v from a order by k')).toEqual([
      { k: 'p', v: 'm' },
      { k: 'q', v: 'x' },
      { k: 'r', v: 'r' },
    ])
    expect(await e.differences()).toEqual([])
  })
})
