import { expect, test } from 'vitest'
import { withEngine } from './engine.ts'
import { QUEUE } from './queue.ts'

const PASSED = `select current_setting('crossfade.passed_' || md5('queue'), true) as passed`

test('entries that are done and can not be removed are passed once in a while, and one that commits late is still found', async () => {
  await withEngine(QUEUE, async (e) => {
    await e.db.query(`insert into plans (k, title) values ('late', 'before'), ('now', 'before')`)
    const [holder, late, applier] = [await e.connect(), await e.connect(), await e.connect()]
    await holder.query('begin isolation level repeatable read; select count(*) from crossfade.outbox')
    await late.query(`begin isolation level repeatable read; update plans set title = 'after' where k = 'late'`)
    // So many that to pass them takes a while on this machine, too.
    for (let passed = ''; passed === ''; ) {
      await e.db.query(
        `insert into crossfade.outbox (target, key) select 'queue', array['k'] from generate_series(1, 100000)`,
      )
      await e.db.query(`delete from crossfade.outbox where key = array['k']`)
      await applier.query('select crossfade.drain_queue(50)')
      passed = (await applier.query<{ passed: string | null }>(PASSED)).rows[0]?.passed ?? ''
    }
    await late.query('commit')
    const app = await e.connect(
      `begin isolation level repeatable read; update plans set title = 'after' where k = 'now'; commit`,
    )
    await app.end()
    const titles = async (): Promise<unknown> => {
      await applier.query('select crossfade.drain_queue(50)')
      return (await applier.query('select k, title from new_schema.queue order by k')).rows
    }
    await expect.poll(titles, { timeout: 40_000 }).toEqual([
      { k: 'late', title: 'after' },
      { k: 'now', title: 'after' },
    ])
    expect(await e.outbox()).toEqual([])
    await holder.query('commit')
  })
})

test('what is remembered of entries that are done ends where the clock is set back', async () => {
  await withEngine(QUEUE, async (e) => {
    const app = await e.connect()
    const applier = await e.connect()
    await applier.query(
      `select set_config('crossfade.passed_' || md5('queue'), concat_ws(' ', 1000, now, now + 60), false)
         from extract(epoch from clock_timestamp() + interval '1 hour') as now`,
    )
    await app.query(`begin isolation level repeatable read; insert into plans (k) values ('one'); commit`)
    await applier.query('select crossfade.drain_queue(50)')
    expect(await e.db.query('select k from new_schema.queue')).toEqual([{ k: 'one' }])
  })
})
