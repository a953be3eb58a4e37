import { expect, test } from 'vitest'
import { withEngine } from './engine.ts'
import { QUEUE } from './queue.ts'

const FILL = `insert into crossfade.outbox (target, key) select 'queue', array['key ' || i] from generate_series(1, 40) as i`

test('two appliers do not wait for each other', async () => {
  await withEngine(QUEUE, async (e) => {
    await e.db.query(`insert into plans (k) select 'key ' || i from generate_series(1, 40) as i`)
    await e.db.query(FILL)
    const [one, two] = [await e.connect('begin'), await e.connect(`set statement_timeout = '5s'`)]
    await one.query('select crossfade.drain_queue(20)')
    // The first has not committed: it holds its keys, and nothing else.
    expect((await two.query('select crossfade.drain_queue(40) as done')).rows).toEqual([{ done: 20 }])
    await one.query('commit')
    expect(await e.outbox()).toEqual([])
  })
})

test('after one row that somebody holds an applier waits for no other of its batch', async () => {
  await withEngine(QUEUE, async (e) => {
    await e.db.query(`insert into plans (k) select 'key ' || i from generate_series(1, 40) as i`)
    await e.db.query(FILL)
    const [holder, applier] = [await e.connect('begin'), await e.connect()]
    await holder.query(`select from new_schema.queue for update`)
    // 40 waits of 50 ms would be two seconds.
    await applier.query(`set statement_timeout = 1000`)
    expect((await applier.query('select crossfade.drain_queue(40) as done')).rows).toEqual([{ done: 0 }])
    await holder.query('commit')
    await e.drain()
    expect(await e.differences()).toEqual([])
  })
})
