import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import { drainFunction } from '../../src/sqlgen/names.ts'
import { type EngineOptions, withEngine } from './engine.ts'
import { key, POSTS } from './posts.ts'

/** Children that reference a column which is not the parent's key, and which it can come to and lose. */
const CODES: EngineOptions = {
  oldSql: `create table p (k text primary key, code text unique); create table c (k text primary key, code text);`,
  newSql: `create table parents (k text primary key, code text unique);
           create table children (k text primary key, code text references parents (code));`,
  tables: { parents: merge({ key: 'k', sources: { p: {} } }), children: merge({ key: 'k', sources: { c: {} } }) },
}

test('a parent that comes to the awaited value wakes its children, and one that loses it sends them back', async () => {
  await withEngine(CODES, async (e) => {
    await e.db.query(`insert into c values ('c', 'x'); insert into p values ('p', null)`)
    await e.drain()
    expect(await e.journal()).toMatchObject([{ key: ['c'], sqlstate: '23503' }])
    await e.db.query(`update p set code = 'x'`)
    await e.drain()
    expect(await e.journal()).toEqual([])
    await e.db.query(`update p set code = 'y'`)
    await e.drain()
    expect(await e.db.query('select k from new_schema.children')).toEqual([])
    expect(await e.journal()).toMatchObject([{ key: ['c'], sqlstate: '23503' }])
    expect(await e.differences()).toEqual([])
  })
})

test('a child whose foreign key is a long text waits in the journal, not in the outbox', async () => {
  await withEngine(CODES, async (e) => {
    await e.db.query(`insert into c select 'c', string_agg(md5(n::text), '') from generate_series(1, 300) as n`)
    await e.drain()
    expect(await e.journal()).toMatchObject([{ key: ['c'], sqlstate: '23503' }])
  })
})

test('natively a referenced value can be given, and not be taken from its children', async () => {
  await withEngine({ ...CODES, open: true }, async (e) => {
    await e.db.query(`insert into c values ('c', 'x'); insert into p values ('p', null)`)
    await e.drain()
    await e.db.query(`update new_schema.parents set code = 'x'`)
    await e.drain()
    expect(await e.journal()).toEqual([])
    await expect(e.db.query(`update new_schema.parents set code = 'y'`)).rejects.toMatchObject({ code: '23503' })
    await e.db.query(`delete from new_schema.children; update new_schema.parents set code = 'y'`)
    await e.drain()
    expect(await e.journal()).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})

test('a foreign key of two columns, partly null, to columns that are no key', async () => {
  const options = {
    oldSql: `create table p (k text primary key, x integer, y text); create table c (k text primary key, x integer, y text)`,
    newSql: `create table parents (k text primary key, x bigint, y text, unique (x, y));
             create table children (k text primary key, x bigint, y text, foreign key (y, x) references parents (y, x))`,
    tables: CODES.tables,
    open: true,
  }
  await withEngine(options, async (e) => {
    await e.db.query(`insert into c values ('1', 1, null), ('2', null, 'y'), ('3', 1, 'y')`)
    await e.drain()
    expect((await e.journal()).map((j) => j.key)).toEqual([['3']])
    await e.db.query(`insert into p values ('p', 1, null)`)
    await e.db.query(`update new_schema.parents set y = 'y'`)
    await e.drain()
    expect(await e.journal()).toEqual([])
    await e.db.query(`update p set y = 'other'`)
    await e.drain()
    expect((await e.journal()).map((j) => j.key)).toEqual([['3']])
    expect(await e.differences()).toEqual([])
  })
})

const TREE: EngineOptions = {
  oldSql: `create table t (id integer primary key, above integer);`,
  newSql: `create table tree (id integer primary key, above integer references tree (id) on delete cascade);`,
  tables: { tree: merge({ key: 'id', sources: { t: {} } }) },
  open: true,
}

test('a row may be its own parent', async () => {
  await withEngine(TREE, async (e) => {
    await e.db.query(`insert into t values (1, 1), (2, 1)`)
    await e.drain()
    expect(await e.journal()).toEqual([])
    await e.db.query(`insert into new_schema.tree values (5, 5)`)
    await e.db.query(`delete from new_schema.tree where id = 1`)
    expect(await e.db.query('select id from t')).toEqual([{ id: 5 }])
    await e.drain()
    expect(await e.differences()).toEqual([])
  })
})

test.each([3, 90])('a native delete of a tree of %i rows that an old foreign key deletes, too', async (rows) => {
  const oldSql = TREE.oldSql.replace('above integer', 'above integer references t on delete cascade')
  await withEngine({ ...TREE, oldSql }, async (e) => {
    await e.db.query(`insert into t select n, nullif(n / 2, 0) from generate_series(1, ${rows}) as n`)
    await e.drain()
    await e.db.query(`delete from new_schema.tree`)
    await e.drain()
    expect(await e.db.query('select from t')).toEqual([])
    expect(await e.differences()).toEqual([])
    expect(await e.journal()).toEqual([])
  })
})

test('rows of two tables that reference each other do not wait for each other for ever', async () => {
  const options = {
    oldSql: `create table p (id integer primary key, last integer); create table c (id integer primary key, p_id integer);
             insert into p values (1, 10), (2, 99); insert into c values (10, 1), (11, 98);`,
    newSql: `create table posts (id integer primary key, last integer);
             create table comments (id integer primary key, p_id integer references posts);
             alter table posts add foreign key (last) references comments (id);`,
    tables: { posts: merge({ key: 'id', sources: { p: {} } }), comments: merge({ key: 'id', sources: { c: {} } }) },
  }
  await withEngine(options, async (e) => {
    await e.drain()
    expect(await e.journal()).toMatchObject([{ key: ['2'] }])
    expect(await e.db.query('select id from new_schema.posts')).toEqual([{ id: 1 }])
    expect(await e.db.query('select id from new_schema.comments order by id')).toEqual([{ id: 10 }, { id: 11 }])
    expect(e.mapping.notes.join()).toMatch(/comments and posts reference each other/)
    expect(await e.differences()).toEqual([])
  })
})

test.each([
  ['numeric', '1.0', '1.00'],
  ['public.citext', `'a@X'`, `'A@x'`],
])('a child finds a parent whose %s is written otherwise', async (type, child, parent) => {
  const options = {
    oldSql: `create extension citext; create table p (k ${type} primary key); create table c (k text primary key, p ${type});`,
    newSql: `create table parents (k ${type} primary key); create table children (k text primary key, p ${type} references parents);`,
    tables: CODES.tables,
  }
  await withEngine(options, async (e) => {
    await e.db.query(`insert into c values ('c', ${child})`)
    await e.drain()
    await e.db.query(`insert into p values (${parent})`)
    await e.drain()
    expect(await e.journal()).toEqual([])
    expect(await e.db.query('select k from new_schema.children')).toEqual([{ k: 'c' }])
    await e.db.query('delete from p')
    await e.drain()
    expect(await e.differences()).toEqual([])
  })
})

const SNAPSHOT = 'begin isolation level repeatable read; select from decisions'

test('a native delete whose snapshot does not show a child sends it into the journal', async () => {
  await withEngine({ ...POSTS, open: true }, async (e) => {
    await e.db.query(`insert into decisions (decision_id) values ('${key(1)}')`)
    const app = await e.connect(SNAPSHOT)
    await e.db.query(`insert into new_schema.metrics (decision_id, likes) values ('${key(1)}', 1)`)
    await app.query('delete from new_schema.posts; commit')
    await e.drain()
    expect(await e.journal()).toMatchObject([{ sqlstate: '23503' }])
    expect(await e.db.query('select from new_schema.metrics')).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})

test('a native parent whose snapshot does not show a waiting child wakes it', async () => {
  await withEngine({ ...POSTS, open: true }, async (e) => {
    const app = await e.connect(SNAPSHOT)
    await e.db.query(`insert into passes (decision_id, likes) values ('${key(1)}', 1)`)
    await e.drain()
    await app.query(`insert into new_schema.posts (decision_id, content) values ('${key(1)}', 'n'); commit`)
    await e.drain()
    expect(await e.journal()).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})

test('a parent that comes while its child is being written into the journal', async () => {
  await withEngine(POSTS, async (e) => {
    await e.db.query(`insert into passes (decision_id, likes) values ('${key(1)}', 1)`)
    const [applier, app] = [await e.connect('begin'), await e.connect('begin')]
    for (const t of e.mapping.targets) await applier.query(`select ${drainFunction(t)}(100)`)
    // It doesn't see the entry, which has not committed.
    await app.query(`insert into decisions (decision_id) values ('${key(1)}')`)
    await applier.query('commit')
    for (let look = 0; look < 3; look++) {
      await sleep(60)
      await e.drainOnce()
    }
    await app.query('commit')
    await e.drain()
    expect(await e.journal()).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})
