import { expect, test } from 'vitest'
import { append } from '../../src/spec/config.ts'
import { withEngine } from './engine.ts'
import { key, POSTS } from './posts.ts'

test.each([
  ['a int, b text', 'a, b', `1, 'x,y'`, 'a = 2', 'id bigint generated always as identity primary key'],
  ['a text', 'a', `'{"x'`, `a = 'NULL'`, 'id uuid default gen_random_uuid() primary key'],
  [
    'a uuid',
    'a',
    `'${key(1)}'`,
    'a = gen_random_uuid()',
    'id serial, other uuid default gen_random_uuid(), primary key (other, id)',
  ],
  ['a timestamptz', 'a', `'2026-01-01 00:00:00.123456+05'`, `a = a + interval '1 hour'`, 'id bigserial primary key'],
  ['a numeric', 'a', '1.0', 'a = 1.00', 'id bigserial primary key'],
  ['a double precision', 'a', '0', `a = '-0'`, 'id bigserial primary key'],
])('rows are told apart by %s', async (columns, primary, values, change, handle) => {
  const options = {
    oldSql: `create table o (${columns}, val text, primary key (${primary}))`,
    newSql: `create table n (${handle}, val text)`,
    tables: { n: append({ sources: { o: {} } }) },
    open: true,
  }
  await withEngine(options, async (e) => {
    await e.db.query(`set timezone = 'Asia/Tokyo'; insert into o values (${values}, 'v')`)
    await e.db.query(`update o set ${change}`)
    await e.db.query(`begin isolation level repeatable read; update o set val = 'w'; commit`)
    await e.drain()
    expect(await e.db.query('select val from new_schema.n')).toEqual([{ val: 'w' }])
    expect(await e.differences()).toEqual([])
    await e.db.query('delete from new_schema.n')
    expect(await e.db.query('select from o')).toEqual([])
  })
})

test('who may read the old table but not the one that gives a value reads its view; hidden old ids stay hidden', async () => {
  const [reader, narrow] = ['crossfade_test_reader', 'crossfade_test_narrow']
  const oldSql = /* sql */ `${POSTS.oldSql}
    create role ${reader}; grant select on likes, passes to ${reader};
    create role ${narrow}; grant select (likes) on likes, passes to ${narrow};`
  await withEngine({ ...POSTS, oldSql }, async (e) => {
    try {
      await e.db.query(
        `insert into decisions (decision_id, tweet_id) values ('${key(1)}', 'x'); insert into likes (tweet_id, likes) values ('x', 1)`,
      )
      // Without it every read of a new table is refused, whatever the rights on its columns are.
      await e.db.query(`grant usage on schema new_schema to ${reader}`)
      const session = await e.connect(`set role ${reader}`)
      expect((await session.query('select id, likes from crossfade_compat.likes')).rows).toEqual([{ id: 1, likes: 1 }])
      await expect(session.query('select decision_id from new_schema.metrics')).rejects.toMatchObject({ code: '42501' })
      await session.query(`set role ${narrow}`)
      await expect(
        session.query('select crossfade_key_1 from crossfade.lineage_metrics_from_likes'),
      ).rejects.toMatchObject({ code: '42501' })
    } finally {
      await e.db.query(`drop owned by ${reader}, ${narrow}; drop role ${reader}, ${narrow}`)
    }
  })
})
