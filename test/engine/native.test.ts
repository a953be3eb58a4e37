import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { withEngine } from './engine.ts'
import { QUEUE } from './queue.ts'

const OPEN = { ...QUEUE, open: true }

test('a native write reaches the old rows in its transaction, column by column', async () => {
  await withEngine(OPEN, async (e) => {
    await e.db.query(`insert into plans (k, title, state) values ('one', 'plan', 'queued')`)
    await e.db.query(`insert into drafts (k, title, body, state) values ('one', 'draft', 'b', 'other')`)
    await e.db.query(`update new_schema.queue set body = 'B'`)
    // The draft's own title and state, which the plan's hide, are its own.
    expect(await e.db.query('select title, body, state from drafts')).toEqual([
      { title: 'draft', body: 'B', state: 'other' },
    ])
    await e.db.query(`update new_schema.queue set title = 'new'`)
    expect(await e.db.query('select p.title, d.title as other from plans p join drafts d using (k)')).toEqual([
      { title: 'new', other: 'new' },
    ])
    await e.db.query(`insert into new_schema.queue (k, title) values ('two', 'born')`)
    expect(await e.db.query(`select title from plans where k = 'two'`)).toEqual([{ title: 'born' }])
    await e.db.query(`delete from new_schema.queue where k = 'one'`)
    expect(await e.db.query('select k from plans union all select k from drafts')).toEqual([{ k: 'two' }])
    expect(await e.outbox()).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})

test('law before: a row whose key waits in the outbox is not written natively', async () => {
  await withEngine(OPEN, async (e) => {
    await e.db.query(`insert into plans (k, title) values ('one', 't')`)
    const app = await e.connect()
    await app.query(`begin isolation level repeatable read; update plans set state = 'posting'; commit`)
    expect(await e.outbox()).toHaveLength(1)
    await expect(
      e.db.query(`update new_schema.queue set state = 'posting' where state = 'queued'`),
    ).rejects.toMatchObject({ code: '40001' })
    await expect(e.db.query(`delete from new_schema.queue`)).rejects.toMatchObject({ code: '40001' })
    await app.query(`begin isolation level repeatable read; insert into plans (k) values ('two'); commit`)
    await expect(e.db.query(`insert into new_schema.queue (k) values ('two')`)).rejects.toMatchObject({ code: '40001' })
    await e.drain()
    expect(
      await e.db.query(`update new_schema.queue set state = 'x' where state = 'queued' and k = 'one' returning k`),
    ).toEqual([])
  })
})

test('a native write gives way at once to who holds its old row, so that the old writer neither waits nor fails', async () => {
  await withEngine(OPEN, async (e) => {
    await e.db.query(`insert into plans (k, title) values ('one', 't')`)
    const [old, native] = [await e.connect(), await e.connect()]
    await old.query('begin')
    await old.query(`select from plans for update`)
    await native.query('begin')
    // The old writer still holds its row: to wait for it would be to wait for ever.
    await expect(native.query(`update new_schema.queue set title = 'n'`)).rejects.toMatchObject({ code: '40001' })
    await native.query('rollback')
    await old.query(`update plans set title = 'o'`)
    await old.query('commit')
    expect(await e.outbox()).toEqual([])
    expect(await e.db.query(`select crossfade.status()->'conflicts' as n`)).toEqual([{ n: 1 }])
    expect(await e.differences()).toEqual([])
  })
})

test('an old writer waits for a native one no longer than its budget', async () => {
  await withEngine(OPEN, async (e) => {
    await e.db.query(`insert into plans (k, title) values ('one', 't')`)
    await e.db.query(`insert into drafts (k, body) values ('one', 'b')`)
    const [old, native] = [await e.connect(), await e.connect()]
    await native.query('begin')
    await native.query(`update new_schema.queue set score = 3`)
    // The native transaction stays open: a wait without a bound would have no end.
    await old.query(`update drafts set body = 'o'`)
    await native.query('commit')
    await e.drain()
    expect(await e.db.query('select score, body from new_schema.queue')).toEqual([{ score: '3.00', body: 'o' }])
    expect(await e.differences()).toEqual([])
  })
})

test('foreign-key children of an old row do not stop a native update, whatever triggers its table has', async () => {
  await withEngine(
    {
      ...OPEN,
      oldSql: `${OPEN.oldSql}
    create table notes (k text references plans (k));
    create function same() returns trigger language plpgsql as $$ begin return new; end $$;
    create trigger same before update on plans for each row execute function same();`,
    },
    async (e) => {
      await e.db.query(`insert into plans (k, title) values ('one', 't')`)
      const child = await e.connect()
      await child.query('begin')
      await child.query(`insert into notes values ('one')`)
      await e.db.query(`update new_schema.queue set title = 'n'`)
      await child.query('commit')
      expect(await e.db.query('select title from plans')).toEqual([{ title: 'n' }])
    },
  )
})

test('what the old tables cannot hold is refused, and so is a new key', async () => {
  const lossy = {
    plans: { columns: { score: { from: 'score', back: 'round(score)' } } },
    drafts: { columns: { body: { from: 'body', back: false as const } } },
  }
  await withEngine({ ...OPEN, tables: { queue: { key: 'k', sources: lossy } } }, async (e) => {
    await e.db.query(`insert into plans (k, title) values ('one', 't')`)
    await e.db.query(`insert into drafts (k, body) values ('one', 'b')`)
    for (const text of [
      `update new_schema.queue set score = 1.5`,
      `update new_schema.queue set body = 'x'`,
      `update new_schema.queue set k = 'x'`,
      `insert into new_schema.queue (k, body) values ('two', 'x')`,
    ])
      await expect(e.db.query(text), text).rejects.toMatchObject({ code: 'CF002' })
    await e.db.query(`update new_schema.queue set score = 2`)
    await e.db.query(`update plans set score = -1`)
    await e.drain()
    await expect(e.db.query(`insert into new_schema.queue (k) values ('one')`)).rejects.toMatchObject({ code: 'CF001' })
    expect(await e.differences()).toEqual([])
  })
})

test.each(['repeatable read', 'serializable'])('%s native transactions lose nothing either', async (level) => {
  await withEngine(OPEN, async (e) => {
    await e.db.query(`insert into plans (k, title) values ('one', 't')`)
    await e.db.query(`insert into drafts (k, body) values ('one', 'b')`)
    const native = await e.connect()
    await native.query(`begin isolation level ${level}`)
    await native.query('select from new_schema.queue')
    await e.db.query(`update drafts set body = 'o'`)
    await expect(native.query(`update new_schema.queue set title = 'n'`)).rejects.toMatchObject({ code: '40001' })
    await native.query('rollback')
    await native.query(`begin isolation level ${level}`)
    await native.query(`update new_schema.queue set title = 'n'`)
    await native.query('commit')
    await e.drain()
    expect(await e.db.query('select title, body from new_schema.queue')).toEqual([{ title: 'n', body: 'o' }])
    expect(await e.differences()).toEqual([])
  })
})

test('one post is claimed once, by either name', async () => {
  await withEngine(OPEN, async (e) => {
    await e.db.query(`insert into plans (k) values ('one')`)
    const [old, native] = [await e.connect(), await e.connect()]
    const claim = (table: string): string =>
      `update ${table} set state = 'posting' where k in (select k from ${table} where state = 'queued' for update skip locked limit 1) returning k`
    await old.query('begin')
    await native.query('begin')
    const mine = await old.query(claim('plans'))
    const theirs = await native.query(claim('new_schema.queue')).catch((error) => error)
    expect(mine.rows).toHaveLength(1)
    expect(theirs.rows ?? theirs.code).toSatisfy((x: unknown) => x === '40001' || (x as unknown[]).length === 0)
    await native.query('rollback')
    await old.query('commit')
    expect((await native.query(claim('new_schema.queue'))).rows).toHaveLength(0)
    await sleep(0)
    expect(await e.differences()).toEqual([])
  })
})

test('an old column that may not be null gets its default where a native insert has no value for it', async () => {
  const options = {
    ...OPEN,
    newSql: OPEN.newSql.replace(`state text not null default 'queued'`, 'state text'),
  }
  await withEngine(options, async (e) => {
    await e.db.query(`insert into new_schema.queue (k, title) values ('one', 't')`)
    expect(await e.db.query('select state from plans')).toEqual([{ state: 'queued' }])
    expect(await e.db.query('select state from new_schema.queue')).toEqual([{ state: 'queued' }])
    expect(await e.differences()).toEqual([])
  })
})

test('an old key GENERATED ALWAYS AS IDENTITY is read through the compat view, and given by a native insert', async () => {
  const options = {
    oldSql:
      'create table notes (id bigint generated always as identity primary key, text text, number bigint generated by default as identity)',
    newSql: 'create table memos (id bigint primary key, text text)',
    tables: { memos: { key: 'id', sources: { notes: {} } } },
    open: true,
  }
  await withEngine(options, async (e) => {
    await e.db.query(`insert into notes (text) values ('old')`)
    expect(await e.db.query('select id::int, text from crossfade_compat.notes')).toEqual([{ id: 1, text: 'old' }])
    await e.db.query(`insert into new_schema.memos values (77, 'native')`)
    await e.db.query(`update new_schema.memos set text = 'changed'`)
    expect(await e.db.query('select id::int, text from notes order by id')).toEqual([
      { id: 1, text: 'changed' },
      { id: 77, text: 'changed' },
    ])
    expect(await e.differences()).toEqual([])
  })
})
