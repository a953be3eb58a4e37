import { expect, test } from 'vitest'
import { withEngine } from './engine.ts'

test('four sources, of which any may be missing', async () => {
  await withEngine(
    {
      oldSql: ['a', 'b', 'c', 'd']
        .map((t) => `create table ${t} (k int primary key, x text, own_${t} text);`)
        .join('\n'),
      newSql: `create table n (k int primary key, x text, own_a text, own_b text, own_c text, own_d text);`,
      tables: { n: { key: 'k', sources: { a: {}, b: {}, c: {}, d: {} }, reverse: ['a', 'd'] } },
      open: true,
    },
    async (e) => {
      for (let k = 1; k < 16; k++)
        for (const [i, t] of ['a', 'b', 'c', 'd'].entries())
          if (k & (1 << i))
            await e.db.query(`insert into ${t} values (${k}, nullif('${t}', '${k % 5 === 0 ? 'a' : '-'}'), '${t}')`)
      expect(await e.differences()).toEqual([])
      await e.db.query(`update new_schema.n set x = 'native' where k % 2 = 0`)
      await e.db.query(`update new_schema.n set own_d = 'native'`)
      await e.db.query(`insert into new_schema.n (k, x, own_a, own_d) values (20, 'x', 'a', 'd')`)
      await expect(e.db.query(`insert into new_schema.n (k, own_b) values (21, 'b')`)).rejects.toMatchObject({
        code: 'CF002',
      })
      for (const t of ['a', 'b', 'c', 'd']) await e.db.query(`delete from ${t} where k % 3 = 0`)
      await e.db.query(`delete from new_schema.n where k = 7`)
      expect(await e.outbox()).toEqual([])
      expect(await e.differences()).toEqual([])
    },
  )
})

test('a source with a filter: rows enter and leave it', async () => {
  await withEngine(
    {
      oldSql: `create table a (k int primary key, x text, kind text); create table b (k int primary key, y text);`,
      newSql: `create table n (k int primary key, x text, kind text, y text);`,
      tables: { n: { key: 'k', sources: { a: { where: `kind is distinct from 'smoke'` }, b: {} } } },
      open: true,
    },
    async (e) => {
      await e.db.query(`insert into a values (1, 'x', 'smoke'), (2, 'x', null), (3, 'x', 'real')`)
      await e.db.query(`insert into b values (1, 'y'), (3, 'y')`)
      await e.db.query(`update a set kind = 'real' where k = 1`)
      await e.db.query(`update a set kind = 'smoke' where k = 3`)
      await e.db.query(`update a set kind = 'smoke' where k = 2`)
      expect(await e.db.query('select * from new_schema.n order by k')).toEqual([
        { k: 1, x: 'x', kind: 'real', y: 'y' },
        { k: 3, x: null, kind: null, y: 'y' },
      ])
      await expect(e.db.query(`update new_schema.n set kind = 'smoke' where k = 1`)).rejects.toMatchObject({
        code: 'CF002',
      })
      await e.db.query(`update new_schema.n set x = 'made', y = 'Y' where k = 1`)
      await e.db.query(`delete from new_schema.n where k = 3`)
      expect(await e.db.query('select k from a order by k')).toEqual([{ k: 1 }, { k: 2 }, { k: 3 }])
      expect(await e.differences()).toEqual([])
      expect(await e.outbox()).toEqual([])
    },
  )
})

test('a source that is an updatable view over a table', async () => {
  await withEngine(
    {
      oldSql: `create table base (id int primary key, "Title" text, state text default 'live', hidden text);
        create view posts as select id, "Title" as title, state from base where state <> 'gone';
        create table b (k int primary key, y text);`,
      newSql: `create table n (k int primary key, title text, state text, y text);`,
      tables: { n: { key: 'k', sources: { posts: { key: 'id' }, b: {} } } },
      open: true,
    },
    async (e) => {
      await e.db.query(`insert into base (id, "Title") values (1, 't'), (2, 't')`)
      await e.db.query(`insert into posts (id, title) values (3, 't')`)
      await e.db.query(`insert into b values (1, 'y')`)
      await e.db.query(`update base set state = 'gone' where id = 2`)
      await e.db.query(`update posts set title = 'u' where id = 3`)
      await e.db.query(`update base set hidden = 'h'`)
      await e.db.query(`update new_schema.n set title = 'native' where k = 1`)
      await e.db.query(`insert into new_schema.n (k, title, state) values (4, 'born', 'live')`)
      await e.db.query(`delete from new_schema.n where k = 3`)
      expect(await e.db.query('select id, "Title" as title from base order by id')).toEqual([
        { id: 1, title: 'native' },
        { id: 2, title: 't' },
        { id: 4, title: 'born' },
      ])
      expect(await e.outbox()).toEqual([])
      expect(await e.differences()).toEqual([])
    },
  )
})

test('two views over one table are two sources of it', async () => {
  await withEngine(
    {
      oldSql: `create table base (id int primary key, k int, kind text, x text);
        create view plans as select id, k, x from base where kind = 'plan';
        create view drafts as select id, k, x as y from base where kind = 'draft';`,
      newSql: `create table n (k int primary key, x text, y text);`,
      tables: { n: { key: 'k', sources: { plans: {}, drafts: {} } } },
      open: true,
    },
    async (e) => {
      await e.db.query(`insert into base values (1, 1, 'plan', 'p'), (2, 1, 'draft', 'd'), (3, 2, 'draft', 'd')`)
      await e.db.query(`update base set kind = 'plan' where id = 3`)
      expect(await e.db.query('select * from new_schema.n order by k')).toEqual([
        { k: 1, x: 'p', y: 'd' },
        { k: 2, x: 'd', y: null },
      ])
      await e.db.query(`update new_schema.n set y = 'native' where k = 1`)
      expect(await e.differences()).toEqual([])
      expect(await e.outbox()).toEqual([])
    },
  )
})
