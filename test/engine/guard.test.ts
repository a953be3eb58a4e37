import { expect, test } from 'vitest'
import { withEngine } from './engine.ts'
import { QUEUE } from './queue.ts'

const FORGED = [`1:{one}|00`, `1:*|00`, `garbage`, `|`, `1:`, `\\'"`, `1:{one}`, `9999999999999:{one}|ab`]

test('no value that an application sets passes for the guard', async () => {
  await withEngine(QUEUE, async (e) => {
    await e.db.query(`insert into plans (k, title) values ('one', 't')`)
    const app = await e.connect()
    for (const [i, value] of FORGED.entries()) {
      await app.query(`select set_config('crossfade.guard', $1, false)`, [value])
      await app.query(`update plans set title = $1`, [`by old ${i}`])
      expect(await e.db.query('select title from new_schema.queue')).toEqual([{ title: `by old ${i}` }])
      await expect(app.query(`update new_schema.queue set title = 'x'`)).rejects.toMatchObject({ code: '42501' })
    }
    await e.open()
    for (const [i, value] of FORGED.entries()) {
      await app.query(`select set_config('crossfade.guard', $1, false)`, [value])
      await app.query(`update new_schema.queue set title = $1`, [`by new ${i}`])
      expect(await e.db.query('select title from plans')).toEqual([{ title: `by new ${i}` }])
    }
    expect(await e.differences()).toEqual([])
  })
})

test('nor do the counters of the budget, whatever an application sets them to', async () => {
  await withEngine(QUEUE, async (e) => {
    const app = await e.connect()
    for (const [i, value] of ['x', '-2000000000', '2147483647', '1e9', '', ' ', '99999999999999'].entries()) {
      await app.query(`select set_config('crossfade.spent', $1, false), set_config('crossfade.writes', $1, false)`, [
        value,
      ])
      await app.query(`insert into plans (k) values ($1)`, [String(i)])
    }
    await e.drain()
    expect(await e.differences()).toEqual([])
  })
})

test('a guard is good for its transaction and its key alone', async () => {
  await withEngine(
    {
      ...QUEUE,
      oldSql: `${QUEUE.oldSql}
    create function spy() returns trigger language plpgsql as $$ begin
      perform set_config('spy.guard', current_setting('crossfade.guard', true), false); return new; end $$;
    create trigger spy before update on plans for each row execute function spy();`,
      open: true,
    },
    async (e) => {
      await e.db.query(`insert into plans (k, title) values ('one', 't'), ('two', 't')`)
      const app = await e.connect()
      await app.query('begin')
      await app.query(`update new_schema.queue set title = 'u' where k = 'one'`)
      const guard = (await app.query(`select current_setting('spy.guard') as guard`)).rows[0].guard
      expect(guard).not.toBe('')
      await app.query(`select set_config('crossfade.guard', current_setting('spy.guard'), true)`)
      await app.query(`update new_schema.queue set title = 'other key' where k = 'two'`)
      expect(await app.query(`select title from plans where k = 'two'`)).toMatchObject({
        rows: [{ title: 'other key' }],
      })
      await app.query('commit')
      await app.query(`select set_config('crossfade.guard', $1, false)`, [guard])
      await app.query(`update new_schema.queue set title = 'other transaction' where k = 'one'`)
      expect(await app.query(`select title from plans where k = 'one'`)).toMatchObject({
        rows: [{ title: 'other transaction' }],
      })
      expect(await e.differences()).toEqual([])
    },
  )
})

test('an application role can read neither the secret nor call what guards', async () => {
  await withEngine(QUEUE, async (e) => {
    await e.db.query(
      `do $$ begin create role engine_app; exception when duplicate_object or unique_violation then null; end $$`,
    )
    const app = await e.connect('set role engine_app')
    for (const text of [
      `select last_value from crossfade.seal`,
      `select nextval('crossfade.seal')`,
      `select crossfade.guard_for(1, '*')`,
      `select crossfade.apply_queue('one')`,
      `select crossfade.touch_queue('one')`,
      `select crossfade.drain_queue(1)`,
      `select crossfade.rollback()`,
      `insert into crossfade.outbox (target, key) values ('queue', '{x}')`,
      `select * from crossfade.journal`,
      `create table crossfade.mine (x int)`,
    ])
      await expect(app.query(text)).rejects.toMatchObject({ code: '42501' })
  })
})

test('until it is opened a new table refuses everybody, its owner too, and takes every key from sync', async () => {
  await withEngine(QUEUE, async (e) => {
    for (const text of [
      `insert into new_schema.queue (k) values ('one')`,
      `update new_schema.queue set title = 'x'`,
      `delete from new_schema.queue`,
      `truncate new_schema.queue`,
      `copy new_schema.queue (k) from program 'echo one'`,
    ])
      await expect(e.db.query(text), text).rejects.toMatchObject({ code: '42501' })
    const keys = ['a|b', '|', '||', '1:x|y', '{a,b}', '"', '\\', `'`, '', ' ', ':', '*', 'é😀', 'x\ny']
    await e.db.query(`insert into plans (k) select unnest($1::text[])`, [keys])
    expect(await e.outbox()).toEqual([])
    expect(await e.db.query(`select count(*)::int as n from new_schema.queue`)).toEqual([{ n: keys.length }])
    expect(await e.differences()).toEqual([])
  })
})

test('a session that replicates does not get past either', async () => {
  await withEngine(QUEUE, async (e) => {
    await e.db.query(`insert into plans (k, title) values ('one', 't')`)
    const replica = await e.connect(`set session_replication_role = replica`)
    await expect(replica.query(`update new_schema.queue set title = 'x'`)).rejects.toMatchObject({ code: '42501' })
    await replica.query(`update plans set title = 'replicated'`)
    expect(await e.differences()).toEqual([])
    await e.open()
    await replica.query(`update new_schema.queue set title = 'native'`)
    expect(await e.db.query('select title from plans')).toEqual([{ title: 'native' }])
    await expect(replica.query(`truncate new_schema.queue`)).rejects.toMatchObject({ code: '0A000' })
  })
})

test('who knows all of the seal but its secret cannot make one', async () => {
  await withEngine(QUEUE, async (e) => {
    await e.db.query(`insert into plans (k, title) values ('one', 't')`)
    const app = await e.connect()
    for (const [i, secret] of [`''`, `'|'`, `NULL`, `'NULL|'`].entries()) {
      await app.query(`begin; select pg_current_xact_id()`)
      await app.query(`select set_config('crossfade.guard', '1:{one}|' || encode(sha256(convert_to(
        concat(${secret}, '|', pg_current_xact_id()::text, '|1:{one}'), 'UTF8')), 'hex'), true)`)
      await app.query(`update plans set title = $1; commit`.replace('$1', `'try ${i}'`))
      expect(await e.db.query('select title from new_schema.queue')).toEqual([{ title: `try ${i}` }])
    }
  })
})

test('old and native writes of one row in one transaction, in turn', async () => {
  await withEngine({ ...QUEUE, open: true }, async (e) => {
    await e.db.query(
      `insert into plans (k, title) values ('one', 't'); insert into drafts (k, body) values ('one', 'b')`,
    )
    const app = await e.connect('begin')
    await app.query(`update plans set score = 1`)
    await app.query(`update new_schema.queue set title = 'native'`)
    await app.query(`update drafts set body = 'old'`)
    await app.query(`update new_schema.queue set score = 2`)
    await app.query(`update plans set state = 'posted'; commit`)
    expect(await e.db.query('select title, score, body, state from new_schema.queue')).toEqual([
      { title: 'native', score: '2.00', body: 'old', state: 'posted' },
    ])
    expect(await e.db.query('select title, score::int from plans')).toEqual([{ title: 'native', score: 2 }])
    expect(await e.outbox()).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})
