import { expect, test } from 'vitest'
import { withEngine } from './engine.ts'
import { QUEUE } from './queue.ts'

test('forty contended rows in one transaction wait no longer than the budget in all', async () => {
  await withEngine(QUEUE, async (e) => {
    await e.db.query(`insert into plans (k) select 'key ' || i from generate_series(1, 40) i`)
    await e.db.query(`insert into drafts (k) select 'key ' || i from generate_series(1, 40) i`)
    const [a, b] = [await e.connect(), await e.connect()]
    await a.query('begin')
    await a.query(`update plans set title = 'a'`)
    const started = performance.now()
    await b.query('begin')
    for (let i = 1; i <= 40; i++) await b.query(`update drafts set body = 'b' where k = 'key ' || $1::text`, [i])
    const waited = performance.now() - started
    await b.query('commit')
    await a.query('commit')
    // 40 times 100 ms would be 4 s; what is over the budget is forty statements and forty waits of a millisecond.
    expect(waited).toBeLessThan(2000)
    expect(await e.outbox()).toHaveLength(40)
    await e.drain()
    expect(await e.differences()).toEqual([])
  })
})

test('writes beyond a number of them in one transaction go to the outbox, without a subtransaction each', async () => {
  await withEngine({ ...QUEUE, sync: { inlineWrites: 10 } }, async (e) => {
    const app = await e.connect()
    const xid = async (): Promise<number> =>
      Number((await app.query('select pg_current_xact_id()::text::bigint as x')).rows[0].x)
    const before = await xid()
    await app.query(`insert into plans (k) select 'key ' || i from generate_series(1, 500) i`)
    const used = (await xid()) - before
    expect(await e.outbox()).toHaveLength(490)
    // Other tests on this server draw from the same counter; one for each row would be 500.
    expect(used).toBeLessThan(400)
    await app.query(`update plans set title = 'next transaction' where k = 'key 1'`)
    expect(await e.outbox()).toHaveLength(490)
    // However quick they were.
    await app.query(
      `begin; set local crossfade.writes = 10; update plans set title = 'eleventh' where k = 'key 1'; commit`,
    )
    expect(await e.outbox()).toHaveLength(491)
    await e.drain()
    expect(await e.differences()).toEqual([])
  })
})

test('a new table that somebody holds in an exclusive lock delays an old write by the budget', async () => {
  await withEngine({ ...QUEUE, sync: { budgetMs: 50 } }, async (e) => {
    const [a, b] = [await e.connect(), await e.connect()]
    await a.query('begin; lock table new_schema.queue')
    const started = performance.now()
    await b.query(`begin`)
    for (let i = 0; i < 20; i++) await b.query(`insert into plans (k) values ('key ' || $1::text)`, [i])
    await b.query('commit')
    // 20 times 50 ms would be 1 s.
    expect(performance.now() - started).toBeLessThan(900)
    await a.query('commit')
    await e.drain()
    expect(await e.differences()).toEqual([])
  })
})

test('an application with a statement timeout: one statement over forty contended rows stays within it', async () => {
  await withEngine(QUEUE, async (e) => {
    for (const table of ['plans', 'drafts'])
      await e.db.query(`insert into ${table} (k) select 'key ' || i from generate_series(1, 40) i`)
    const [a, b] = [await e.connect('begin'), await e.connect()]
    await a.query(`update plans set title = 'a'`)
    // 40 times 100 ms would be 4 s, and 57014 can't be caught in a trigger.
    await b.query(`set statement_timeout = '2s'`)
    await b.query(`update drafts set body = 'b'`)
    await a.query('commit')
    await e.drain()
    expect(await e.differences()).toEqual([])
  })
})
