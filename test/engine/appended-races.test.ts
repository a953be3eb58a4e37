import { expect, test } from 'vitest'
import { append } from '../../src/spec/config.ts'
import { withEngine } from './engine.ts'
import { untilBlocked } from './waiting.ts'

test('the applier and an old write of one appended row', async () => {
  const options = {
    oldSql: `create table m (id int primary key, n int, t text)`,
    newSql: `create table n (id bigserial primary key, n int, t text)`,
    tables: { n: append({ sources: { m: {} } }) },
  }
  await withEngine(options, async (e) => {
    await e.db.query(`insert into m values (1, 0, 'first')`)
    const [one, applier] = [await e.connect('begin'), await e.connect()]
    await one.query(`update m set n = 1`)
    await applier.query(`alter function crossfade.drain_n_from_m(integer) set lock_timeout = '5s'`)
    await e.db.query(`insert into crossfade.outbox (target, key) values ('n from m', '{1}')`)
    // What it projects while it waits is older than what it waits for.
    const draining = applier.query('select crossfade.drain_n_from_m(10)')
    await untilBlocked(e, applier, draining)
    await one.query('commit')
    await draining
    await e.drain()
    expect(await e.db.query('select n, t from new_schema.n')).toEqual([{ n: 1, t: 'first' }])
    expect(await e.differences()).toEqual([])
  })
})
