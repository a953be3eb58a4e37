import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { connect } from '../../src/db/connect.ts'
import { sql } from '../../src/lib/sql.ts'
import type { Reader } from '../../src/overlap/read-only-session.ts'
import { readInOneSnapshot } from '../../src/overlap/read-only-session.ts'
import { DEFAULTS, databaseWith, overlapOf, pairOf, statesOf } from './overlap-of.ts'

const TWINS = [
  `create table posts as select 'k' || n as code, n as v from generate_series(1, 50) n`,
  `create table posts_old as select 'k' || n as code, n as v from generate_series(11, 60) n`,
]

test('a schema, a table that is not there, one table alone: each is said', async () => {
  const db = await databaseWith(...TWINS)
  await expect(overlapOf(db, [], { schemas: ['nowhere'] })).rejects.toMatchObject({
    ...{ code: 'overlap.schema', exitCode: 2, hint: expect.stringContaining('public') },
  })
  await expect(overlapOf(db, ['posts', 'post_old'])).rejects.toMatchObject({
    ...{ code: 'overlap.table', exitCode: 2, hint: expect.stringContaining('posts_old') },
  })
  await expect(overlapOf(db, ['nowhere.posts', 'posts'])).rejects.toMatchObject({ code: 'overlap.schema' })
  await expect(overlapOf(db, ['posts'])).rejects.toMatchObject({ code: 'overlap.one', exitCode: 2 })
  const empty = await databaseWith()
  await expect(overlapOf(empty)).rejects.toMatchObject({ code: 'overlap.none', exitCode: 2 })
})

test('what a role may not read, or sees only a part of, is said; the rest is compared', async () => {
  const db = await databaseWith(
    ...TWINS,
    'create table secret_posts as select * from posts',
    'create table own_posts as select * from posts',
    'alter table own_posts enable row level security',
  )
  const role = `reader_${db.name}`
  await db.query(`create role "${role}" login password 'x'`)
  onTestFinished(async () => {
    await db.query(`drop owned by "${role}"`)
    await db.query(`drop role "${role}"`)
  })
  await db.query(`grant select on posts, posts_old, own_posts to "${role}"`)
  const url = Object.assign(new URL(db.url), { username: role, password: 'x' }).href
  const document = await overlapOf({ url }, ['posts', 'posts_old', 'secret_posts', 'own_posts'])
  expect(pairOf(document, 'posts', 'posts_old').counts).toMatchObject({ shared: 40 })
  expect(document.pairs).toHaveLength(1)
  const why = Object.fromEntries(document.tables.map((one) => [one.name, one.unreadable]))
  expect(why).toMatchObject({
    ...{
      secret_posts: 'the role may not read it',
      own_posts: 'its row security hides rows from the role',
      posts: null,
    },
  })
})

test('a table that somebody holds, and one that takes too long, are problems; the others are compared', async () => {
  const db = await databaseWith(
    ...TWINS,
    'create table held as select * from posts',
    `create function slow(text) returns text language plpgsql as $$ begin perform pg_sleep(3); return $1; end $$`,
    `create view endless as select slow('k' || n) as code, n as v from generate_series(1, 50) n`,
  )
  const holder = new pg.Client(db.url)
  await holder.connect()
  onTestFinished(() => holder.end())
  await holder.query('begin; lock table held in access exclusive mode')
  const document = await overlapOf(db, ['posts', 'posts_old', 'held'], { timeout: 20 })
  expect(pairOf(document, 'posts', 'posts_old').counts).toMatchObject({ shared: 40 })
  expect(document.problems[0]).toMatchObject({ where: 'held', message: expect.stringContaining('55P03') })
  await holder.query('rollback')
  const slow = await overlapOf(db, ['posts', 'held', 'endless'], { timeout: 1 })
  expect(pairOf(slow, 'posts', 'held').counts).toMatchObject({ shared: 50 })
  expect(slow.problems[0]).toMatchObject({ hint: expect.stringContaining('--timeout') })
})

test('nothing but ACCESS SHARE is locked, by a transaction in which nothing can be written', async () => {
  const db = await databaseWith(...TWINS, 'create view shown as select * from posts')
  const watcher = new pg.Client(db.url)
  await watcher.connect()
  onTestFinished(() => watcher.end())
  const seen: { mode: string; relation: string | null; isolation: string }[] = []
  let isDone = false
  const watch = (async () => {
    while (!isDone) {
      const { rows } = await watcher.query(`
        select distinct l.mode, l.relation::regclass::text as relation from pg_locks l join pg_stat_activity a using (pid)
        where a.application_name = 'crossfade' and l.locktype in ('relation', 'tuple', 'object', 'transactionid', 'advisory')
          and l.database = (select oid from pg_database where datname = current_database())`)
      seen.push(...rows)
    }
  })()
  for (let round = 0; round < 5; round++) await overlapOf(db, ['posts', 'posts_old'])
  isDone = true
  await watch
  expect(seen.map((one) => one.relation)).toContain('posts')
  expect([...new Set(seen.map((one) => one.mode))]).toEqual(['AccessShareLock'])
})

test('the transaction refuses a write, also one that is hidden in a function, and is one snapshot', async () => {
  const db = await databaseWith(
    'create table notes (x int)',
    'create function write() returns int language sql as $$ insert into public.notes values (1) returning x $$',
  )
  const connected = await connect(db.url, { readOnly: true })
  onTestFinished(() => connected.close())
  await readInOneSnapshot(connected, DEFAULTS, async (reader: Reader) => {
    const settings = await reader.rows(
      'settings',
      sql`
      select current_setting('transaction_read_only') as now, current_setting('default_transaction_read_only') as later,
             current_setting('transaction_isolation') as isolation, current_setting('statement_timeout') as timeout`,
    )
    expect(settings).toEqual([{ now: 'on', later: 'on', isolation: 'repeatable read', timeout: '1min' }])
    expect(await reader.rows('a write', sql`select public.write()`)).toBeNull()
    expect(reader.problems[0]?.message).toContain('25006')
    await db.query('insert into notes values (2)')
    expect(await reader.rows('notes', sql`select x from public.notes`)).toEqual([])
  })
})

test('1,600 columns, types without equality, NaN, infinity, huge texts', async () => {
  const columns = Array.from({ length: 1590 }, (_one, index) => `c${index} int`).join(', ')
  const table = (name: string) =>
    `create table ${name} (code text primary key, j json, p point, x xml, f float8, n numeric, t timestamptz, b text, a int[], ${columns})`
  const fill = (name: string, more: string) => `
    insert into ${name} (code, j, p, x, f, n, t, b, a, c0, c1589)
    select 'k' || n, json_build_object('n', n), point(n, n), xmlparse(content '<a>' || n || '</a>'),
           case n % 4 when 0 then 'NaN' when 1 then 'Infinity' when 2 then '1e308' else n::text end::float8,
           case n % 3 when 0 then 'NaN' when 1 then 'Infinity' else n::text end::numeric,
           case n % 3 when 0 then 'infinity' when 1 then '-infinity' else '2026-01-01' end::timestamptz,
           repeat('long ', case when n = 3 then 2000000 else 1 end) || ${more}, array[n, null], n, ${more}::int
    from generate_series(1, 30) n`
  const db = await databaseWith(table('wide'), table('wide_old'), fill('wide', '1'), fill('wide_old', '(n % 2)'))
  const document = await overlapOf(db, ['wide', 'wide_old'])
  expect(document.problems).toEqual([])
  const pair = pairOf(document, 'wide', 'wide_old')
  expect(pair.columns).toHaveLength(1598)
  for (const name of ['j', 'p', 'x', 'f', 'n', 't', 'a', 'c0'])
    expect([name, statesOf(pair, name)]).toEqual([name, [30, 0, 0, 0, 0]])
  for (const name of ['b', 'c1589']) expect([name, statesOf(pair, name)]).toEqual([name, [15, 0, 0, 0, 15]])
  expect(statesOf(pair, 'c7')).toEqual([0, 30, 0, 0, 0])
  expect(JSON.stringify(document).length).toBeLessThan(2_000_000)
})

test('NaN and infinity against numbers are no ratio and no time zone', async () => {
  const db = await databaseWith(
    `create table a as select 'k' || n as code, 1.0::float8 as f, 1.0::numeric as n, '2026-01-01'::timestamptz as t from generate_series(1, 12) n`,
    `create table b as select 'k' || n as code, case n % 3 when 0 then 'NaN' when 1 then 'Infinity' else '-Infinity' end::float8 as f,
       case n % 3 when 0 then 'NaN' when 1 then 'Infinity' else '-Infinity' end::numeric as n,
       case n % 2 when 0 then 'infinity' else '-infinity' end::timestamptz as t from generate_series(1, 12) n`,
  )
  const document = await overlapOf(db, ['a', 'b'])
  expect(document.problems).toEqual([])
  for (const column of pairOf(document, 'a', 'b').columns) expect(column).toMatchObject({ conflicting: 12, nearly: [] })
})

test('names with quotes, dots, dollars, backslashes and capitals', async () => {
  const odd = `"we""ird.$1 \\ 'n' {a} | \`b\`"`
  const db = await databaseWith(
    'create schema "Odd.Schema"',
    `create table "Odd.Schema".${odd} (${odd} text, "Select" int, "v;--" timestamptz)`,
    `create table "Posts" ("${'x'.repeat(63)}" text, ${odd} text, "Select" int)`,
    `insert into "Odd.Schema".${odd} select 'k' || n, n, now() from generate_series(1, 20) n`,
    `insert into "Posts" select 'x', 'k' || n, n + 1 from generate_series(1, 20) n`,
  )
  const document = await overlapOf(db, [`"Odd.Schema".${odd}`, 'Posts'])
  expect(document.problems).toEqual([])
  expect(document.pairs[0]).toMatchObject({ relation: 'equal', columns: [{ left: 'Select', conflicting: 20 }] })
  // What a person is told to run does run.
  for (const statement of [document.pairs[0]?.toSee?.onlyLeft, document.pairs[0]?.toSee?.conflicts])
    await db.query(statement ?? 'nothing')
})

test('partitions, inheritance, foreign tables, generated columns, views and materialized views', async () => {
  const db = await databaseWith(
    'create extension postgres_fdw',
    `create table events (code text, at date, n int, twice int generated always as (n * 2) stored) partition by range (at)`,
    `create table events_1 partition of events for values from ('2026-01-01') to ('2026-01-16')`,
    `create table events_2 partition of events for values from ('2026-01-16') to ('2026-03-01')`,
    `insert into events (code, at, n) select 'k' || n, date '2026-01-01' + n, n from generate_series(1, 30) n`,
    `create table parent (code text, n int)`,
    `create table child () inherits (parent)`,
    `insert into parent select 'k' || n, n from generate_series(1, 10) n`,
    `insert into child select 'k' || n, n from generate_series(11, 25) n`,
    'create view shown as select code, n from parent',
    'create view shown_again as select * from shown where n > 3',
    'create materialized view kept as select * from events',
  )
  const { hostname, port, username, password } = new URL(db.url)
  await db.query(
    `create server itself foreign data wrapper postgres_fdw options (host '${hostname}', port '${port}', dbname '${db.name}')`,
  )
  await db.query(
    `create user mapping for current_user server itself options (user '${username}', password '${password}')`,
  )
  await db.query(`create foreign table far (code text, n int) server itself options (table_name 'parent')`)
  const document = await overlapOf(db, ['events', 'parent', 'child', 'far', 'shown', 'shown_again', 'kept'])
  expect(document.problems).toEqual([])
  expect(pairOf(document, 'events', 'parent').counts).toMatchObject({ leftKeys: 30, rightKeys: 25, shared: 25 })
  expect(pairOf(document, 'parent', 'far').relation).toBe('equal')
  const compared = document.pairs.map((pair) => `${pair.left} ${pair.right}`)
  expect(compared).toEqual(['events parent', 'events child', 'events far', 'parent far', 'child far'])
  const shows = Object.fromEntries(document.tables.map((one) => [one.name, one.shows]))
  expect(shows).toMatchObject({
    parent: ['child'],
    shown: ['parent', 'child'],
    shown_again: ['shown', 'parent', 'child'],
    kept: ['events'],
  })
  await db.query('drop foreign table far; drop user mapping for current_user server itself')
})
