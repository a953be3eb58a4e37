import { expect, test } from 'vitest'
import { withEngine } from './engine.ts'
import { QUEUE } from './queue.ts'
import { untilBlocked } from './waiting.ts'

/** Long enough that a slow machine reaches what a test is about before the wait ends. */
const PATIENT = { ...QUEUE, sync: { budgetMs: 400 } }

const LEVELS = ['read committed', 'repeatable read', 'serializable']

test.each(LEVELS.flatMap((first) => LEVELS.map((second) => [first, second])))(
  'a %s and a %s transaction change one source each of one new row: neither change is lost',
  async (first, second) => {
    await withEngine(PATIENT, async (e) => {
      await e.db.query(`insert into plans (k, title, score) values ('one', 't', 1)`)
      await e.db.query(`insert into drafts (k, body) values ('one', 'b')`)
      const [a, b] = [await e.connect(), await e.connect()]
      await a.query(`begin isolation level ${first}`)
      await b.query(`begin isolation level ${second}`)
      await a.query(`select from plans`)
      await b.query(`select from drafts`)
      await a.query(`update plans set score = 2`)
      const waiting = b.query(`update drafts set body = 'B'`)
      await untilBlocked(e, b, waiting)
      await a.query('commit')
      await waiting
      await b.query('commit')
      await e.drain()
      expect(await e.db.query('select score, body from new_schema.queue')).toEqual([{ score: '2.00', body: 'B' }])
      expect(await e.differences()).toEqual([])
    })
  },
)

test.each([true, false])(
  'one source is deleted while the other is inserted (delete commits first: %s)',
  async (deleteFirst) => {
    await withEngine(PATIENT, async (e) => {
      await e.db.query(`insert into plans (k, title) values ('one', 't')`)
      const [a, b] = [await e.connect(), await e.connect()]
      await a.query('begin')
      await b.query('begin')
      const [del, ins] = [`delete from plans`, `insert into drafts (k, body) values ('one', 'b')`]
      await a.query(deleteFirst ? del : ins)
      const waiting = b.query(deleteFirst ? ins : del)
      await untilBlocked(e, b, waiting)
      await a.query('commit')
      await waiting
      await b.query('commit')
      await e.drain()
      expect(await e.db.query('select title, body from new_schema.queue')).toEqual([{ title: null, body: 'b' }])
      expect(await e.differences()).toEqual([])
    })
  },
)

test('two transactions insert one source each of a new row that is not there yet', async () => {
  await withEngine(PATIENT, async (e) => {
    const [a, b] = [await e.connect(), await e.connect()]
    await a.query('begin')
    await b.query('begin')
    await a.query(`insert into plans (k, title) values ('one', 't')`)
    const waiting = b.query(`insert into drafts (k, body) values ('one', 'b')`)
    await untilBlocked(e, b, waiting)
    await a.query('commit')
    await waiting
    await b.query('commit')
    expect(await e.outbox()).toEqual([])
    expect(await e.differences()).toEqual([])
    expect(await e.db.query('select title, body from new_schema.queue')).toEqual([{ title: 't', body: 'b' }])
  })
})

test.each([
  ['the quick way', ''],
  ['in a transaction that has waited', 'set crossfade.spent = 1000'],
])('a source goes while a row that was projected from it is not committed yet: %s', async (_, waited) => {
  await withEngine(QUEUE, async (e) => {
    // The draft has no new row: its key waited and was lost to nobody's knowledge.
    await e.db.query(`alter table drafts disable trigger all`)
    await e.db.query(`insert into drafts (k, body) values ('one', 'b')`)
    await e.db.query(`alter table drafts enable always trigger crossfade_01_sync_queue`)
    const [a, b] = [await e.connect(), await e.connect(waited)]
    await a.query('begin')
    await a.query(`insert into plans (k, title) values ('one', 't')`)
    await b.query(`delete from drafts`)
    expect(await e.outbox()).toMatchObject([{ key: ['one'] }])
    for (let i = 0; i < 3; i++) {
      await e.db.query(`update crossfade.outbox set not_before = '-infinity'`)
      await e.drainOnce()
    }
    expect(await e.outbox()).toHaveLength(1)
    await a.query('commit')
    await e.drain()
    expect(await e.db.query('select title, body from new_schema.queue')).toEqual([{ title: 't', body: null }])
    expect(await e.differences()).toEqual([])
  })
})

test('the second look counts only what had ended before it began', async () => {
  await withEngine(QUEUE, async (e) => {
    await e.db.query(`alter table drafts disable trigger all`)
    await e.db.query(`insert into drafts (k, body) values ('one', 'b')`)
    await e.db.query(`alter table drafts enable always trigger crossfade_01_sync_queue`)
    const [a, b] = [await e.connect(), await e.connect()]
    await a.query('begin')
    await a.query(`insert into plans (k, title) values ('one', 't')`)
    await a.query(`lock table crossfade.lineage_queue in share mode`)
    await b.query(`set lock_timeout = 1`)
    await b.query(`delete from drafts`)
    await e.db.query(
      `update crossfade.outbox set settled = pg_snapshot_xmax(pg_current_snapshot()), not_before = '-infinity'`,
    )
    // The applier finds no row, waits for the lock, and meanwhile the row is committed.
    const applier = await e.connect(`alter function crossfade.drain_queue(integer) set lock_timeout = '5s'`)
    const draining = applier.query('select crossfade.drain_queue(10)')
    await untilBlocked(e, applier, draining)
    await a.query('commit')
    await draining
    await e.drain()
    expect(await e.differences()).toEqual([])
  })
})

test('an old row changes its key: both keys are projected', async () => {
  await withEngine(QUEUE, async (e) => {
    await e.db.query(`insert into plans (k, title) values ('one', 't'), ('five', 'f')`)
    await e.db.query(`insert into drafts (k, body) values ('one', 'b')`)
    await e.db.query(`update plans set k = 'two' where k = 'one'`)
    expect(await e.db.query('select k, title, body from new_schema.queue order by k')).toEqual([
      { k: 'five', title: 'f', body: null },
      { k: 'one', title: null, body: 'b' },
      { k: 'two', title: 't', body: null },
    ])
    await e.db.query(`update plans set k = 'one' where k = 'two'`)
    expect(await e.outbox()).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})

test('transactions that meet in opposite order on two old tables never deadlock', async () => {
  await withEngine(QUEUE, async (e) => {
    for (const table of ['plans', 'drafts']) await e.db.query(`insert into ${table} (k) values ('one'), ('two')`)
    const [a, b] = [await e.connect(), await e.connect()]
    await a.query('begin')
    await b.query('begin')
    await a.query(`update plans set title = 'a' where k = 'one'`)
    await b.query(`update drafts set body = 'b' where k = 'two'`)
    // A deadlock would fail one of them.
    await Promise.all([
      a.query(`update plans set title = 'a' where k = 'two'`),
      b.query(`update drafts set body = 'b' where k = 'one'`),
    ])
    await a.query('commit')
    await b.query('commit')
    await e.drain()
    expect(await e.differences()).toEqual([])
  })
})

test('an upsert on an old table is an insert or an update like any other', async () => {
  await withEngine(QUEUE, async (e) => {
    const upsert = `insert into plans (k, title) values ($1, $2) on conflict (k) do update set title = excluded.title`
    await e.db.query(upsert, ['one', 'first'])
    await e.db.query(upsert, ['one', 'second'])
    await e.db.query(`insert into plans (k, title) values ('one', 'third') on conflict do nothing`)
    await e.db.query(`merge into plans p using (values ('one', 'm'), ('two', 'm')) v(k, t) on p.k = v.k
      when matched then update set title = v.t when not matched then insert (k, title) values (v.k, v.t)`)
    expect(await e.db.query('select k, title from new_schema.queue order by k')).toEqual([
      { k: 'one', title: 'm' },
      { k: 'two', title: 'm' },
    ])
    expect(await e.outbox()).toEqual([])
  })
})

test.each(['read committed', 'repeatable read'])(
  'TRUNCATE of an old table (%s) takes its part out of the new one',
  async (level) => {
    await withEngine(QUEUE, async (e) => {
      await e.db.query(`insert into plans (k, title) values ('one', 't')`)
      await e.db.query(`insert into drafts (k, body) values ('two', 'b')`)
      const a = await e.connect()
      await a.query(`begin isolation level ${level}`)
      await a.query(`select from drafts`)
      // Committed after the snapshot of a REPEATABLE READ transaction.
      await e.db.query(`insert into plans (k, title) values ('three', 't'), ('bad', 'b')`)
      await e.db.query(`update plans set score = -1 where k = 'bad'`)
      await e.drainOnce()
      await a.query(`truncate plans`)
      await a.query('commit')
      await e.drain()
      expect(await e.db.query('select k, title, body from new_schema.queue')).toEqual([
        { k: 'two', title: null, body: 'b' },
      ])
      expect(await e.differences()).toEqual([])
      expect(await e.journal()).toEqual([])
    })
  },
)

test('a value is corrected while the applier takes its last look at it', async () => {
  const options = {
    oldSql: `create table m (id int primary key, code text)`,
    newSql: `create table n (id int primary key, code varchar(3))`,
    tables: { n: { key: 'id', sources: { m: {} } } },
  }
  await withEngine(options, async (e) => {
    await e.db.query(`insert into m values (1, 'too long')`)
    await e.drain()
    expect(await e.journal()).toHaveLength(1)
    await e.db.query(
      `insert into crossfade.outbox (target, key, settled) select target, key, pg_snapshot_xmax(pg_current_snapshot()) from crossfade.journal`,
    )
    const late = await e.connect()
    await late.query('begin')
    await late.query(`update m set code = 'ok'`)
    const applier = await e.connect(`alter function crossfade.drain_n(integer) set lock_timeout = '5s'`)
    const looking = applier.query('select crossfade.drain_n(10)')
    await untilBlocked(e, applier, looking)
    await late.query('commit')
    await looking
    await e.drain()
    expect(await e.journal()).toEqual([])
    expect(await e.db.query('select code from new_schema.n')).toEqual([{ code: 'ok' }])
  })
})
