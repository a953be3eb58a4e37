import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import { type Engine, withEngine } from './engine.ts'
import { key, POSTS } from './posts.ts'

const DECIDED = `insert into decisions (decision_id, tweet_id, content) values ('${key(1)}', 'x', 'one')`
const HELD = `select count(*)::int as held from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()`

async function waiting(e: Engine, sessions: number): Promise<void> {
  const text = `select count(*)::int as n from pg_locks as l join pg_database as d on d.oid = l.database
                 where d.datname = current_database() and l.locktype = 'advisory' and not l.granted`
  while ((await e.db.query<{ n: number }>(text))[0]?.n !== sessions) await sleep(5)
}

test('rows with one partner do not wait for each other', async () => {
  await withEngine(POSTS, async (e) => {
    await e.db.query(DECIDED)
    const one = await e.connect('begin')
    await one.query(`insert into likes (tweet_id, likes) values ('x', 1)`)
    await e.db.query(`insert into likes (tweet_id, likes) values ('x', 2)`)
    expect(await e.outbox()).toEqual([])
    await one.query('commit')
    expect(await e.db.query('select likes from new_schema.metrics order by 1')).toEqual([{ likes: 1 }, { likes: 2 }])
  })
})

test('a transaction with a hundred linked rows holds few locks', async () => {
  await withEngine(POSTS, async (e) => {
    await e.db.query(
      `insert into decisions (decision_id, tweet_id) select gen_random_uuid(), 't' || i from generate_series(1, 100) as i`,
    )
    await e.drain()
    const app = await e.connect('begin')
    for (let i = 1; i <= 100; i++) await app.query(`insert into likes (tweet_id, likes) values ('t${i}', 1)`)
    expect((await app.query(HELD)).rows[0].held).toBeLessThan(20)
    await app.query('commit')
    await e.drain()
    expect(await e.db.query('select count(*)::int as n from new_schema.metrics')).toEqual([{ n: 100 }])
    expect(await e.differences()).toEqual([])
  })
})

test('locks on links are taken in one order, however they are given', async () => {
  await withEngine(POSTS, async (e) => {
    const [{ first, second }] = (
      await e.db.query(`select array_agg(v order by hashtextextended(v, 0)) as both from unnest('{a,b}'::text[]) as v`)
    ).map(({ both }) => ({ first: both[0], second: both[1] })) as [{ first: string; second: string }]
    const holder = await e.connect('begin')
    await holder.query(`select crossfade.lock_links(array['${first}'], true)`)
    const sessions = await Promise.all([e.connect(`begin`), e.connect(`begin`)])
    const locking = sessions.map(async (session, i) => {
      await session.query(
        `select crossfade.lock_links(array[${i === 0 ? `'${first}','${second}'` : `'${second}','${first}'`}], true)`,
      )
      await session.query('commit')
    })
    await waiting(e, 2)
    await holder.query('commit')
    // In the order in which they were given, one would be the victim of a deadlock.
    await Promise.all(locking)
  })
})

test('equal link values that are written otherwise are one lock', async () => {
  const options = {
    oldSql: `create table p (id int primary key, nr numeric); create table c (id int primary key, nr numeric, x text);`,
    newSql: 'create table n (id int primary key, x text)',
    tables: {
      n: merge({ key: 'id', sources: { p: {}, c: { key: { via: 'p', on: 'nr', take: 'id', otherwise: 'omit' } } } }),
    },
  }
  await withEngine(options, async (e) => {
    await e.db.query('insert into p values (1, 7), (2, 8)')
    const [one, other] = [await e.connect('begin'), await e.connect()]
    await one.query(`insert into c values (1, 1.00, 'c')`)
    // A value apart from its spelling: the partner waits for the row, or leaves itself to the applier.
    await other.query(`update p set nr = 1.0 where id = 1`)
    await one.query('commit')
    await e.drain()
    expect(await e.db.query('select id, x from new_schema.n order by id')).toEqual([
      { id: 1, x: 'c' },
      { id: 2, x: null },
    ])
    expect(await e.differences()).toEqual([])
  })
})
