import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { expect, test } from 'vitest'
import { withEngine } from './engine.ts'
import { QUEUE } from './queue.ts'
import { untilBlocked } from './waiting.ts'

const ROWS = ['plans', 'drafts'].map((table) => `insert into ${table} (k) values ('a'), ('b')`)

/** Null where it was done. */
async function sqlstateOf(done: Promise<unknown>): Promise<string | null> {
  try {
    await done
    return null
  } catch (error) {
    return (error as { code: string }).code
  }
}

const lockTimeout = async (client: pg.Client): Promise<string> =>
  (await client.query(`show lock_timeout`)).rows[0].lock_timeout

test('control: by old names alone neither waits for ever', async () => {
  await withEngine(QUEUE, async (e) => {
    for (const insert of ROWS) await e.db.query(insert)
    const [old, other] = [await e.connect('begin'), await e.connect('begin')]
    await old.query(`update drafts set body = 'o' where k = 'a'`)
    await other.query(`update plans set score = 2 where k = 'b'`)
    const waiting = old.query(`update plans set score = 1 where k = 'b'`)
    await untilBlocked(e, old, waiting)
    await other.query(`update plans set score = 2 where k = 'a'`)
    await other.query('commit')
    await waiting
    await old.query('commit')
  })
})

test('of an old transaction and a native one that each want what the other has, the native one gives up', async () => {
  await withEngine({ ...QUEUE, open: true }, async (e) => {
    for (const insert of ROWS) await e.db.query(insert)
    const [old, native] = [await e.connect('begin'), await e.connect('begin')]
    await old.query(`update drafts set body = 'o' where k = 'a'`)
    await native.query(`update new_schema.queue set score = 2 where k = 'b'`)
    const waiting = sqlstateOf(old.query(`update plans set score = 1 where k = 'b'`))
    await untilBlocked(e, old, waiting)
    const told = await sqlstateOf(native.query(`update new_schema.queue set score = 2 where k = 'a'`))
    await native.query('rollback')
    expect([told, await waiting]).toEqual(['55P03', null])
    await old.query('commit')
  })
})

test("a native transaction's first write waits as long as it takes, and no setting of its session stays changed", async () => {
  await withEngine({ ...QUEUE, open: true }, async (e) => {
    for (const insert of ROWS) await e.db.query(insert)
    const [holder, native] = [await e.connect('begin'), await e.connect(`set lock_timeout = '20s'; begin`)]
    await holder.query(`update new_schema.queue set score = 1 where k = 'a'`)
    const waiting = native.query(`update new_schema.queue set title = 'w' where k = 'a'`)
    await untilBlocked(e, native, waiting)
    await sleep(700)
    await holder.query('commit')
    await waiting
    expect(await lockTimeout(native)).toBe('20s')
    await native.query(`update new_schema.queue set score = 2 where k = 'b'`)
    expect(await lockTimeout(native)).toBe('20s')
    await native.query('savepoint s')
    expect(await sqlstateOf(native.query(`update new_schema.queue set score = -1 where k = 'b'`))).toBe('23514')
    await native.query('rollback to s')
    expect(await lockTimeout(native)).toBe('20s')
    await native.query(`set local lock_timeout = '70ms'; update new_schema.queue set score = 3 where k = 'b'`)
    expect(await lockTimeout(native)).toBe('70ms')
    await native.query('commit')
    expect(await lockTimeout(native)).toBe('20s')
    expect(await e.differences()).toEqual([])
  })
})
