import { expect, test } from 'vitest'
import { applyManyFunction } from '../../src/sqlgen/names.ts'
import { type Engine, type EngineOptions, withEngine } from './engine.ts'
import { key, POSTS } from './posts.ts'
import { QUEUE } from './queue.ts'

const OUTBOX: EngineOptions = { ...QUEUE, sync: { mode: 'outbox' } }

/** How many keys each table's call has dealt with by itself. */
async function applyMany(e: Engine, limit = 1000): Promise<number[]> {
  const done: number[] = []
  for (const t of e.mapping.targets) {
    const [row] = await e.db.query(`select (${applyManyFunction(t)}($1))[1]::int as done`, [limit])
    done.push(row?.done)
  }
  return done
}

test('inserts, updates and deletes of a batch take one call', async () => {
  await withEngine(OUTBOX, async (e) => {
    await e.db.query(`insert into plans (k, title) select 'key ' || i, 't' from generate_series(1, 400) i`)
    await e.db.query(`insert into drafts (k, body) select 'key ' || i, 'b' from generate_series(300, 600) i`)
    expect(await applyMany(e)).toEqual([701])
    expect(await e.outbox()).toEqual([])
    expect(await e.differences()).toEqual([])
    await e.db.query(`update plans set title = 'T', score = id where id % 2 = 0`)
    await e.db.query(`delete from drafts where id % 3 = 0`)
    await e.db.query(`delete from plans where id % 5 = 0`)
    const waiting = (await e.outbox()).length
    expect(await applyMany(e)).toEqual([waiting])
    expect(await e.outbox()).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})

test('what does not fit is left to the applier of single keys, and the others are not', async () => {
  await withEngine(OUTBOX, async (e) => {
    await e.db.query(`insert into plans (k, score) select 'key ' || i, i - 5 from generate_series(1, 100) i`)
    expect(await applyMany(e)).toEqual([96])
    expect(await e.outbox()).toHaveLength(4)
    await e.drain()
    expect(await e.journal()).toHaveLength(4)
    await e.db.query(`update plans set score = 1`)
    expect(await applyMany(e)).toEqual([100])
    expect(await e.journal()).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})

test('a row that somebody holds is passed over, and waits for nobody', async () => {
  await withEngine(OUTBOX, async (e) => {
    await e.db.query(`insert into plans (k) select 'key ' || i from generate_series(1, 10) i`)
    await applyMany(e)
    const a = await e.connect()
    await a.query('begin')
    await a.query(`select from new_schema.queue where k = 'key 3' for no key update`)
    await e.db.query(`update plans set title = 'T'`)
    expect(await applyMany(e)).toEqual([9])
    expect((await e.outbox()).map((entry) => entry.key)).toEqual([['key 3']])
    await a.query('commit')
    expect(await applyMany(e)).toEqual([1])
    expect(await e.differences()).toEqual([])
  })
})

test('an error in the batch leaves all of it, and then all but the few around it', async () => {
  const options: EngineOptions = {
    ...OUTBOX,
    oldSql: 'create table plans (k int primary key, n int)',
    newSql: 'create table queue (k int primary key, n int)',
    tables: { queue: { key: 'k', sources: { plans: { columns: { n: { from: '100 / n', back: false } } } } } },
  }
  await withEngine(options, async (e) => {
    await e.db.query(`insert into plans select i, i from generate_series(1, 500) i`)
    await e.db.query(`update plans set n = 0 where k = 450`)
    expect((await applyMany(e, 400))[0]).toBe(400)
    expect((await applyMany(e, 400))[0]).toBe(0)
    await e.drain()
    expect(await e.journal()).toMatchObject([{ key: ['450'], sqlstate: '22012' }])
    expect(await e.differences()).toEqual([])
  })
})

test('with links, parents, unique values and appended rows', async () => {
  await withEngine({ ...POSTS, sync: { mode: 'outbox' } }, async (e) => {
    const rows = `from generate_series(1, 50) i`
    const id = `lpad(i::text, 12, '0')`
    await e.db.query(
      `insert into decisions (decision_id, tweet_id, content) select '00000000-0000-4000-8000-' || ${id}, 't' || i, 'c' ${rows}`,
    )
    await e.db.query(`insert into likes (tweet_id, likes) select 't' || i, i ${rows}`)
    await e.db.query(`insert into passes (decision_id, likes) select '00000000-0000-4000-8000-' || ${id}, i ${rows}`)
    // The posts first, which are the parents of both others.
    expect(await applyMany(e)).toEqual([50, 50, 50])
    await e.drain()
    expect(await e.journal()).toEqual([])
    expect(await e.differences()).toEqual([])
    await e.db.query(`update decisions set content = 'C' where id > 25`)
    await e.db.query(`update likes set likes = 7`)
    await e.db.query('delete from passes where id <= 10')
    await e.db.query('delete from crossfade.outbox where link is not null')
    expect(await applyMany(e)).toEqual([25, 10, 50])
    expect(await e.differences()).toEqual([])
    // Values that others want, and parents that go, are for the one way that knows all rules.
    await e.db.query(`update decisions set tweet_id = 't1' where decision_id = '${key(2)}'`)
    await e.db.query(`delete from decisions where decision_id = '${key(3)}'`)
    expect((await applyMany(e))[0]).toBe(0)
    await e.drain()
    expect(await e.differences()).toEqual([])
    expect((await e.journal()).map((entry) => entry.sqlstate).sort()).toEqual(['22004', '22004', '23505'])
  })
})

test('a child that waits in the journal comes with its parent', async () => {
  await withEngine({ ...POSTS, sync: { mode: 'outbox' } }, async (e) => {
    await e.db.query(`insert into passes (decision_id, likes) values ('${key(1)}', 1)`)
    await e.drain()
    expect(await e.journal()).toMatchObject([{ sqlstate: '23503' }])
    await e.db.query(`insert into decisions (decision_id) values ('${key(1)}')`)
    const [posts, metrics] = await applyMany(e)
    expect([posts, metrics]).toEqual([1, 1])
    await e.drain()
    expect(await e.journal()).toEqual([])
    expect(await e.db.query('select likes from new_schema.metrics')).toEqual([{ likes: 1 }])
  })
})
