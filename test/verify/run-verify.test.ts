import { expect, test } from 'vitest'
import { reconcile } from '../../src/backfill/reconcile.ts'
import { runBackfill } from '../../src/backfill/run-backfill.ts'
import { merge } from '../../src/spec/config.ts'
import { addsUp } from '../../src/verify/result.ts'
import { verifyTarget } from '../../src/verify/run-verify.ts'
import { createFixture, type Fixture, type FixtureInput } from '../support/fixture.ts'

/** Uuid keys, written as text in one of the tables, a few of which are none. */
const QUEUE: FixtureInput = {
  oldSql: `create table meta (decision_id uuid primary key, content text not null, payload jsonb, created_at timestamptz not null default now());
           create table decision (id bigint generated always as identity primary key, decision_id text, angle text, noise boolean not null default false)`,
  newSql: `create table queue (id bigserial primary key, decision_id uuid unique not null, content text, payload jsonb, angle text, created_at timestamptz)`,
  dataSql: `insert into meta (decision_id, content, payload, created_at)
              select md5(i::text)::uuid, 'content ' || i, jsonb_build_object('n', i), now() - i * interval '1 hour' from generate_series(1, 1000) i;
            insert into decision (decision_id, angle, noise)
              select case when i % 100 = 0 then 'made-up' else upper(md5(i::text)) end, 'angle ' || i, i % 50 = 1 from generate_series(501, 1500) i`,
  tables: {
    queue: merge({
      key: 'decision_id',
      sources: {
        meta: { key: 'decision_id' },
        decision: { key: 'decision_id::uuid', where: 'not noise', columns: { id: false } },
      },
    }),
  },
}

async function createQueue(): Promise<Fixture> {
  const f = await createFixture(QUEUE)
  await runBackfill(f.work, f.target)
  await reconcile(f.work, f.target)
  return f
}

test('a table that is in step: every old row is accounted for, and nothing differs', async () => {
  const f = await createQueue()
  const result = await verifyTarget(f.work, f.target)
  expect(result).toMatchObject({
    target: 'queue',
    samples: { checked: 100, differing: 0 },
    recent: { column: 'created_at', checked: 23, differing: 0 },
    full: { rows: 1485, missing: 0, extra: 0, differing: 0, waiting: 0, journaled: 0 },
    examples: [],
    repaired: 0,
    clean: true,
  })
  expect(result.counts).toEqual({
    sources: [
      { source: 'meta', oldRows: 1000, merged: 485, own: 515, leftOut: 0, journaled: 0, waiting: 0, lost: 0 },
      { source: 'decision', oldRows: 1000, merged: 485, own: 485, leftOut: 20, journaled: 10, waiting: 0, lost: 0 },
    ],
    newRows: 1485,
  })
  expect(result.counts.sources.every(addsUp)).toBe(true)
})

test('tells missing, extra and differing rows apart, names the columns, and shows no values', async () => {
  const f = await createQueue()
  await f.plant(`delete from new_schema.queue where decision_id = md5('7')::uuid`)
  await f.plant(`insert into new_schema.queue (decision_id, content) values (md5('extra')::uuid, 'secret')`)
  await f.plant(
    `update new_schema.queue set content = 'secret', payload = '{"n": 8.0}' where decision_id in (md5('8')::uuid, md5('9')::uuid)`,
  )
  await f.plant(`update crossfade.lineage_queue set crossfade_has_2 = true where decision_id = md5('10')::uuid`)
  const result = await verifyTarget(f.work, f.target, { samples: 2000 })
  expect(result.full).toMatchObject({ missing: 1, extra: 1, differing: 3 })
  expect(result.samples).toEqual({ checked: 1486, differing: 5 })
  expect(result.recent).toMatchObject({ checked: 23, differing: 4 })
  expect(result.clean).toBe(false)
  expect(result.counts.sources.map((account) => account.lost)).toEqual([1, 0])
  const example = (verdict: string) => result.examples.find((e) => e.verdict === verdict)
  expect(example('missing')).toMatchObject({ columns: [], old: { content: 'text, 9 characters' }, new: null })
  expect(example('extra')).toMatchObject({ old: null, new: { content: 'text, 6 characters', payload: null } })
  expect(JSON.stringify(result)).not.toContain('secret')

  const shown = await verifyTarget(f.work, f.target, { showValues: true })
  const differing = shown.examples.filter((e) => e.columns.includes('content'))
  for (const one of differing) {
    expect(one.columns).toEqual(['content', 'payload'])
    expect(one.new).toEqual({ content: 'secret', payload: { n: 8 } })
  }
})

test('repair heals what differs, and is clean afterwards', async () => {
  const f = await createQueue()
  await f.plant(`delete from new_schema.queue where decision_id < '20000000-0000-0000-0000-000000000000'`)
  await f.plant(
    `update new_schema.queue set angle = angle || '!' where decision_id > 'f0000000-0000-0000-0000-000000000000'`,
  )
  await f.plant(`insert into new_schema.queue (decision_id) values (md5('extra')::uuid)`)
  const result = await verifyTarget(f.work, f.target, { repair: true, workers: 3 })
  expect(result.clean).toBe(true)
  expect(result.repaired).toBeGreaterThan(100)
  expect(result.full).toMatchObject({ rows: 1485, missing: 0, extra: 0, differing: 0 })
})

test('a row that cannot be computed: in the journal it is accounted for, elsewhere it is a difference with its reason', async () => {
  const f = await createFixture({
    oldSql: `create table a (id int primary key, n text); create table b (id int primary key, m int)`,
    newSql: `create table t (id int primary key, n int, m int)`,
    dataSql: `insert into a select i, i::text from generate_series(1, 5000) i;
              insert into b select i, 1 from generate_series(1, 5000, 2) i;
              update a set n = 'ten' where id = 10;
              update a set n = 'odd' where id in (4001, 4003)`,
    tables: { t: merge({ key: 'id', sources: { a: { columns: { n: { from: 'n::int', back: 'n::text' } } }, b: {} } }) },
  })
  await runBackfill(f.work, f.target)
  await reconcile(f.work, f.target)
  expect((await f.journal()).map((entry) => [entry.key, entry.sqlstate])).toEqual([
    [['10'], '22P02'],
    [['4001'], '22P02'],
    [['4003'], '22P02'],
  ])
  const result = await verifyTarget(f.work, f.target)
  expect(result).toMatchObject({ clean: true, full: { rows: 5000, journaled: 3, missing: 0, extra: 0, differing: 0 } })
  expect(result.counts.sources).toMatchObject([
    { journaled: 3, lost: 0 },
    { journaled: 2, lost: 0 },
  ])

  // Waiting in the outbox, with the old row still in the new table.
  await f.query(`update a set n = 'twenty' where id = 20`)
  const waiting = await verifyTarget(f.work, f.target)
  expect(waiting).toMatchObject({ clean: true, full: { rows: 5000, journaled: 3, waiting: 1, differing: 0 } })

  await f.query('truncate crossfade.outbox; delete from crossfade.journal')
  const found = await verifyTarget(f.work, f.target)
  expect(found.full).toMatchObject({ rows: 5000, missing: 0, extra: 0, differing: 4 })
  expect(found.clean).toBe(false)
  expect(found.examples).toMatchObject([
    { verdict: 'differing', reason: expect.stringContaining('22P02: invalid input syntax') },
  ])

  expect(await verifyTarget(f.work, f.target, { repair: true })).toMatchObject({
    clean: true,
    full: { rows: 5000, journaled: 4 },
    counts: { newRows: 4996 },
  })
})

test('keys that do not fit their column are journaled under themselves, not under what a cast makes of them', async () => {
  const f = await createFixture({
    oldSql: `create table a (slug text primary key, body text)`,
    newSql: `create table t (slug varchar(5) primary key, body text)`,
    dataSql: `insert into a values ('short', 'one'), ('shorter', 'two')`,
    tables: { t: merge({ key: 'slug', sources: { a: {} } }) },
  })
  await runBackfill(f.work, f.target)
  await reconcile(f.work, f.target)
  await f.query(`update a set body = body || '!'`)
  await reconcile(f.work, f.target)
  expect(await f.query('select * from new_schema.t')).toEqual([{ slug: 'short', body: 'one!' }])
  expect(await f.journal()).toMatchObject([{ key: ['shorter'], sqlstate: expect.stringMatching(/^22/) }])
  expect((await verifyTarget(f.work, f.target)).clean).toBe(true)
})

test('writers during a verification are no differences', async () => {
  const f = await createQueue()
  let going = true
  const writer = (async () => {
    const client = await f.db.pool.connect()
    for (let i = 0; going; i = (i + 7) % 1500) {
      await client.query(`update meta set content = content || '.' where decision_id = md5($1)::uuid`, [String(i)])
      await client.query(`delete from decision where id = $1`, [i])
    }
    client.release()
  })()
  for (let i = 0; i < 4; i++) expect(await verifyTarget(f.work, f.target)).toMatchObject({ clean: true })
  going = false
  await writer
})
