import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { expect, test } from 'vitest'
import type { SyncMode } from '../../src/spec/config.ts'
import { drainAll } from '../../src/sync/worker.ts'
import { listenBetween } from '../support/network.ts'
import { type EngineOptions, withEngine } from './engine.ts'
import { key, POSTS } from './posts.ts'
import { QUEUE } from './queue.ts'

const OUTBOX: EngineOptions = { ...QUEUE, sync: { mode: 'outbox' } }

const MODES: SyncMode[] = ['outbox', 'inline']

test('in outbox mode a write only notes its keys, before and after', async () => {
  await withEngine(OUTBOX, async (e) => {
    const keys = async () => {
      const found = (await e.outbox()).map((entry) => entry.key[0] ?? '').sort()
      await e.db.query('delete from crossfade.outbox')
      return found
    }
    await e.db.query(`insert into plans (k, title) values ('one', 't'), ('two', 't')`)
    expect(await keys()).toEqual(['one', 'two'])
    expect(await e.db.query('select from new_schema.queue')).toEqual([])
    await e.db.query(`update plans set title = 'T' where k = 'one'`)
    expect(await keys()).toEqual(['one'])
    await e.db.query(`update plans set k = 'three' where k = 'one'`)
    expect(await keys()).toEqual(['one', 'three'])
    await e.db.query(`update plans set k = k || '!'`)
    expect(await keys()).toEqual(['three', 'three!', 'two', 'two!'])
    await e.db.query(`insert into plans (k) values ('two!'), ('four') on conflict (k) do update set title = 'again'`)
    expect(await keys()).toEqual(['four', 'two!'])
    await e.db.query(`update plans set title = 'nobody' where false`)
    expect(await keys()).toEqual([])
    await e.db.query(`delete from plans`)
    expect(await keys()).toEqual(['four', 'three!', 'two!'])
  })
})

test('a large statement is noted by one, whatever it does', async () => {
  await withEngine(OUTBOX, async (e) => {
    await e.db.query(`insert into plans (k, title) select 'key ' || i, 't' from generate_series(1, 1000) i`)
    expect(await e.outbox()).toHaveLength(1000)
    await e.drain()
    expect(await e.differences()).toEqual([])
    const ids = async () => (await e.db.query('select pg_current_xact_id()::text::int as id'))[0]?.id
    const before = await ids()
    await e.db.query(`update plans set title = 'T'`)
    // Its own, one for the subtransaction, that of the question; and others may be at work on the server.
    expect((await ids()) - before).toBeLessThan(50)
    expect(await e.outbox()).toHaveLength(1000)
    await e.drain()
    expect(await e.differences()).toEqual([])
    await e.db.query(`delete from plans where id % 2 = 0`)
    await e.drain()
    expect(await e.differences()).toEqual([])
    expect(await e.db.query('select count(*)::int as n from new_schema.queue')).toEqual([{ n: 500 }])
  })
})

test('a small write takes no transaction id of its own', async () => {
  await withEngine(OUTBOX, async (e) => {
    await e.db.query(`insert into plans (k, title) values ('one', 't')`)
    const a = await e.connect()
    await a.query('begin')
    const { rows: first } = await a.query('select pg_current_xact_id()::text::int as id')
    for (let i = 0; i < 50; i++) await a.query(`update plans set score = $1`, [i])
    await a.query('commit')
    const { rows: then } = await a.query('select pg_current_xact_id()::text::int as id')
    // Other databases of the server take some, too; one for each write would be 50 more.
    expect(then[0].id - first[0].id).toBeLessThan(50)
  })
})

test.each(['set session_replication_role = replica', 'set session_replication_role = local'])(
  'rows that are written under «%s» are noted once',
  async (settings) => {
    await withEngine(OUTBOX, async (e) => {
      const a = await e.connect(settings)
      await a.query(`insert into plans (k, title) values ('one', 't'), ('two', 't')`)
      expect((await e.outbox()).map((entry) => entry.key).sort()).toEqual([['one'], ['two']])
      await e.drain()
      expect(await e.differences()).toEqual([])
    })
  },
)

test('COPY, MERGE, a cascade and a trigger of the user are noted', async () => {
  const options = {
    ...OUTBOX,
    oldSql: `${QUEUE.oldSql}
      create table owners (id int primary key);
      alter table drafts add owner int references owners on delete cascade on update cascade;
      create function echo() returns trigger language plpgsql as $$ begin update drafts set body = 'echo' where k = new.k; return null; end $$;
      create trigger echo after insert on plans for each row execute function echo();`,
  }
  await withEngine(options, async (e) => {
    await e.db.query(`insert into owners values (1)`)
    await e.db.query(`insert into drafts (k, owner) select 'key ' || i, 1 from generate_series(1, 3) i`)
    await e.drain()
    await e.db.query(`insert into plans (k) values ('key 2')`)
    await e.db.query(`copy plans (k) from program 'printf "key 3\\nkey 4\\n"'`)
    await e.db.query(`merge into plans p using (values ('key 2'), ('key 9')) v(k) on p.k = v.k
      when matched then update set title = 'm' when not matched then insert (k) values (v.k)`)
    await e.drain()
    expect(await e.differences()).toEqual([])
    expect(await e.db.query(`select body, title from new_schema.queue where k = 'key 2'`)).toEqual([
      { body: 'echo', title: 'm' },
    ])
    await e.db.query('delete from owners')
    await e.drain()
    expect(await e.differences()).toEqual([])
    expect((await e.db.query('select k from new_schema.queue order by k')).map((row) => row.k)).toEqual([
      'key 2',
      'key 3',
      'key 4',
      'key 9',
    ])
  })
})

test('a partitioned table is noted row by row, so that writes to a partition itself are seen', async () => {
  const options: EngineOptions = {
    ...OUTBOX,
    oldSql: `
      create table plans (k text not null, title text, score numeric, state text not null default 'queued', primary key (k)) partition by hash (k);
      create table plans_1 partition of plans for values with (modulus 1, remainder 0);
      create table drafts (id bigserial primary key, k text not null unique, title text, body text, state text not null default 'queued');`,
  }
  await withEngine(options, async (e) => {
    await e.db.query(`insert into plans_1 (k) values ('one')`)
    await e.db.query(`insert into plans (k) values ('two')`)
    await e.drain()
    expect(await e.differences()).toEqual([])
    expect(await e.db.query('select count(*)::int as n from new_schema.queue')).toEqual([{ n: 2 }])
  })
})

test('a column that was renamed under it fails no write, and all keys are looked at', async () => {
  await withEngine(OUTBOX, async (e) => {
    const a = await e.connect()
    await a.query(`insert into plans (k) values ('one')`)
    await e.drain()
    await e.db.query('alter table plans rename k to renamed')
    await a.query(`update plans set title = 'T'`)
    await a.query(`insert into plans (renamed) select 'key ' || i from generate_series(1, 500) i`)
    expect((await e.outbox()).every((entry) => entry.key.length === 0)).toBe(true)
    await e.db.query('alter table plans rename renamed to k')
    await e.drain()
    expect(await e.differences()).toEqual([])
  })
})

test('a key that is longer than any index takes fails no write', async () => {
  const options: EngineOptions = {
    oldSql: 'create table notes (id serial primary key, k text)',
    newSql: 'create table new_notes (k text primary key)',
    tables: { new_notes: { key: 'k', sources: { notes: {} } } },
    sync: { mode: 'outbox' },
  }
  await withEngine(options, async (e) => {
    const long = `(select string_agg(md5(i::text), '') from generate_series(1, 300) i)`
    await e.db.query(`insert into notes (k) values (${long})`)
    expect(await e.outbox()).toHaveLength(1)
  })
})

test('rows without a key, by what tells them apart', async () => {
  const options: EngineOptions = {
    oldSql: 'create table notes (id serial primary key, k text)',
    newSql: 'create table new_notes (k uuid primary key)',
    tables: { new_notes: { key: 'k', sources: { notes: { key: 'k::uuid' } } } },
    sync: { mode: 'outbox' },
  }
  await withEngine(options, async (e) => {
    await e.db.query(`insert into notes (k) values ('made up'), ('${key(1)}')`)
    await e.db.query(`insert into notes (k) select 'made up ' || i from generate_series(1, 300) i`)
    await e.drain()
    expect(await e.journal()).toHaveLength(301)
    await e.db.query(`update notes set k = '${key(2)}' where id = 1`)
    await e.drain()
    expect(await e.journal()).toHaveLength(300)
    expect(await e.differences()).toEqual([])
    await e.db.query('delete from notes where id > 2')
    await e.drain()
    expect(await e.journal()).toEqual([])
  })
})

test('linked rows, partners that come late and change, and rows with one unique value', async () => {
  await withEngine({ ...POSTS, sync: { mode: 'outbox' } }, async (e) => {
    await e.db.query(`insert into tweets (tweet_id, body) values ('t1', 'late')`)
    await e.db.query(`insert into likes (tweet_id, likes) values ('t1', 3)`)
    await e.drain()
    await e.db.query(`insert into decisions (decision_id, tweet_id) values ('${key(1)}', 't1')`)
    await e.drain()
    expect(await e.db.query('select body, tweet_id from new_schema.posts')).toEqual([{ body: 'late', tweet_id: 't1' }])
    await e.db.query(`insert into decisions (decision_id, tweet_id, posted_at) values ('${key(2)}', 't1', now())`)
    await e.drain()
    expect(await e.db.query(`select tweet_id from new_schema.posts where decision_id = '${key(2)}'`)).toEqual([
      { tweet_id: 't1' },
    ])
    await e.db.query(`delete from decisions where decision_id = '${key(2)}'`)
    await e.drain()
    await e.db.query(`update decisions set tweet_id = 't2'`)
    await e.drain()
    await e.db.query('delete from decisions')
    await e.drain()
    expect(await e.differences()).toEqual([])
  })
})

test.each(MODES)('a switch to %s takes effect in sessions that have written before', async (mode) => {
  await withEngine({ ...QUEUE, sync: { mode: mode === 'outbox' ? 'inline' : 'outbox' } }, async (e) => {
    const a = await e.connect()
    await a.query(`insert into plans (k, title) values ('one', 't')`)
    await e.drain()
    await e.switchMode(mode)
    await a.query(`update plans set title = 'T'`)
    expect(await e.outbox()).toHaveLength(mode === 'outbox' ? 1 : 0)
    expect(await e.db.query('select title from new_schema.queue')).toEqual([{ title: mode === 'outbox' ? 't' : 'T' }])
    await e.drain()
    expect(await e.differences()).toEqual([])
  })
})

test('a statement that is under way when its table is switched to inline is not lost', async () => {
  const options = {
    ...OUTBOX,
    oldSql: `${QUEUE.oldSql}
      create function wait() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock_shared(1); perform from drafts; return null; end $$;
      create trigger zz_wait after update on plans for each row execute function wait();`,
  }
  await withEngine(options, async (e) => {
    const [a, b] = [await e.connect(), await e.connect()]
    await a.query(`insert into plans (k, title) values ('one', 't')`)
    await e.drain()
    await b.query('select pg_advisory_lock(1)')
    // Its row trigger has found outbox mode, and the trigger for the statement comes after the user's.
    const writing = a.query(`update plans set title = 'T'`)
    await sleep(50)
    const switching = e.switchMode('inline')
    await sleep(100)
    await b.query('select pg_advisory_unlock(1)')
    await Promise.all([writing, switching])
    await e.drain()
    expect(await e.db.query('select title from new_schema.queue')).toEqual([{ title: 'T' }])
    await a.query(`update plans set title = 'inline'`)
    expect(await e.outbox()).toEqual([])
  })
})

test('a native write of a row whose key still waits is told to try again, and is counted', async () => {
  await withEngine({ ...OUTBOX, open: true }, async (e) => {
    const conflicts = async () =>
      (await e.db.query('select case when is_called then last_value else 0 end::int as n from crossfade.conflicts'))[0]
        ?.n
    await e.db.query(`insert into plans (k, title) values ('one', 't')`)
    await e.drain()
    await e.db.query(`update plans set state = 'posting'`)
    const claim = `update new_schema.queue set state = 'mine' where k = (
      select k from new_schema.queue where state = 'queued' limit 1 for update skip locked)`
    await expect(e.db.query(claim)).rejects.toMatchObject({ code: '40001' })
    const swap = `update new_schema.queue set state = 'mine' where k = 'one' and state = 'queued'`
    await expect(e.db.query(swap)).rejects.toMatchObject({ code: '40001' })
    await expect(e.db.query('delete from new_schema.queue')).rejects.toMatchObject({ code: '40001' })
    expect(await conflicts()).toBe(3)
    await e.drain()
    await e.db.query(swap)
    expect(await e.db.query('select state from plans')).toEqual([{ state: 'posting' }])
    await e.db.query(`update new_schema.queue set state = 'done'`)
    expect(await e.db.query('select state from plans')).toEqual([{ state: 'done' }])
    // What it wrote by the old name is its own, and waits for nobody.
    expect(await e.outbox()).toEqual([])
    expect(await conflicts()).toBe(3)
    expect(await e.differences()).toEqual([])
  })
})

test('native writes of keys that nobody else touches never conflict', async () => {
  await withEngine({ ...OUTBOX, open: true }, async (e) => {
    await e.db.query(`insert into plans (k) select 'key ' || i from generate_series(0, 79) i`)
    await e.drain()
    let working = 8
    const applier = (async () => {
      while (working > 0) await e.drainOnce()
    })()
    const conflicts = await Promise.all(
      Array.from({ length: 8 }, async (_, session) => {
        const client = await e.connect()
        const table = session % 2 === 0 ? 'new_schema.queue' : 'plans'
        let refused = 0
        for (let n = 0; n < 150; n++) {
          const k = `key ${session + 8 * (n % 10)}`
          await client.query(`update ${table} set title = $2 where k = $1`, [k, `${n}`]).catch(() => refused++)
        }
        working--
        return refused
      }),
    )
    await applier
    expect(conflicts).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
    await e.drain()
    expect(await e.differences()).toEqual([])
  })
})

test('a batch is as large as the server can take, whatever the network', async () => {
  await withEngine(OUTBOX, async (e) => {
    await e.db.query(`insert into plans (k) select 'k' || n from generate_series(1, 3000) as n`)
    const url = new URL(e.db.url)
    url.port = String(await listenBetween(Number(url.port), { delayMs: 25 }))
    const client = new pg.Client({ connectionString: url.href })
    await client.connect()
    const sizes = new Map<string, number>()
    for (let calls = 0; calls < 12 && (sizes.get('queue') ?? 0) <= 50; calls++) await drainAll(client, e, sizes)
    await client.end()
    expect(sizes.get('queue')).toBeGreaterThan(50)
  })
})
