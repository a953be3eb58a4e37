import { expect, test } from 'vitest'
import { withEngine } from './engine.ts'

const ENGINE = {
  oldSql: `create table notes (id int primary key, a text); create table drafts (id int primary key, b text);
    insert into notes select i, 'a' from generate_series(1, 3000) as i; insert into drafts select i, 'b' from generate_series(2991, 3010) as i`,
  newSql: 'create table papers (id int primary key, a text, b text)',
  tables: { papers: { key: 'id', sources: { notes: {}, drafts: {} } } },
}

test('a TRUNCATE of many rows leaves one word for the applier, of a few their keys', async () => {
  await withEngine(ENGINE, async (e) => {
    await e.db.query('begin; truncate notes; insert into notes values (1, $$again$$), (5000, $$new$$); commit')
    expect((await e.outbox()).map((item) => item.key)).toContainEqual([])
    expect((await e.outbox()).length).toBeLessThan(10)
    await e.drain()
    expect(await e.differences()).toEqual([])
    expect(await e.db.query('select count(*)::int as rows, count(a)::int as a from new_schema.papers')).toEqual([
      { rows: 22, a: 2 },
    ])
    await e.db.query('truncate drafts')
    expect((await e.outbox()).map((item) => item.key)).toHaveLength(20)
    await e.drain()
    expect(await e.differences()).toEqual([])
    expect(await e.db.query('select id from new_schema.papers order by 1')).toEqual([{ id: 1 }, { id: 5000 }])
  })
})
