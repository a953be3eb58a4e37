import { expect, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import { type EngineOptions, withEngine } from './engine.ts'
import { key, POSTS } from './posts.ts'

test('a child waits in the journal for its parent, and comes with it', async () => {
  await withEngine(POSTS, async (e) => {
    await e.db.query(`insert into passes (decision_id, likes) values ('${key(1)}', 1)`)
    await e.drain()
    expect(await e.journal()).toMatchObject([{ sqlstate: '23503', waits_for: ['posts', key(1)] }])
    await e.db.query(`insert into decisions (decision_id, content) values ('${key(1)}', 'late')`)
    await e.drain()
    expect(await e.journal()).toEqual([])
    expect(await e.db.query('select likes from new_schema.metrics')).toEqual([{ likes: 1 }])
    await e.db.query('delete from decisions')
    await e.drain()
    expect(await e.journal()).toMatchObject([{ sqlstate: '23503' }])
    expect(await e.db.query('select from new_schema.metrics')).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})

test('a native parent wakes the children of old names', async () => {
  await withEngine({ ...POSTS, open: true }, async (e) => {
    await e.db.query(`insert into passes (decision_id, likes) values ('${key(1)}', 1)`)
    await e.drain()
    await e.db.query(`insert into new_schema.posts (decision_id, content) values ('${key(1)}', 'native')`)
    await e.drain()
    expect(await e.journal()).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})

test.each([true, false])('a child comes while its parent goes (the child first: %s)', async (childFirst) => {
  await withEngine(POSTS, async (e) => {
    await e.db.query(`insert into decisions (decision_id) values ('${key(1)}')`)
    const [one, other] = [await e.connect(), await e.connect()]
    const child = `insert into passes (decision_id, likes) values ('${key(1)}', 1)`
    const parent = 'delete from decisions'
    await one.query('begin')
    await one.query(childFirst ? child : parent)
    await other.query(childFirst ? parent : child)
    await one.query('commit')
    await e.drain()
    expect(await e.db.query('select from new_schema.metrics')).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})

test('a native delete of a parent does what the mapping says with its children', async () => {
  const posts = POSTS.tables.posts
  if (!posts || !('key' in posts)) throw new Error('posts is a merge')
  const refuse = { ...POSTS, open: true, tables: { ...POSTS.tables, posts: merge({ ...posts, onDelete: 'refuse' }) } }
  const filled = `insert into decisions (decision_id, tweet_id) values ('${key(1)}', 'x'); insert into passes (decision_id, likes) values ('${key(1)}', 1); insert into likes (tweet_id, likes) values ('x', 1)`
  await withEngine(refuse, async (e) => {
    await e.db.query(filled)
    await expect(e.db.query('delete from new_schema.posts')).rejects.toMatchObject({ code: '23503' })
    expect(await e.db.query('select from passes')).toHaveLength(1)
  })
  await withEngine({ ...POSTS, open: true }, async (e) => {
    await e.db.query(filled)
    await e.db.query('delete from new_schema.posts')
    for (const table of ['decisions', 'passes', 'likes', 'new_schema.metrics']) {
      expect(await e.db.query(`select from ${table}`)).toEqual([])
    }
    await e.drain()
    expect(await e.journal()).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})

const STUBS: EngineOptions = {
  oldSql: /* sql */ `
    create table queue (id serial primary key, k text not null unique, content text, note text);
    create table posted (id serial primary key, k text not null unique, content text);`,
  newSql: /* sql */ `
    create table queued (k text primary key, content text not null, note text);
    create table published (k text primary key references queued (k) on delete cascade, content text);`,
  tables: {
    queued: merge({ key: 'k', sources: { queue: {} } }),
    published: merge({ key: 'k', sources: { posted: { parent: 'stub' } } }),
  },
}

test('a stub is made of what the child knows, gives way to the real row, and stays when that goes', async () => {
  await withEngine(STUBS, async (e) => {
    const queued = (): Promise<unknown[]> => e.db.query('select k, content, note from new_schema.queued')
    await e.db.query(`insert into posted (k, content) values ('a', 'of the child')`)
    expect(await queued()).toEqual([{ k: 'a', content: 'of the child', note: null }])
    await e.db.query(`insert into queue (k, content, note) values ('a', 'real', 'n')`)
    expect(await queued()).toEqual([{ k: 'a', content: 'real', note: 'n' }])
    await e.db.query('delete from queue')
    expect(await queued()).toEqual([{ k: 'a', content: 'of the child', note: null }])
    expect(await e.db.query('select from new_schema.published')).toHaveLength(1)
    await e.db.query('delete from posted')
    await e.drain()
    expect(await queued()).toEqual([])
    expect(await e.journal()).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})

test('a stub is in no compat view', async () => {
  await withEngine(STUBS, async (e) => {
    await e.db.query(`insert into posted (k, content) values ('a', 'of the child')`)
    expect(await e.db.query('select from crossfade_compat.queue')).toEqual([])
    expect(await e.db.query('select k, content from crossfade_compat.posted')).toEqual([
      { k: 'a', content: 'of the child' },
    ])
  })
})

test('a native write to a stub makes the old row that it lacked', async () => {
  await withEngine({ ...STUBS, open: true }, async (e) => {
    await e.db.query(`insert into posted (k, content) values ('a', 'of the child')`)
    await e.db.query(`update new_schema.queued set note = 'native'`)
    expect(await e.db.query('select k, content, note from queue')).toEqual([
      { k: 'a', content: 'of the child', note: 'native' },
    ])
    expect(await e.differences()).toEqual([])
  })
})
