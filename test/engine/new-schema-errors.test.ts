import { expect, test } from 'vitest'
import { withEngine } from './engine.ts'
import { QUEUE } from './queue.ts'

const DATA_ERRORS = [
  { what: 'a CHECK', break: `update plans set score = -1`, heal: `update plans set score = 1`, state: '23514' },
  {
    what: 'a value that would be rounded',
    break: `update plans set score = 1.005`,
    heal: `update plans set score = 1`,
    state: '22000',
  },
  {
    what: 'a value out of range',
    break: `update plans set score = 1e9`,
    heal: `update plans set score = 1`,
    state: '22003',
  },
  {
    what: 'an infinite numeric',
    break: `update plans set score = 'Infinity'`,
    heal: `update plans set score = 'NaN'`,
    state: '22003',
  },
]

test.each(DATA_ERRORS)('$what fails on the new side alone, is journaled, and heals', async (c) => {
  await withEngine(QUEUE, async (e) => {
    await e.db.query(`insert into plans (k, title) values ('one', 't')`)
    await e.db.query(c.break)
    expect(await e.outbox()).toMatchObject([{ key: ['one'], sqlstate: c.state }])
    await e.drain()
    expect(await e.journal()).toMatchObject([{ key: ['one'], sqlstate: c.state }])
    expect(await e.db.query('select * from new_schema.queue')).toEqual([])
    expect(await e.differences()).toEqual([])
    await e.db.query(c.heal)
    await e.drain()
    expect(await e.journal()).toEqual([])
    expect(await e.db.query('select k from new_schema.queue')).toEqual([{ k: 'one' }])
    expect(await e.differences()).toEqual([])
  })
})

test('a row that moves to a key under which it does not fit', async () => {
  await withEngine(QUEUE, async (e) => {
    await e.db.query(
      `insert into plans (k, title) values ('one', 't'); insert into drafts (k, body) values ('one', 'b')`,
    )
    await e.db.query(`update plans set k = 'two', score = -1`)
    await e.drain()
    expect(await e.journal()).toMatchObject([{ key: ['two'], sqlstate: '23514' }])
    expect(await e.db.query('select k, title, body from new_schema.queue')).toEqual([
      { k: 'one', title: null, body: 'b' },
    ])
    expect(await e.differences()).toEqual([])
  })
})

test('NOT NULL, a varchar too long, and blanks that would be cut off a varchar', async () => {
  const options = {
    ...QUEUE,
    newSql: `create table queue (k text primary key, title varchar(3), body text, state text not null)`,
  }
  await withEngine(
    { ...options, tables: { queue: { key: 'k', sources: { plans: {}, drafts: { columns: { state: false } } } } } },
    async (e) => {
      await e.db.query(`insert into plans (k, title) values ('fits', 'abc'), ('long', 'abcd'), ('blanks', 'abc  ')`)
      await e.db.query(`insert into drafts (k, body) values ('null', 'b')`)
      await e.drain()
      expect((await e.journal()).map((j) => [j.key?.[0], j.sqlstate]).sort()).toEqual([
        ['blanks', '22000'],
        ['long', '22000'],
        ['null', '23502'],
      ])
      expect(await e.db.query('select k, title from new_schema.queue')).toEqual([{ k: 'fits', title: 'abc' }])
      expect(await e.differences()).toEqual([])
    },
  )
})

const SCHEMA_ERRORS = [
  {
    what: 'the new table is away',
    break: `alter table new_schema.queue rename to away`,
    heal: `alter table new_schema.away rename to queue`,
  },
  {
    what: 'a column is renamed',
    break: `alter table new_schema.queue rename body to text`,
    heal: `alter table new_schema.queue rename text to body`,
  },
  {
    what: 'the lineage is away',
    break: `alter table crossfade.lineage_queue rename to away`,
    heal: `alter table crossfade.away rename to lineage_queue`,
  },
]

test.each(SCHEMA_ERRORS)('$what while the application writes: nothing fails, keys wait, and it heals', async (c) => {
  await withEngine(QUEUE, async (e) => {
    const app = await e.connect()
    await app.query(`insert into plans (k, title) values ('one', 't'), ('two', 't')`)
    await e.db.query(c.break)
    await app.query(`update plans set title = 'u' where k = 'one'`)
    await app.query(`delete from plans where k = 'two'`)
    await app.query(`insert into drafts (k, body) values ('three', 'b')`)
    expect((await e.outbox()).length).toBeGreaterThan(1)
    expect(await e.drainOnce()).toBe(0)
    expect((await e.outbox()).length).toBeGreaterThan(1)
    await e.db.query(c.heal)
    await e.drain()
    expect(await e.differences()).toEqual([])
    expect(await e.journal()).toEqual([])
  })
})

const OLD_CHANGES = [
  {
    what: 'the key column of an old table is renamed',
    break: `alter table plans rename k to kk`,
    heal: `alter table plans rename kk to k`,
    k: 'kk',
  },
  {
    what: 'a fed column of an old table is renamed',
    break: `alter table plans rename title to name`,
    heal: `alter table plans rename name to title`,
    k: 'k',
  },
  {
    what: 'an old table gets a column',
    break: `alter table plans add extra int`,
    heal: `alter table plans drop extra`,
    k: 'k',
  },
  {
    what: 'a column of an old table changes its type',
    break: `alter table plans alter k type varchar(50)`,
    heal: `alter table plans alter k type text`,
    k: 'k',
  },
]

test.each(OLD_CHANGES)('$what under a session that goes on writing: nothing fails, and it heals', async (c) => {
  await withEngine(QUEUE, async (e) => {
    const app = await e.connect()
    for (let i = 0; i < 7; i++) await app.query(`insert into plans (k, score) values ('${i}', ${i})`)
    await e.db.query(c.break)
    await app.query(`update plans set score = 2`)
    await app.query(`update plans set ${c.k} = 'moved' where ${c.k} = '3'`)
    await app.query(`delete from plans where ${c.k} = '4'`)
    await app.query(`insert into plans (${c.k}, score) values ('eight', 3)`)
    await e.db.query(c.heal)
    await e.drain()
    await app.query(`update plans set score = 5 where k = '5'`)
    expect(await e.outbox()).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})

test('a journaled key that is mended while the applier journals it comes back', async () => {
  await withEngine(QUEUE, async (e) => {
    await e.db.query(`insert into plans (k, score) values ('one', -1)`)
    const [applier, app] = [await e.connect(), await e.connect()]
    await applier.query('begin')
    await applier.query('select crossfade.drain_queue(10)')
    // The applier has judged, and not committed yet.
    await app.query(`update plans set score = 1`)
    await applier.query('commit')
    await e.drain()
    expect(await e.journal()).toEqual([])
    expect(await e.differences()).toEqual([])
    expect(await e.db.query('select k from new_schema.queue')).toEqual([{ k: 'one' }])
  })
})
