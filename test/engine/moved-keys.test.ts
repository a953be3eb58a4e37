import { expect, test } from 'vitest'
import { withEngine } from './engine.ts'
import { QUEUE } from './queue.ts'
import { untilBlocked } from './waiting.ts'

test('two rows move the other way round: neither waits for the other longer than for its turn', async () => {
  await withEngine({ ...QUEUE, sync: { budgetMs: 450 } }, async (e) => {
    await e.db.query(`insert into plans (k, title) values ('a', 'plan')`)
    await e.db.query(`insert into drafts (k, body) values ('b', 'draft')`)
    const [holder, one, other] = [await e.connect('begin'), await e.connect(), await e.connect()]
    await holder.query(`select from new_schema.queue where k = 'a' for update`)
    const first = one.query(`update plans set k = 'b'`)
    await untilBlocked(e, one, first)
    // By the order of its own keys it would hold b by now, and the first, which has a next, would wait for that.
    const second = other.query(`update drafts set k = 'a'`)
    await untilBlocked(e, other, second)
    await holder.query('commit')
    await Promise.all([first, second])
    expect(await e.db.query(`select message from crossfade.outbox where sqlstate is not null`)).toEqual([])
    await e.drain()
    expect(await e.db.query('select k, title, body from new_schema.queue order by k')).toEqual([
      { k: 'a', title: null, body: 'draft' },
      { k: 'b', title: 'plan', body: null },
    ])
    expect(await e.differences()).toEqual([])
  })
})

test('a write to one key does not wait for who holds another', async () => {
  await withEngine(QUEUE, async (e) => {
    await e.db.query(`insert into plans (k) select 'key ' || i from generate_series(1, 300) as i`)
    await e.drain()
    const holder = await e.connect('begin')
    await holder.query(`update plans set title = 'held' where k = 'key 1'; delete from plans where k = 'key 2'`)
    const bystander = await e.connect('begin')
    for (let i = 3; i < 60; i++) await bystander.query(`update plans set title = 'free' where k = 'key ${i}'`)
    await bystander.query(`insert into plans (k) values ('new')`)
    expect(await e.db.query(`select from crossfade.outbox where sqlstate is not null`)).toEqual([])
    await bystander.query('commit')
    expect(await e.outbox()).toMatchObject([])
    await holder.query('commit')
    await e.drain()
    expect(await e.differences()).toEqual([])
  })
})
