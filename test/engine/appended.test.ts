import { expect, test } from 'vitest'
import { withEngine } from './engine.ts'
import { key, POSTS } from './posts.ts'

const DECIDED = `insert into decisions (decision_id, tweet_id, content) values ('${key(1)}', 'x', 'one')`

test('each old row has a row of its own, which follows it; equal old keys of two tables are two rows', async () => {
  await withEngine(POSTS, async (e) => {
    await e.db.query(
      `${DECIDED}; insert into likes (tweet_id, likes) values ('x', 1); insert into passes (decision_id, likes) values ('${key(1)}', 2)`,
    )
    expect(await e.db.query('select id::int, likes from new_schema.metrics order by id')).toEqual([
      { id: 1, likes: 1 },
      { id: 2, likes: 2 },
    ])
    await e.db.query('update likes set likes = 3')
    await e.db.query('update passes set id = 9, likes = 4')
    expect(await e.db.query('select likes from new_schema.metrics order by likes')).toEqual([
      { likes: 3 },
      { likes: 4 },
    ])
    await e.db.query('delete from likes')
    expect(await e.db.query('select likes from new_schema.metrics')).toEqual([{ likes: 4 }])
    await e.drain()
    expect(await e.differences()).toEqual([])
  })
})

test('two sessions bring one old row at the same time: one new row', async () => {
  await withEngine(POSTS, async (e) => {
    await e.db.query(DECIDED)
    await e.db.query(
      `set session_replication_role = replica; alter table likes disable trigger all; insert into likes (tweet_id, likes) values ('x', 1)`,
    )
    const sessions = await Promise.all(Array.from({ length: 6 }, () => e.connect()))
    await Promise.all(sessions.map((session) => session.query(`select crossfade.apply_metrics_from_likes(1)`)))
    expect(await e.db.query('select likes from new_schema.metrics')).toEqual([{ likes: 1 }])
  })
})

test('native writes reach the one old row that a row came from', async () => {
  await withEngine({ ...POSTS, open: true }, async (e) => {
    await e.db.query(
      `${DECIDED}; insert into likes (tweet_id, likes) values ('x', 1); insert into passes (decision_id, likes) values ('${key(1)}', 2)`,
    )
    await e.db.query('update new_schema.metrics set likes = likes + 10')
    expect(await e.db.query('select likes from likes union all select likes from passes')).toEqual([
      { likes: 11 },
      { likes: 12 },
    ])
    await e.db.query(`insert into new_schema.metrics (decision_id, likes) values ('${key(1)}', 30)`)
    expect(await e.db.query('select id, likes from passes order by id')).toEqual([
      { id: 1, likes: 12 },
      { id: 2, likes: 30 },
    ])
    await e.db.query('delete from new_schema.metrics where likes < 30')
    expect(await e.db.query('select likes from likes union all select likes from passes')).toEqual([{ likes: 30 }])
    expect(await e.outbox()).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})

test('the new primary key is not to be changed natively while the old tables are in use', async () => {
  await withEngine({ ...POSTS, open: true }, async (e) => {
    await e.db.query(`${DECIDED}; insert into likes (tweet_id, likes) values ('x', 1)`)
    await expect(e.db.query('update new_schema.metrics set id = 5')).rejects.toMatchObject({ code: 'CF002' })
  })
})

test('a new row that was lost behind the back of sync is a difference, and comes back under its number', async () => {
  await withEngine(POSTS, async (e) => {
    await e.db.query(`${DECIDED}; insert into likes (tweet_id, likes) values ('x', 1)`)
    await e.db.query(
      `set session_replication_role = replica; alter table new_schema.metrics disable trigger all; delete from new_schema.metrics; alter table new_schema.metrics enable always trigger crossfade_closed`,
    )
    expect(await e.differences()).toMatchObject([{ verdict: 'missing' }])
    await e.db.query(`select crossfade.apply_metrics_from_likes(1)`)
    expect(await e.db.query('select id::int, likes from new_schema.metrics')).toEqual([{ id: 1, likes: 1 }])
    expect(await e.differences()).toEqual([])
  })
})
