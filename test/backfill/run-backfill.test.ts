import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { reconcile } from '../../src/backfill/reconcile.ts'
import { runBackfill } from '../../src/backfill/run-backfill.ts'
import { connect } from '../../src/db/connect.ts'
import { merge } from '../../src/spec/config.ts'
import { backfillChunk } from '../../src/sqlgen/backfill.ts'
import { createFixture, type Fixture } from '../support/fixture.ts'
import { listenBetween } from '../support/network.ts'
import { DRAFTS_AND_POSTS, differences } from './two-tables.ts'

test('copies all rows of both tables, in chunks, and a second run has nothing to do', async () => {
  const f = await createFixture(DRAFTS_AND_POSTS(3_000))
  const result = await runBackfill(f.work, f.target)
  expect(result).toMatchObject({ rows: 3_000, deferredKeys: 0 })
  expect(result.chunks).toBeGreaterThan(2)
  expect(await f.query('select count(*)::int as rows from new_schema.post')).toEqual([{ rows: 3_000 }])
  expect(await differences(f)).toEqual([])
  expect(f.lines.some((line) => /^post: [\d,]+ of about [\d,]+ rows, [\d,]+ rows\/s/.test(line))).toBe(true)
  expect(await runBackfill(f.work, f.target)).toMatchObject({ rows: 3_000, chunks: 0 })
})

test('a chunk is as large as the server can take, whatever the network', async () => {
  const f = await createFixture(DRAFTS_AND_POSTS(6_000))
  const url = new URL(f.db.url)
  url.port = String(await listenBetween(Number(url.port), { delayMs: 25 }))
  const db = await connect(url.href)
  onTestFinished(() => db.close())
  const { rows, chunks } = await runBackfill({ ...f.work, db }, f.target)
  expect(rows).toBe(6_000)
  // With chunks of the smallest size it would be over a hundred.
  expect(chunks).toBeLessThan(40)
})

test('rows that triggers wrote before their chunk stay as they are, and hold up no other', async () => {
  const f = await createFixture(DRAFTS_AND_POSTS(300))
  await f.query(`update draft set body = 'newer' where id < 'k00100'`)
  await f.plant(`update new_schema.post set body = 'newest' where slug = 'k00001'`)
  expect((await runBackfill(f.work, f.target)).deferredKeys).toBe(0)
  expect(await f.query(`select body from new_schema.post where slug in ('k00001', 'k00002') order by slug`)).toEqual([
    { body: 'newest' },
    { body: 'newer' },
  ])
})

test('a row that a trigger writes under a chunk stays as it is, and the chunk goes on as large as it was', async () => {
  const f = await createFixture(DRAFTS_AND_POSTS(300))
  const { running } = await writeUnder(f, () => runBackfill(f.work, f.target))
  expect(await running).toMatchObject({ chunks: 1, deferredKeys: 0 })
  expect(await f.query(`select body from new_schema.post where slug = 'k00001'`)).toEqual([{ body: 'newer' }])
  expect(await differences(f)).toEqual([])
})

test('a contested chunk waits for the rows of others, and leaves them', async () => {
  const f = await createFixture(DRAFTS_AND_POSTS(300))
  const chunk = backfillChunk(f.target, { after: false, upTo: false }, 'contested').text
  const session = await f.db.pool.connect()
  await session.query(`begin; select set_config('crossfade.guard', crossfade.guard_for(${f.target.number}, '*'), true)`)
  const { running } = await writeUnder(f, () => session.query(chunk))
  expect((await running).rowCount).toBe(299)
  await session.query('commit')
  session.release()
  expect(await differences(f)).toEqual([])
})

/** Begins while a writer has changed a row and not ended; the writer ends as soon as it is waited for. */
async function writeUnder<Result>(f: Fixture, begin: () => Promise<Result>): Promise<{ running: Promise<Result> }> {
  const writer = await f.db.pool.connect()
  await writer.query(`begin; update public.draft set body = 'newer' where id = 'k00001'`)
  const running = begin()
  for (let waits = 0; waits === 0; await sleep(2))
    waits = (await f.query('select count(*)::int as waits from pg_locks where not granted'))[0]?.waits
  await writer.query('commit')
  writer.release()
  return { running }
}

test('a killed run goes on where it was', async () => {
  const f = await createFixture(DRAFTS_AND_POSTS(20_000))
  const running = runBackfill(f.work, f.target)
  const failed = expect(running).rejects.toMatchObject({ code: 'connection_lost', exitCode: 3 })
  let before = 0
  while (before === 0) {
    await sleep(2)
    before = (await f.query(`select coalesce(max(rows), 0)::int as rows from crossfade.backfill`))[0]?.rows
  }
  await f.db.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'crossfade test'`,
  )
  await failed
  const [state] = await f.query('select rows::int as rows, last_key, done from crossfade.backfill')
  expect(state).toMatchObject({ done: false })
  const [there] = await f.query('select count(*)::int as rows from new_schema.post')
  expect(there?.rows).toBe(state?.rows)
  expect(there?.rows).toBeLessThan(20_000)

  expect(await runBackfill(f.work, f.target)).toMatchObject({ rows: 20_000, deferredKeys: 0 })
  expect(await reconcile(f.work, f.target)).toMatchObject({ passes: 1, compared: 20_000, repairedKeys: 0 })
})

test('several workers share the keys, and any number of them goes on after a kill', async () => {
  const f = await createFixture(DRAFTS_AND_POSTS(30_000))
  const running = runBackfill(f.work, f.target, { workers: 3 })
  const failed = expect(running).rejects.toMatchObject({ code: 'connection_lost' })
  let begun = 0
  while (begun < 2) {
    await sleep(2)
    begun = (await f.query(`select count(*)::int as parts from crossfade.backfill where rows > 0`))[0]?.parts
  }
  await f.db.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'crossfade test'`,
  )
  await failed
  const [state] = await f.query(
    'select count(*)::int as parts, sum(rows)::int as rows, bool_and(done) as done from crossfade.backfill',
  )
  expect(state).toMatchObject({ parts: 12, done: false })
  const [there] = await f.query('select count(*)::int as rows from new_schema.post')
  expect(there?.rows).toBe(state?.rows)
  const [gaps] = await f.query(`
    select count(*)::int as n from (select part, up_to, lead(part) over (order by part) as next from crossfade.backfill) as p
     where next is null and up_to is not null or up_to <= array['k00000'] or next <> part + 1`)
  expect(gaps).toEqual({ n: 0 })

  expect(await runBackfill(f.work, f.target, { workers: 2 })).toMatchObject({ rows: 30_000, deferredKeys: 0 })
  expect(await differences(f)).toEqual([])
  expect(await reconcile(f.work, f.target, { workers: 2 })).toMatchObject({
    passes: 1,
    compared: 30_000,
    repairedKeys: 0,
  })
})

test('stops between two chunks after a signal, and says how to go on', async () => {
  const f = await createFixture(DRAFTS_AND_POSTS(2_000))
  f.stop.abort()
  await expect(runBackfill(f.work, f.target)).rejects.toMatchObject({
    exitCode: 130,
    hint: expect.stringContaining('same command'),
  })
})

test('a row that does not fit is journaled with the reason, and the rows around it are copied', async () => {
  const f = await createFixture({
    ...DRAFTS_AND_POSTS(1_000),
    dataSql: `${DRAFTS_AND_POSTS(1_000).dataSql};
      update draft set score = 1.234567 where id = 'k00501';
      update published set status = 'nonsense' where slug = 'k00700'`,
  })
  const result = await runBackfill(f.work, f.target)
  // The projection says which rows don't fit; no other goes the long way for them.
  expect(result.deferredKeys).toBe(0)
  await reconcile(f.work, f.target)
  expect(await f.journal()).toEqual([
    { key: ['k00501'], sqlstate: '22000', reason: expect.stringContaining('column "score"') },
    { key: ['k00700'], sqlstate: '23514', reason: expect.stringContaining('post_status_check') },
  ])
  expect(await f.outbox()).toEqual([])
  expect(await f.query('select count(*)::int as rows from new_schema.post')).toEqual([{ rows: 998 }])
})

test('a number that has no room takes no other row out of its chunk', async () => {
  const { dataSql, ...input } = DRAFTS_AND_POSTS(300)
  const f = await createFixture({ ...input, dataSql: `${dataSql}; update draft set score = 1e9 where id = 'k00051'` })
  expect((await runBackfill(f.work, f.target)).deferredKeys).toBe(0)
  await reconcile(f.work, f.target)
  expect(await f.journal()).toMatchObject([{ key: ['k00051'], sqlstate: '22003' }])
  expect(await f.query('select count(*)::int as rows from new_schema.post')).toEqual([{ rows: 299 }])
})

test('a row whose expression raises takes only those near it through the outbox', async () => {
  const f = await createFixture({
    oldSql: 'create table a (id int primary key, number int)',
    newSql: 'create table t (id int primary key, share int)',
    dataSql: 'insert into a select n, case when n = 700 then 0 else n end from generate_series(1, 1000) as n',
    tables: { t: merge({ key: 'id', sources: { a: { columns: { share: { from: '1000 / number', back: false } } } } }) },
  })
  const result = await runBackfill(f.work, f.target)
  expect(result.deferredKeys).toBeGreaterThan(1)
  expect(result.deferredKeys).toBeLessThan(100)
  await reconcile(f.work, f.target)
  expect(await f.journal()).toMatchObject([{ key: ['700'], sqlstate: '22012' }])
  expect(await f.query('select count(*)::int as rows from new_schema.t')).toEqual([{ rows: 999 }])
})

test('composite keys, one part of which may be null, and text that is full of quotes', async () => {
  const f = await createFixture({
    oldSql: `create table a (id int primary key, source text, slug text, body text); create index on a (source, slug);
             create table b (source text not null, slug text not null, kept int, primary key (source, slug))`,
    newSql: `create table page (source text not null, slug text not null, body text, kept int, primary key (source, slug))`,
    dataSql: `insert into a select i, 's' || (i % 7), case when i % 11 > 0 then 'x' || i end, 'body ' || i from generate_series(1, 1500) i;
              insert into a values (0, 'a|b', '{"it''s",\\,"\u{1F600}}', '…');
              insert into b select 's' || (i % 7), 'x' || i, i from generate_series(1000, 2500) i`,
    tables: { page: merge({ key: ['source', 'slug'], sources: { a: {}, b: {} } }) },
  })
  await runBackfill(f.work, f.target)
  expect(await reconcile(f.work, f.target)).toMatchObject({ passes: 1, repairedKeys: 0 })
  const [row] = await f.query(
    `select count(*)::int as rows, count(body)::int as a, count(kept)::int as b from new_schema.page`,
  )
  const keyless = (await f.query(`select count(*)::int as n from a where slug is null`))[0]?.n
  expect(row).toEqual({ rows: 1501 - keyless + 1501 - (await shared(f)), a: 1501 - keyless, b: 1501 })
  expect((await f.journal()).length).toBe(keyless)
  await f.query(`update a set body = 'changed' where id = 0`)
  expect(await f.query(`select body from new_schema.page where source = 'a|b'`)).toEqual([{ body: 'changed' }])
  expect(await f.outbox()).toEqual([])
})

async function shared(f: { query: (text: string) => Promise<{ n?: number }[]> }): Promise<number> {
  return (await f.query(`select count(*)::int as n from a join b using (source, slug)`))[0]?.n ?? 0
}
