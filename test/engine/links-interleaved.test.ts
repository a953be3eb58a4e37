import { expect, test } from 'vitest'
import { append, type MergeSource, merge } from '../../src/spec/config.ts'
import { type EngineOptions, withEngine } from './engine.ts'
import { key } from './posts.ts'

const RR = 'begin isolation level repeatable read'

/** Posts of two tables, of which the second is found through the first. */
function posts(tweets: MergeSource, table = 'tweets', more = ''): EngineOptions {
  return {
    oldSql: /* sql */ `
      create table decisions (id serial primary key, decision_id text, tweet_id text, content text);
      create table tweets (id serial primary key, tweet_id text, body text, live boolean default true);
      ${more}`,
    newSql: 'create table posts (decision_id uuid primary key, content text, body text)',
    tables: {
      posts: merge({ key: 'decision_id', sources: { decisions: { key: 'decision_id::uuid' }, [table]: tweets } }),
    },
  }
}

const VIA = { via: 'decisions', on: 'tweet_id', take: 'decision_id::uuid' } as const
const GENERATED = posts({ key: { ...VIA, otherwise: 'generate' } })
const TWO = `insert into decisions (decision_id, tweet_id, content) values ('${key(1)}', 'x', 'one'), ('${key(2)}', 'y', 'two')`

test('a row goes while another session takes its partner away: its generated key goes, too', async () => {
  await withEngine(GENERATED, async (e) => {
    await e.db.query(`${TWO}; insert into tweets (tweet_id, body) values ('x', 'b')`)
    const [one, two] = [await e.connect(), await e.connect()]
    await one.query('begin; delete from decisions')
    await two.query('delete from tweets')
    await one.query('commit')
    await e.drain()
    expect(await e.db.query('select from new_schema.posts')).toEqual([])
  })
})

test('a row moves in a transaction that does not know yet that its partner has gone', async () => {
  await withEngine(GENERATED, async (e) => {
    await e.db.query(`${TWO}; insert into tweets (tweet_id, body) values ('x', 'b')`)
    const two = await e.connect(`${RR}; select from decisions`)
    await e.db.query(`delete from decisions where tweet_id = 'x'`)
    await two.query(`update tweets set tweet_id = 'y'; commit`)
    await e.drain()
    expect(await e.db.query('select content, body from new_schema.posts')).toEqual([{ content: 'two', body: 'b' }])
  })
})

test('a row leaves the view that is the source while its link gets another partner', async () => {
  const view = 'create view live_tweets as select id, tweet_id, body from tweets where live'
  await withEngine(posts({ key: VIA }, 'live_tweets', view), async (e) => {
    await e.db.query(`${TWO}; insert into tweets (tweet_id, body) values ('x', 'b')`)
    const two = await e.connect('begin; update tweets set live = false')
    await e.db.query(`update decisions set tweet_id = case content when 'two' then 'x' end`)
    await two.query('commit')
    await e.drain()
    expect(await e.differences()).toEqual([])
  })
})

test('the partner comes while the applier writes the journal entry of a row that has none', async () => {
  await withEngine(posts({ key: VIA }), async (e) => {
    await e.db.query(`insert into tweets (tweet_id, body) values ('x', 'b')`)
    const one = await e.connect(`begin; ${TWO}`)
    await e.drainOnce()
    await e.drainOnce()
    await one.query('commit')
    await e.drain()
    expect(await e.journal()).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})

test('a change of the partner that could not follow its links holds no lock on them: who writes a row then is waited for', async () => {
  await withEngine(posts({ key: VIA }), async (e) => {
    await e.db.query(TWO)
    const ddl = await e.connect('begin; lock table tweets')
    const one = await e.connect(`begin; update decisions set tweet_id = case content when 'two' then 'x' end`)
    await ddl.query('commit')
    const two = await e.connect(`begin; insert into tweets (tweet_id, body) values ('x', 'b')`)
    await one.query('commit')
    for (let n = 0; n < 3; n++) await e.drainOnce()
    await two.query('commit')
    await e.drain()
    expect(await e.differences()).toEqual([])
  })
})

const STAYING: EngineOptions = {
  oldSql: /* sql */ `
    create table accounts (id int primary key, code int not null);
    create table profiles (id int primary key, account_id int references accounts on delete cascade, name text);
    create table logins (code int primary key, logins int);`,
  newSql: 'create table people (code int primary key, name text, logins int)',
  tables: {
    people: merge({
      key: 'code',
      sources: {
        profiles: { key: { via: 'accounts', on: { from: 'account_id', to: 'id' }, take: 'code' } },
        logins: {},
      },
    }),
  },
}
const ACCOUNTS = `insert into accounts values (1, 10), (2, 20); insert into profiles values (1, 1, 'a'), (2, 2, 'b')`

test('a partner that is no source takes its rows with it by ON DELETE CASCADE, or in one statement', async () => {
  await withEngine(STAYING, async (e) => {
    await e.db.query(`${ACCOUNTS}; delete from accounts where id = 1`)
    await e.db.query('with gone as (delete from accounts) delete from profiles')
    await e.drain()
    expect(await e.db.query('select from new_schema.people')).toEqual([])
    expect(await e.journal()).toEqual([])
  })
})

test('a trigger of the partner moves its rows elsewhere before its links are followed', async () => {
  const oldSql = `${STAYING.oldSql.replace('references accounts on delete cascade', '')}
    create function move() returns trigger language plpgsql as $$ begin update profiles set account_id = 99 where account_id = old.id; return null; end $$;
    create trigger a_move after update on accounts for each row execute function move();`
  await withEngine({ ...STAYING, oldSql }, async (e) => {
    await e.db.query(`${ACCOUNTS}; update accounts set id = 5 where id = 1`)
    await e.drain()
    expect(await e.db.query('select name from new_schema.people')).toEqual([{ name: 'b' }])
  })
})

test('a partner of many rows leaves them to the applier', async () => {
  const options: EngineOptions = {
    ...STAYING,
    newSql: 'create table people (id bigserial primary key, code int, name text)',
    tables: {
      people: append({
        sources: {
          profiles: { columns: { code: { via: 'accounts', on: { from: 'account_id', to: 'id' }, take: 'code' } } },
        },
      }),
    },
  }
  await withEngine(options, async (e) => {
    await e.db.query(`${ACCOUNTS}; insert into profiles select i, 1, 'p' || i from generate_series(3, 500) i`)
    // Most of them asked for all rows with their link to be looked at: once does for all.
    for (let n = 0; n < 3; n++) await e.drainOnce()
    expect((await e.outbox()).length).toBe(0)
    await e.db.query('update accounts set code = 11 where id = 1')
    expect((await e.outbox()).length).toBeLessThan(10)
    await e.drain()
    expect(await e.db.query('select code, count(*)::int from new_schema.people group by code order by code')).toEqual([
      { code: 11, count: 499 },
      { code: 20, count: 1 },
    ])
    expect(await e.differences()).toEqual([])
  })
})
