import { expect, test } from 'vitest'
import { type Engine, withEngine } from './engine.ts'
import { key, POSTS } from './posts.ts'

const DECIDED = `insert into decisions (decision_id, tweet_id, content) values ('${key(1)}', 'x', 'one'), ('${key(2)}', 'y', 'two')`

async function bodies(e: Engine): Promise<unknown[]> {
  return await e.db.query('select content, body from new_schema.posts order by content')
}

test('a row is found by its partner, whichever of the two comes first', async () => {
  await withEngine(POSTS, async (e) => {
    await e.db.query(`insert into tweets (tweet_id, body) values ('x', 'early')`)
    await e.drain()
    expect(await e.journal()).toMatchObject([{ source: 'tweets', sqlstate: '22004' }])
    await e.db.query(DECIDED)
    await e.db.query(`insert into tweets (tweet_id, body) values ('y', 'late')`)
    expect(await bodies(e)).toEqual([
      { content: 'one', body: 'early' },
      { content: 'two', body: 'late' },
    ])
    await e.drain()
    expect(await e.journal()).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})

test('a partner that changes its link, or goes, takes what it was linked to with it', async () => {
  await withEngine(POSTS, async (e) => {
    await e.db.query(
      `${DECIDED}; insert into tweets (tweet_id, body) values ('x', 'of x'); insert into likes (tweet_id, likes) values ('x', 7)`,
    )
    const owner = async (): Promise<unknown[]> =>
      await e.db.query(
        'select p.content, m.likes from new_schema.metrics m join new_schema.posts p using (decision_id)',
      )
    expect(await owner()).toEqual([{ content: 'one', likes: 7 }])
    await e.db.query(`update decisions set tweet_id = 'z' where content = 'one'`)
    await e.db.query(`update decisions set tweet_id = 'x' where content = 'two'`)
    await e.drain()
    expect(await bodies(e)).toEqual([
      { content: 'one', body: null },
      { content: 'two', body: 'of x' },
    ])
    expect(await owner()).toEqual([{ content: 'two', likes: 7 }])
    await e.db.query(`delete from decisions where content = 'two'`)
    await e.drain()
    expect(await owner()).toEqual([])
    expect((await e.journal()).map((entry) => entry.sqlstate).sort()).toEqual(['22004', '22004'])
    expect(await e.differences()).toEqual([])
  })
})

test.each([true, false])(
  'a linked row and its partner are written at the same time (the row first: %s)',
  async (rowFirst) => {
    await withEngine(POSTS, async (e) => {
      await e.db.query(DECIDED)
      const [one, other] = [await e.connect(), await e.connect()]
      const row = `insert into likes (tweet_id, likes) values ('x', 7)`
      const partner = `update decisions set tweet_id = case tweet_id when 'x' then 'y' else 'x' end`
      await one.query('begin')
      await one.query(rowFirst ? row : partner)
      await other.query(rowFirst ? partner : row)
      await one.query('commit')
      await e.drain()
      expect(
        await e.db.query(
          'select p.content, m.likes from new_schema.metrics m join new_schema.posts p using (decision_id)',
        ),
      ).toEqual([{ content: 'two', likes: 7 }])
      expect(await e.differences()).toEqual([])
    })
  },
)

test('no old statement waits for a lock on a link longer than its budget', async () => {
  await withEngine({ ...POSTS, sync: { budgetMs: 60 } }, async (e) => {
    await e.db.query(DECIDED)
    const [one, other] = [await e.connect(), await e.connect('set statement_timeout = 1000')]
    await one.query('begin')
    await one.query(`update decisions set tweet_id = 'z' where tweet_id = 'x'`)
    await other.query('begin')
    for (let n = 0; n < 30; n++) await other.query(`insert into likes (tweet_id, likes) values ('x', ${n})`)
    expect(
      Number((await other.query(`select current_setting('crossfade.spent') as spent`)).rows[0].spent),
    ).toBeLessThan(200_000)
    await other.query('commit')
    await one.query('commit')
    await e.drain()
    expect(await e.differences()).toEqual([])
  })
})

test('TRUNCATE of the table that gives keys', async () => {
  await withEngine(POSTS, async (e) => {
    await e.db.query(
      `${DECIDED}; insert into tweets (tweet_id, body) values ('x', 'of x'); insert into likes (tweet_id, likes) values ('x', 7)`,
    )
    await e.db.query('truncate decisions')
    await e.drain()
    expect(await e.db.query('select from new_schema.posts')).toEqual([])
    expect(await e.db.query('select from new_schema.metrics')).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})

test('a link column is read-only natively', async () => {
  await withEngine({ ...POSTS, open: true }, async (e) => {
    await e.db.query(DECIDED)
    await expect(
      e.db.query(`update new_schema.posts set tweet_id = 'other' where content = 'one'`),
    ).rejects.toMatchObject({ code: 'CF002' })
  })
})

test('a chain of two: who gets what the row is linked to, and who no longer does', async () => {
  const options = {
    oldSql: /* sql */ `
      create table orders (id int primary key, ref text, placed int);
      create table parcels (no text primary key, ref text);
      create table scans (id int primary key, no text, depot text);
      insert into orders values (1, 'r', 1), (2, 'x', 2);
      insert into parcels values ('p', 'r');
      insert into scans values (1, 'p', 'North');`,
    newSql: 'create table shipments (id int primary key, ref text, placed int, depot text)',
    tables: {
      shipments: {
        key: 'id',
        sources: {
          orders: {},
          scans: {
            key: {
              via: 'parcels',
              on: 'no',
              take: { via: 'orders', on: 'ref', take: 'id', pick: 'latest by placed' },
              otherwise: 'omit' as const,
            },
          },
        },
      },
    },
  }
  await withEngine(options, async (e) => {
    const depots = (): Promise<unknown[]> => e.db.query('select id, depot from new_schema.shipments order by id')
    expect(await depots()).toEqual([
      { id: 1, depot: 'North' },
      { id: 2, depot: null },
    ])
    await e.db.query(`update orders set ref = 'r' where id = 2`)
    expect(await depots()).toEqual([
      { id: 1, depot: null },
      { id: 2, depot: 'North' },
    ])
    await e.db.query(`update parcels set ref = 'nobody'`)
    await e.drain()
    expect(await depots()).toEqual([
      { id: 1, depot: null },
      { id: 2, depot: null },
    ])
    await e.db.query(`update orders set ref = 'nobody' where id = 1`)
    await e.drain()
    expect(await depots()).toEqual([
      { id: 1, depot: 'North' },
      { id: 2, depot: null },
    ])
    expect(await e.differences()).toEqual([])
  })
})

test('a row without a key is left out while a linked column finds nothing, and in the journal while it does', async () => {
  const options = {
    oldSql: `
      create table o (id serial primary key, k text, code text);
      create table names (id serial primary key, code text, name text);`,
    newSql: `create table t (k text primary key, name text)`,
    tables: {
      t: {
        key: 'k',
        sources: { o: { columns: { name: { via: 'names', on: 'code', take: 'name', otherwise: 'omit' } } } },
      },
    },
  } as const
  await withEngine(options, async (e) => {
    const journaled = async (): Promise<number> => {
      await e.drain()
      return (await e.journal()).length
    }
    await e.db.query(`insert into o (k, code) values (null, 'a')`)
    expect(await journaled()).toBe(0)
    await e.db.query(`insert into names (code, name) values ('a', 'Anna')`)
    expect(await journaled()).toBe(1)
    await e.db.query(`delete from names`)
    expect(await journaled()).toBe(0)
  })
})
