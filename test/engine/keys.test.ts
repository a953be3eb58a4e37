import { expect, test } from 'vitest'
import { withEngine } from './engine.ts'

test('a composite key, of which a part is text with a collation of its own', async () => {
  await withEngine(
    {
      oldSql: `create table a (tenant int, slug text collate "C", x text, primary key (tenant, slug)); create table b (id serial primary key, tenant_text text, slug varchar(20), y text);`,
      newSql: `create table n (tenant int not null, slug text not null, x text, y text, unique (tenant, slug));`,
      tables: {
        n: {
          key: ['tenant', 'slug'],
          sources: { a: {}, b: { key: ['tenant_text::int', 'slug'], latestBy: 'id' } },
          reverse: ['a'],
        },
      },
      open: true,
    },
    async (e) => {
      await e.db.query(`insert into a values (1, 'é', 'x'), (1, 'Z|"{', 'x'), (2, 'é', 'x'), (2, '', 'x')`)
      await e.db.query(
        `insert into b (tenant_text, slug, y) values ('1', 'é', 'old'), (' 1 ', 'é', 'y'), ('2', 'only b', 'y'), ('x', 'é', 'y'), (null, 'é', 'y'), ('99999999999', 'é', 'y'), ('9999999999', 'é', 'y')`,
      )
      expect(await e.db.query(`select tenant, slug, x, y from new_schema.n where slug = 'é' order by 1`)).toEqual([
        { tenant: 1, slug: 'é', x: 'x', y: 'y' },
        { tenant: 2, slug: 'é', x: 'x', y: null },
      ])
      await e.db.query(`update a set tenant = 3 where tenant = 2`)
      await e.db.query(`update new_schema.n set y = 'native' where tenant = 1 and slug = 'é'`)
      await e.db.query(`delete from new_schema.n where slug = 'only b'`)
      await e.db.query(`insert into new_schema.n (tenant, slug, x) values (9, 'born', 'x')`)
      await e.drain()
      expect((await e.journal()).map((j) => j.old_key)).toHaveLength(4)
      expect(await e.differences()).toEqual([])
    },
  )
})

test('a uuid is one key however it is spelled, and what is none has none', async () => {
  const id = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'
  await withEngine(
    {
      oldSql: `create table a (id uuid primary key, x text); create table b (n serial primary key, id text unique, y text);`,
      newSql: `create table n (id uuid primary key, x text, y text);`,
      tables: { n: { key: 'id', sources: { a: {}, b: { latestBy: 'n' } }, reverse: ['a'] } },
      open: true,
    },
    async (e) => {
      await e.db.query(`insert into a values ('${id}', 'x')`)
      for (const spelled of [
        id,
        id.toUpperCase(),
        id.replaceAll('-', ''),
        `{${id}}`,
        ` ${id} `,
        'a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11',
      ]) {
        await e.db.query(`insert into b (id, y) values ($1, $1)`, [spelled])
        expect(await e.db.query('select id, x, y from new_schema.n')).toEqual([{ id, x: 'x', y: spelled }])
        expect((await e.db.query(`select id from crossfade_compat.b`))[0]).toEqual({ id: spelled })
      }
      await e.db.query(`update new_schema.n set y = 'native'`)
      expect(await e.db.query(`select count(*)::int as n from b where y = 'native'`)).toEqual([{ n: 1 }])
      const none = ['made-up', '', ' ', `${id}0`, id.slice(1), `{${id}`, `\n${id}`, '{}']
      for (const text of none) await e.db.query(`insert into b (id) values ($1)`, [text])
      await e.drain()
      expect(await e.journal()).toHaveLength(none.length)
      await e.db.query(`update b set id = gen_random_uuid() where id = 'made-up'`)
      await e.db.query(`update b set id = 'made up' where id = ''`)
      await e.db.query(`delete from b where id = ' '`)
      await e.drain()
      expect(await e.journal()).toHaveLength(none.length - 2)
      expect(await e.differences()).toEqual([])
      await e.db.query(`delete from new_schema.n where id = '${id}'`)
      expect(await e.db.query(`select from b where y is not null`)).toEqual([])
      expect(await e.differences()).toEqual([])
    },
  )
})

test('a row without a key never makes an old statement fail, in any isolation and behind any lock of the journal', async () => {
  await withEngine(
    {
      oldSql: `create table a (id uuid primary key); create table b (n serial primary key, id text, y text);`,
      newSql: `create table n (id uuid primary key, y text);`,
      tables: { n: { key: 'id', sources: { a: {}, b: { latestBy: 'n' } } } },
    },
    async (e) => {
      const [app, tool] = [await e.connect(), await e.connect()]
      await app.query('begin isolation level repeatable read')
      await app.query('select from a')
      await e.db.query(`insert into b (id) values ('made-up')`)
      await e.drain()
      await app.query('rollback')
      await app.query('begin isolation level serializable')
      await app.query('select from a')
      await tool.query(`begin; update crossfade.journal set accepted_by = 'me'; lock table crossfade.journal`)
      await app.query(`update b set y = 'changed'`)
      await app.query(`insert into b (id) values ('other')`)
      await app.query('commit')
      await app.query(`delete from b where id = 'made-up'`)
      await tool.query('commit')
      await e.drain()
      expect((await e.journal()).map((j) => j.old_key)).toEqual([['2']])
    },
  )
})

test('several rows of one source have one key: the latest feeds the new row, else the one with the least id', async () => {
  const schema = {
    oldSql: `create table a (id serial primary key, k int, x text, at timestamptz);`,
    newSql: `create table n (k int primary key, x text, at timestamptz);`,
  }
  for (const latest of [true, false]) {
    await withEngine(
      { ...schema, tables: { n: { key: 'k', sources: { a: latest ? { latestBy: 'at' } : {} } } }, open: true },
      async (e) => {
        await e.db.query(
          `insert into a (k, x, at) values (1, 'one', '2024-01-01'), (1, 'two', '2024-03-01'), (1, 'three', '2024-02-01'), (1, 'none', null)`,
        )
        const winner = async (): Promise<unknown> => (await e.db.query('select x from new_schema.n'))[0]?.x
        expect(await winner()).toBe(latest ? 'two' : 'one')
        await e.db.query(`update new_schema.n set x = 'native'`)
        expect(await e.db.query(`select id from a where x = 'native'`)).toEqual([{ id: latest ? 2 : 1 }])
        await e.db.query(`delete from a where x = 'native'`)
        expect(await winner()).toBe(latest ? 'three' : 'two')
        await e.db.query(`delete from new_schema.n`)
        expect(await e.db.query('select from a')).toEqual([])
        expect(await e.differences()).toEqual([])
      },
    )
  }
})

test.each([
  { type: 'numeric', spellings: ['1.0', '1.00', '1'] },
  { type: 'float8', spellings: ['-0', '0', '0'] },
])(
  'equal keys of $type that are written otherwise are one key, written as the first source has it',
  async ({ type, spellings }) => {
    await withEngine(
      {
        oldSql: `create table a (k ${type} primary key, x text); create table b (k ${type} primary key, y text);`,
        newSql: `create table n (k ${type} primary key, x text, y text);`,
        tables: { n: { key: 'k', sources: { a: {}, b: {} } } },
        open: true,
      },
      async (e) => {
        await e.db.query(`insert into b values ('${spellings[0]}', 'y')`)
        await e.db.query(`insert into a values ('${spellings[1]}', 'x')`)
        await e.drain()
        expect(await e.differences()).toEqual([])
        await e.db.query(`update new_schema.n set y = 'native' where k = '${spellings[2]}'`)
        await e.db.query(`delete from a`)
        await e.drain()
        expect(await e.db.query('select x, y from new_schema.n')).toEqual([{ x: null, y: 'native' }])
        expect(await e.differences()).toEqual([])
      },
    )
  },
)
