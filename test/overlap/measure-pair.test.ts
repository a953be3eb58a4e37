import fc from 'fast-check'
import { expect, test } from 'vitest'
import { boundsOf } from '../../src/overlap/sampling.ts'
import { createTestDatabase } from '../support/database.ts'
import { databaseWith, overlapOf, pairOf, statesOf } from './overlap-of.ts'

test('a uuid is the same in capitals, without hyphens and between blanks; what is no uuid stays a key of its own', async () => {
  const db = await databaseWith(
    `create table posts (id uuid primary key, body text, updated_at timestamptz)`,
    `create table posts_old (id text, body text, updated_at timestamptz)`,
    `insert into posts select md5(n::text)::uuid, 'body ' || n, '2026-01-01'::timestamptz + n * interval '1 s' from generate_series(1, 100) n`,
    `insert into posts_old select case n % 4 when 0 then upper(md5(n::text)::uuid::text) when 1 then md5(n::text)
       when 2 then ' ' || (md5(n::text)::uuid)::text || ' ' else (md5(n::text)::uuid)::text end,
       case when n > 95 then 'other' else 'body ' || n end, '2026-02-01' from generate_series(31, 110) n`,
    `insert into posts_old values ('made-up-1', 'x', null), (null, 'y', null), ('  ', 'z', null)`,
  )
  const document = await overlapOf(db, ['posts', 'posts_old'])
  const pair = pairOf(document, 'posts', 'posts_old')
  expect(pair.key).toMatchObject({ left: ['id'], right: ['id'], form: 'undashed' })
  expect(pair.counts).toEqual({ leftKeys: 100, rightKeys: 81, shared: 70, onlyLeft: 30, onlyRight: 11 })
  expect(pair.relation).toBe('partial')
  expect(statesOf(pair, 'body')).toEqual([65, 0, 0, 0, 5])
  expect(pair.columns[0]).toMatchObject({ left: 'body', leftNewer: 0, rightNewer: 5 })
  expect(pair.columns[0]?.examples[0]).toMatchObject({ right: 'other', newer: 'right' })
  expect(document.keys.find((key) => key.table === 'posts_old')).toMatchObject({
    ...{ rows: 83, rowsWithoutKey: 2, keys: 81, duplicatedKeys: 0 },
    spelling: { withBlanksAround: 21, withCapitals: 20, uuids: 80, uuidsWithoutHyphens: 20, digits: 0, others: 1 },
  })
  expect(document.problems).toEqual([])
})

interface Row {
  readonly key: number | null
  readonly value: number | null
}

/** The counts by another way: maps in JavaScript. */
function countByHand(left: readonly Row[], right: readonly Row[]) {
  const newest = (rows: readonly Row[]) =>
    new Map(rows.flatMap((row) => (row.key === null ? [] : [[row.key, row.value]])))
  const [l, r] = [newest(left), newest(right)]
  const shared = [...l.keys()].filter((key) => r.has(key))
  const states = [0, 0, 0, 0, 0]
  for (const key of shared) {
    const [a, b] = [l.get(key) ?? null, r.get(key) ?? null]
    const state = a === null ? (b === null ? 1 : 3) : b === null ? 2 : a === b ? 0 : 4
    states[state] = (states[state] ?? 0) + 1
  }
  const only = (some: ReadonlyMap<number, unknown>) => some.size - shared.length
  return {
    counts: { leftKeys: l.size, rightKeys: r.size, shared: shared.length, onlyLeft: only(l), onlyRight: only(r) },
    states,
  }
}

const ROWS = fc.noBias(
  fc.array(
    fc.record({ key: fc.option(fc.integer({ min: 0, max: 120 })), value: fc.option(fc.integer({ min: 0, max: 3 })) }),
    { minLength: 40, maxLength: 80, size: 'max' },
  ),
)

test('whatever the rows are, every count is what counting by hand gives; of several rows the newest counts', async () => {
  const db = await createTestDatabase()
  let compared = 0
  try {
    await db.query('create table a (ref text, value int, updated_at timestamptz)')
    await db.query('create table b (ref text, value int, updated_at timestamptz)')
    await fc.assert(
      fc.asyncProperty(ROWS, ROWS, async (left, right) => {
        await db.query('truncate a, b')
        for (const [table, rows] of [
          ['a', left],
          ['b', right],
        ] as const)
          await db.query(
            `insert into ${table} select 'K-' || (r ->> 'key'), (r ->> 'value')::int, now() + n * interval '1 s'
             from jsonb_array_elements($1::jsonb) with ordinality as x(r, n)`,
            [JSON.stringify(rows)],
          )
        const expected = countByHand(left, right)
        const pair = pairOf(await overlapOf(db, ['a', 'b']), 'a', 'b')
        if (expected.counts.shared < 8) return
        compared++
        expect(pair.counts).toEqual(expected.counts)
        expect(statesOf(pair, 'value')).toEqual(expected.states)
      }),
      { numRuns: 25, endOnFailure: true },
    )
    // Without a handful of keys in common nothing is found to be compared.
    expect(compared).toBeGreaterThan(15)
  } finally {
    await db.drop()
  }
})

test.each([
  ['equal', '1, 50', '1, 50', [50, 0, 0]],
  ['superset', '1, 50', '11, 40', [30, 20, 0]],
  ['subset', '11, 40', '1, 50', [30, 0, 20]],
  ['partial', '1, 40', '11, 50', [30, 10, 10]],
] as const)('%s', async (relation, left, right, [shared, onlyLeft, onlyRight]) => {
  const db = await databaseWith(
    `create table a as select 'k' || n as code, n as v from generate_series(${left}) n`,
    `create table b as select 'k' || n as code, n as v from generate_series(${right}) n`,
  )
  const pair = pairOf(await overlapOf(db, ['a', 'b']), 'a', 'b')
  expect(pair.relation).toBe(relation)
  expect(pair.counts).toMatchObject({ shared, onlyLeft, onlyRight })
})

test('no value in common, no rows, no column that could be a key', async () => {
  const db = await databaseWith(
    `create table a as select 'a' || n as code, n as v from generate_series(1, 50) n`,
    `create table b as select 'b' || n as code, n as v from generate_series(1, 50) n`,
    `create table empty (code text, v int)`,
    `create table flags (yes boolean, at timestamptz)`,
  )
  const document = await overlapOf(db, ['a', 'b', 'empty', 'flags'])
  const pair = pairOf(document, 'a', 'b')
  expect(pair.key).toBeNull()
  expect(pair.otherKeys).toMatchObject([{ left: ['code'], right: ['code'], estimatedShare: 0 }])
  expect(document.pairs.map((one) => one.counts)).toEqual(Array(6).fill(null))
  expect(document.problems).toEqual([])
})

test('units, types and other names are found by the values of rows with one key', async () => {
  const db = await databaseWith(
    `create table old (tweet_id text primary key, text text, quality numeric, posted_at timestamp, likes text, opened date)`,
    `create table new (external_id bigint primary key, body text, quality numeric, published timestamptz, likes int, opened timestamptz)`,
    `insert into old select (17e17::bigint + n)::text, 'text ' || n, n / 1000.0, '2026-01-01 10:00'::timestamp + n * interval '1 h',
       case when n = 1 then 'many' else (n * 2)::text || '.0' end, date '2026-01-01' + n from generate_series(1, 400) n`,
    `insert into new select 17e17::bigint + n, case when n = 7 then 'TEXT 7 ' else 'text ' || n end, n / 10.0,
       '2026-01-01 11:00+00'::timestamptz + n * interval '1 h', n * 2, (date '2026-01-01' + n)::timestamptz + interval '3 h'
       from generate_series(1, 400) n`,
  )
  const pair = pairOf(await overlapOf(db, ['old', 'new']), 'old', 'new')
  expect(pair.key).toMatchObject({ left: ['tweet_id'], right: ['external_id'], form: 'text' })
  const column = (name: string) => pair.columns.find((one) => one.left === name)
  expect(column('text')).toMatchObject({
    ...{ right: 'body', by: 'values', equal: 399, conflicting: 1 },
    nearly: [{ how: 'the same but for capitals and blanks', count: 1 }],
  })
  expect(column('quality')).toMatchObject({
    nearly: [{ how: 'the right one is 100 times the left one', count: 400 }],
    notes: ['in most rows the right one is 100 times the left one'],
  })
  expect(column('likes')).toMatchObject({ equal: 399, conflicting: 1 })
  expect(column('likes')?.notes[0]).toContain('text that holds numbers')
  expect(column('opened')?.notes[0]).toContain('only the day is compared')
  expect(statesOf(pair, 'opened')).toEqual([400, 0, 0, 0, 0])
})

test('a time zone between timestamp and timestamptz has a name', async () => {
  const db = await databaseWith(
    `create table a as select 'k' || n as code, '2026-01-01 10:00'::timestamp + n * interval '1 min' as at from generate_series(1, 40) n`,
    `create table b as select 'k' || n as code, '2026-01-01 12:00+00'::timestamptz + n * interval '1 min' as at from generate_series(1, 40) n`,
  )
  const [column] = pairOf(await overlapOf(db, ['a', 'b']), 'a', 'b').columns
  expect(column).toMatchObject({
    nearly: [{ how: 'whole quarters of an hour apart, as by a time zone', count: 40 }],
    conflicting: 40,
  })
  expect(column?.notes[0]).toContain("doesn't say in which time zone")
})

test('a fraction beside percent is asked about also where no row agrees', async () => {
  const db = await databaseWith(
    `create table a as select 'k' || n as code, (n % 97) / 97.0 as rate, n::text || '.5' as cost from generate_series(1, 80) n`,
    `create table b as select 'k' || n as code, (n * 31 % 100)::numeric as success_rate, 'x' as cost from generate_series(1, 80) n`,
  )
  const { hints } = pairOf(await overlapOf(db, ['a', 'b']), 'a', 'b')
  expect(hints[0]).toContain('rate and success_rate: most values of the left one lie between 0 and 1')
  expect(hints[1]).toBe('cost (left) is text that holds numbers.')
})

test('two columns together are the key where they are unique together', async () => {
  const db = await databaseWith(
    `create table a (tenant int, number int, total int, primary key (tenant, number))`,
    `create table b (tenant bigint, number text, total int)`,
    `insert into a select t, n, t * n from generate_series(1, 5) t, generate_series(1, 10) n`,
    `insert into b select t, n::text, t * n + (n = 3)::int from generate_series(2, 6) t, generate_series(1, 10) n`,
  )
  const pair = pairOf(await overlapOf(db, ['a', 'b']), 'a', 'b')
  expect(pair.key).toMatchObject({ left: ['tenant', 'number'], right: ['tenant', 'number'] })
  expect(pair.counts).toMatchObject({ shared: 40, onlyLeft: 10, onlyRight: 10 })
  expect(statesOf(pair, 'total')).toEqual([36, 0, 0, 0, 4])
})

test('numbers that each table counts for itself are no key', async () => {
  const db = await databaseWith(
    `create table cats (id serial primary key, name text, paws int)`,
    `create table cars (id serial primary key, name text, wheels int)`,
    `insert into cats (name, paws) select 'cat ' || n, 4 from generate_series(1, 100) n`,
    `insert into cars (name, wheels) select 'car ' || n, 4 from generate_series(1, 100) n`,
  )
  expect(pairOf(await overlapOf(db, ['cats', 'cars']), 'cats', 'cars').key).toBeNull()
})

test('a copy that kept its numbers is joined by them', async () => {
  const db = await databaseWith(
    `create table orders (id serial primary key, sku text, amount numeric)`,
    `create table orders_v2 (id serial primary key, sku text, amount numeric)`,
    `insert into orders (sku, amount) select 's' || n % 7, n from generate_series(1, 100) n`,
    `insert into orders_v2 (sku, amount) select 's' || n % 7, n from generate_series(1, 90) n`,
  )
  const pair = pairOf(await overlapOf(db, ['orders', 'orders_v2']), 'orders', 'orders_v2')
  expect(pair.key).toMatchObject({ left: ['id'], form: 'integer' })
  expect(pair.relation).toBe('superset')
  expect(statesOf(pair, 'amount')).toEqual([90, 0, 0, 0, 0])
})

test('a sample takes the same keys from both sides, and its counts are those of these keys', async () => {
  const db = await databaseWith(
    `create table a as select md5(n::text)::uuid as ref, n as v from generate_series(1, 30000) n`,
    `create table b as select md5(n::text)::uuid as ref, n + (n % 10 = 0)::int as v from generate_series(10001, 36000) n`,
  )
  const pair = pairOf(await overlapOf(db, ['a', 'b'], { sample: 10 }), 'a', 'b')
  const [taken] = await db.query<{ shared: number; left: number; right: number; differ: number }>(`
    select count(*) filter (where a.ref = b.ref)::int as shared, count(*) filter (where b.ref is null)::int as left,
           count(*) filter (where a.ref is null)::int as right, count(*) filter (where a.v <> b.v)::int as differ
    from a full join b on a.ref = b.ref where uuid_hash_extended(coalesce(a.ref, b.ref), 0) & 7 = 0`)
  const { shared = 0, left = 0, right = 0, differ = 0 } = taken ?? {}
  expect(pair.sample).toMatchObject({ share: 0.125, keys: shared + left + right })
  expect(pair.counts).toMatchObject({ shared: shared * 8, onlyLeft: left * 8, onlyRight: right * 8 })
  expect(statesOf(pair, 'v')).toEqual([(shared - differ) * 8, 0, 0, 0, differ * 8])
  expect(pair.sample?.bounds?.shared).toEqual(boundsOf(shared, 0.125))
})

test.each([
  [1000, 0.125],
  [300, 0.5],
  [50, 0.25],
])('bounds of samples of %d keys hold the truth in 95 of 100 draws', async (keys, share) => {
  const db = await databaseWith()
  const draws = await db.query<{ seen: number }>(`
    select count(*)::int as seen from generate_series(1, 400) draw, generate_series(1, ${keys}) n
    where uuid_hash_extended(md5(draw || ':' || n)::uuid, 0) & ${1 / share - 1} = 0 group by draw`)
  const held = draws.map(({ seen }) => boundsOf(seen, share)).filter(({ from, to }) => from <= keys && keys <= to)
  expect(draws.length).toBe(400)
  expect(held.length / 400).toBeGreaterThan(0.92)
  expect(held.length / 400).toBeLessThan(0.985)
})

test('where every text is a uuid, in whatever spelling, keys are compared as uuids', async () => {
  const db = await databaseWith(
    `create table a as select md5(n::text)::uuid as ref, n as v from generate_series(1, 200) n`,
    `create table b as select case n % 4 when 0 then upper(md5(n::text)::uuid::text) when 1 then md5(n::text)
       when 2 then ' ' || md5(n::text)::uuid || ' ' else md5(n::text)::uuid::text end as ref, n as v from generate_series(51, 220) n`,
    `insert into b values (' ', 0), (null, 0), (upper(md5('51')), 51)`,
  )
  const document = await overlapOf(db, ['a', 'b'])
  const pair = pairOf(document, 'a', 'b')
  expect(pair.key?.form).toBe('uuid')
  expect(pair.counts).toEqual({ leftKeys: 200, rightKeys: 170, shared: 150, onlyLeft: 50, onlyRight: 20 })
  expect(statesOf(pair, 'v')).toEqual([150, 0, 0, 0, 0])
  const profile = document.keys.find(({ table }) => table === 'b')
  expect(profile).toMatchObject({ rows: 173, rowsWithoutKey: 2, keys: 170, duplicatedKeys: 1 })
  expect(profile?.spelling).toMatchObject({ uuids: 171, digits: 0, others: 0, withBlanksAround: 43 })
  const rows = await db.query(pair.toSee?.onlyLeft ?? '')
  expect(rows).toHaveLength(50)
})

test('a text that only looks like a uuid keeps the keys texts', async () => {
  const db = await databaseWith(
    `create table a as select md5(n::text)::uuid as ref, n as v from generate_series(1, 50) n`,
    `create table b as select md5(n::text)::uuid::text as ref, n as v from generate_series(1, 50) n`,
    `insert into b values ('aaaaaaa--aaaa-aaaa-aaaa-aaaaaaaaaaaa', 0)`,
  )
  const { pairs, problems, keys } = await overlapOf(db, ['a', 'b'])
  expect(pairs[0]?.key?.form).toBe('undashed')
  expect(pairs[0]?.counts).toMatchObject({ shared: 50, onlyRight: 1 })
  expect(keys.find(({ table }) => table === 'b')?.spelling).toMatchObject({ uuids: 50, others: 1 })
  expect(problems).toEqual([])
})
