import { expect, test } from 'vitest'
import { retryDoubtful } from '../../src/control/journal.ts'
import { append, type MergeSpec, merge } from '../../src/spec/config.ts'
import { type EngineOptions, withEngine } from './engine.ts'

/** Members of one table, guests of another; `score` is what a row can have wrong for a reason of its own. */
function people(spec: Partial<MergeSpec> = {}, rest: Partial<EngineOptions> = {}): EngineOptions {
  return {
    oldSql: `create table members (k text primary key, email text, score text); create table guests (k text primary key, email text);`,
    newSql: `create table people (k text primary key, email text unique, score numeric(3, 1));`,
    tables: {
      people: merge({
        key: 'k',
        sources: { members: { columns: { score: { from: 'score::numeric', back: 'score::text' } } }, guests: {} },
        ...spec,
      }),
    },
    ...rest,
  }
}

test.each([
  ['goes', `delete from members where k = 'a'`, []],
  ['changes its value', `update members set email = 'y' where k = 'a'`, [['a']]],
  ['is corrected and changes its value', `update members set email = 'y', score = '1' where k = 'a'`, []],
])('a winner that is itself in the journal %s: the next comes', async (_, statement, journaled) => {
  for (const isolation of ['read committed', 'repeatable read']) {
    await withEngine(people(), async (e) => {
      await e.db.query(`insert into members values ('a', 'x', '1000'), ('b', 'x', '1')`)
      await e.drain()
      // Which row keeps the value is a function of the rows alone, whatever else is wrong with them.
      expect((await e.journal()).map((j) => j.key)).toEqual([['a'], ['b']])
      await e.db.query(`begin isolation level ${isolation}; ${statement}; commit`)
      await e.drain()
      expect((await e.journal()).map((j) => j.key)).toEqual(journaled)
      expect(await e.db.query(`select email from new_schema.people where k = 'b'`)).toEqual([{ email: 'x' }])
      expect(await e.differences()).toEqual([])
    })
  }
})

test('two that keep each other out come when one goes', async () => {
  const options = people(
    { unique: { email: { pick: 'latest by k' } } },
    { newSql: `create table people (k text primary key, email text unique, score numeric unique);` },
  )
  await withEngine(options, async (e) => {
    await e.db.query(`insert into members values ('a', 'x', '1'), ('b', 'x', '1')`)
    await e.drain()
    expect(await e.db.query('select k from new_schema.people')).toEqual([])
    await e.db.query(`delete from members where k = 'b'`)
    await e.drain()
    expect(await e.journal()).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})

test('a native delete whose snapshot does not show a loser passes the value on', async () => {
  await withEngine(people({}, { open: true }), async (e) => {
    await e.db.query(`insert into members values ('a', 'x', '1')`)
    const app = await e.connect('begin isolation level repeatable read; select from members')
    await e.db.query(`insert into members values ('b', 'x', '1')`)
    await e.drain()
    await app.query(`delete from new_schema.people; commit`)
    await e.drain()
    expect(await e.journal()).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})

test.each(['journal', 'omit'] as const)(
  'a native insert under the key of a loser (%s) is refused',
  async (otherwise) => {
    await withEngine(people({ unique: { email: { otherwise } } }, { open: true }), async (e) => {
      await e.db.query(`insert into members values ('a', 'x', '1'); insert into guests values ('b', 'x')`)
      await e.drain()
      const insert = `insert into new_schema.people (k, email) values ('b', 'other')`
      await expect(e.db.query(insert)).rejects.toMatchObject({ code: 'CF001' })
      expect(await e.db.query(`select from members where k = 'b'`)).toEqual([])
      expect(await e.differences()).toEqual([])
    })
  },
)

/** Where the value comes from, and the rows of b and of a, which comes later and wins. */
test.each([
  [
    'a column that the mapping fills',
    {
      oldSql: `create table m (k text primary key, kind text, name text); create table g (k text primary key, name text)`,
      newSql: `create table people (k text primary key, kind text not null default 'd', name text, unique (kind, name))`,
      tables: { people: merge({ key: 'k', sources: { m: {}, g: {} }, columns: { kind: { otherwise: `'x'` } } }) },
    },
    `insert into m values ('b', null, 'n')`,
    `insert into g values ('a', 'n')`,
  ],
  [
    'nothing but columns that the mapping fills',
    {
      oldSql: `create table m (k text primary key, kind text); create table g (k text primary key, note text)`,
      newSql: `create table people (k text primary key, kind text not null default 'd' unique, note text)`,
      tables: { people: merge({ key: 'k', sources: { m: {}, g: {} } }) },
    },
    `insert into m values ('b', 'd')`,
    `insert into g values ('a', 'n')`,
  ],
  [
    'a part of the key',
    {
      oldSql: `create table m (k text, n integer, c text, primary key (k, n)); create table g (k text, n integer, c text, primary key (k, n))`,
      newSql: `create table people (k text, n integer, c text, primary key (k, n), unique (n, c))`,
      tables: { people: merge({ key: ['k', 'n'], sources: { m: {}, g: {} } }) },
    },
    `insert into m values ('b', 1, 'n')`,
    `insert into g values ('a', 1, 'n')`,
  ],
  [
    'an expression over all sources',
    {
      oldSql: `create table m (k text primary key, c text); create table g (k text primary key, c text)`,
      newSql: `create table people (k text primary key, c text unique)`,
      tables: {
        people: merge({ key: 'k', sources: { m: {}, g: {} }, columns: { c: { from: 'coalesce(m.c, g.c)' } } }),
      },
    },
    `insert into m values ('b', 'n')`,
    `insert into g values ('a', 'n')`,
  ],
  [
    'a type of an extension',
    {
      oldSql: `create extension citext; create table m (k text primary key, c citext); create table g (k text primary key, c citext)`,
      newSql: `create table people (k text primary key, c citext unique)`,
      tables: { people: merge({ key: 'k', sources: { m: {}, g: {} } }) },
    },
    `insert into m values ('b', 'N')`,
    `insert into g values ('a', 'n')`,
  ],
])('a unique over %s', async (_, options, loser, winner) => {
  await withEngine(options, async (e) => {
    await e.db.query(loser)
    await e.db.query(winner)
    await e.drain()
    expect(await e.db.query('select k from new_schema.people')).toEqual([{ k: 'a' }])
    expect(await e.differences()).toEqual([])
    await e.db.query('delete from g')
    await e.drain()
    expect(await e.journal()).toEqual([])
    expect(await e.db.query('select k from new_schema.people')).toEqual([{ k: 'b' }])
  })
})

test('a misfit in a unique column concerns nobody else', async () => {
  const column = { nr: { from: 'nr::integer', back: 'nr::text' } }
  const options = {
    oldSql: `create table m (k text primary key, nr text); create table g (k text primary key, nr text)`,
    newSql: `create table people (k text primary key, nr integer unique)`,
    tables: { people: merge({ key: 'k', sources: { m: { columns: column }, g: { columns: column } } }) },
  }
  await withEngine(options, async (e) => {
    await e.db.query(`insert into m values ('a', 'bad'), ('b', '1'), ('c', '2')`)
    await e.drain()
    expect((await e.journal()).map((j) => j.key)).toEqual([['a']])
    expect(await e.differences()).toEqual([])
  })
})

test.each([
  [
    'with a condition',
    `create table people (k text primary key, email text, gone boolean); create unique index on people (email) where not gone`,
    { people: merge({ key: 'k', sources: { m: {} } }) },
    `update m set gone = true where k = 'a'`,
  ],
  [
    'of two appended tables',
    `create table people (id bigserial primary key, k text, email text unique)`,
    { people: append({ sources: { m: {}, n: {} } }) },
    `delete from m where k = 'a'`,
  ],
])('what a unique %s has kept out gets another chance by itself', async (_, newSql, tables, statement) => {
  const oldSql = `create table m (k text primary key, email text, gone boolean default false); create table n (k text primary key, email text)`
  await withEngine({ oldSql, newSql, tables }, async (e) => {
    await e.db.query(
      `insert into m values ('a', 'x'); insert into ${newSql.includes('gone') ? 'm' : 'n'} values ('b', 'x')`,
    )
    await e.drain()
    expect(await e.journal()).toHaveLength(1)
    await e.db.query(statement)
    await e.drain()
    expect(await retryDoubtful(await e.connect())).toBe(0)
    await e.db.query(`update crossfade.journal set last_at = now() - interval '1 minute'`)
    expect(await retryDoubtful(await e.connect())).toBe(1)
    await e.drain()
    expect(await e.journal()).toEqual([])
    expect(await e.db.query(`select k from new_schema.people where k = 'b'`)).toEqual([{ k: 'b' }])
  })
})

test('who was left out for a value of an expression over all sources comes when that goes', async () => {
  const options = {
    oldSql: `create table m (k text primary key, c text); create table g (k text primary key, c text)`,
    newSql: `create table people (k text primary key, c text unique)`,
    tables: {
      people: merge({
        key: 'k',
        unique: { c: { otherwise: 'omit' as const } },
        sources: { m: {}, g: {} },
        columns: { c: { from: 'coalesce(m.c, g.c)' } },
      }),
    },
  }
  await withEngine(options, async (e) => {
    await e.db.query(`insert into m values ('b', 'n'); insert into g values ('a', 'n')`)
    await e.drain()
    expect(await e.db.query('select k from new_schema.people')).toEqual([{ k: 'a' }])
    await e.db.query('delete from g')
    await e.drain()
    expect(await e.db.query('select k from new_schema.people')).toEqual([{ k: 'b' }])
    expect(await e.differences()).toEqual([])
  })
})
