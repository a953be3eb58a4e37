import fc from 'fast-check'
import { expect, test } from 'vitest'
import { classify } from '../../../src/client/classify.ts'
import { addTime, bucketOf, endOf, quantile } from '../../../src/client/histogram.ts'
import { Measures } from '../../../src/client/measures.ts'
import { writeMetrics } from '../../../src/client/metrics-text.ts'
import { createRamp, READ_SIDE, readSide, waitForPercent, waitForVersion } from '../ramp-fixture.ts'

const TIME = fc.double({ min: 0, max: 1e7, noNaN: true })

test('a time lies in its bucket, and the buckets follow each other', () => {
  fc.assert(
    fc.property(TIME, (ms) => {
      const bucket = bucketOf(ms)
      const us = Math.round(ms * 1000)
      expect(us).toBeLessThan(Math.round(endOf(bucket) * 1000))
      expect(us).toBeGreaterThanOrEqual(bucket === 0 ? 0 : Math.round(endOf(bucket - 1) * 1000))
    }),
  )
  for (const strange of [-1, 1e300]) expect(bucketOf(strange)).toBeGreaterThanOrEqual(0)
})

test('a quantile is wrong by at most 3.2 %, above a microsecond', () => {
  fc.assert(
    fc.property(fc.array(TIME, { minLength: 1 }), fc.constantFrom(0.5, 0.95, 0.99), (times, share) => {
      const buckets = new Map<number, number>()
      for (const time of times) addTime(buckets, time)
      const exact = times.sort((a, b) => a - b)[Math.ceil(share * times.length) - 1] ?? 0
      const found = quantile(buckets, share) ?? Number.NaN
      expect(Math.abs(found - exact)).toBeLessThanOrEqual(exact * 0.0325 + 0.0011)
    }),
  )
  expect(quantile(new Map(), 0.5)).toBeNull()
})

test.each([
  [
    "select * from posts where title = 'a' and id = $1 limit 10",
    'select * from posts where title = ? and id = ? limit ?',
  ],
  ['SELECT  "Id" , p.x -- why\n FROM posts p WHERE id IN (1, 2 , $3);', 'select "Id", p.x from posts p where id in(?)'],
])('%s is told without its values', (text, statement) => {
  expect(classify(text)?.form).toEqual({ statement, fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) })
})

test('statements that differ in values alone have one fingerprint', () => {
  const formOf = (text: string) => classify(text)?.form
  const one = formOf("select * from posts where id in (1, 2) and title = 'x'")
  expect(formOf("select *  from posts where id in ($1) /* a */ and title = 'y';")).toEqual(one)
  expect(formOf('select * from posts where id in (1, 2) and body = 1')?.fingerprint).not.toBe(one?.fingerprint)
})

const read = { side: 'old', shadow: false, tables: ['posts'], ms: 1, failed: false } as const

test('a program with endless statements takes no endless memory, and no read is lost', () => {
  const measures = new Measures()
  for (let n = 0; n < 3_000; n += 1) measures.note({ ...read, fingerprint: `f${n}`, statement: `s${n}` })
  const list = measures.list()
  expect(list.length).toBeLessThanOrEqual(501)
  expect(list.reduce((sum, { count }) => sum + count, 0)).toBe(3_000)
})

test('what could not be told is told with what comes', () => {
  const measures = new Measures()
  const note = (ms: number): void => measures.note({ ...read, ms, fingerprint: 'f', statement: 's' })
  note(1)
  const taken = measures.takeNew()
  note(1)
  measures.putBack(taken)
  const [all, ...others] = measures.takeNew()
  expect(others).toEqual([])
  expect(all).toMatchObject({ count: 2, sumMs: 2, buckets: new Map([[bucketOf(1), 2]]) })
  expect(measures.takeNew()).toEqual([])
  expect(measures.list()).toMatchObject([{ count: 2 }])
})

test('the text for Prometheus', () => {
  const measures = new Measures()
  const form = { fingerprint: 'f', statement: 's' }
  measures.note({ ...read, ...form, tables: ['a"b', 'c\\\n'], ms: 3 })
  measures.note({ ...read, ...form, tables: ['a"b', 'c\\\n'], ms: 30_000 })
  measures.note({ ...read, ...form, side: 'new', failed: true })
  const text = writeMetrics({
    measures: measures.list(),
    gauges: { read_percent: 25 },
    counters: { fallbacks: 1 },
    outcomes: { same: 7 },
  })
  const labels = String.raw`tables="a\"b,c\\\n",side="old",shadow="false"`
  expect(text.split('\n')).toEqual(
    expect.arrayContaining([
      'crossfade_read_percent 25',
      'crossfade_fallbacks_total 1',
      'crossfade_shadow_reads_total{outcome="same"} 7',
      `crossfade_read_duration_seconds_bucket{${labels},le="0.0025"} 0`,
      `crossfade_read_duration_seconds_bucket{${labels},le="0.005"} 1`,
      `crossfade_read_duration_seconds_bucket{${labels},le="10"} 1`,
      `crossfade_read_duration_seconds_bucket{${labels},le="+Inf"} 2`,
      `crossfade_read_duration_seconds_sum{${labels}} 30.003`,
      'crossfade_read_errors_total{tables="posts",side="new",shadow="false"} 1',
      'crossfade_read_duration_seconds_count{tables="posts",side="new",shadow="false"} 0',
    ]),
  )
  for (const line of text.trimEnd().split('\n')) expect(line).toMatch(/^(# TYPE \w+ \w+|\w+(\{.*\})? [\d.e+-]+)$/)
})

test('each read is measured on the side that answered, failures too, and handed on to a meter', async () => {
  const told: unknown[] = []
  const ramp = await createRamp()
  await ramp.setPercent(100)
  const pool = ramp.wrap({
    meter: {
      createHistogram: (name) => ({ record: (value, attributes) => told.push([name, value > 0, attributes]) }),
      createCounter: (name) => ({ add: (value, attributes) => told.push([name, value, attributes]) }),
    },
  })
  await waitForPercent(pool, 100)
  expect(await readSide(pool)).toBe('new')
  await ramp.database.query('drop view crossfade_compat.posts; create view crossfade_compat.posts as select 1 as id')
  expect(await readSide(pool)).toBe('old')
  await expect(pool.query('select wrong from posts')).rejects.toThrow()
  await ramp.setPercent(0)
  await waitForVersion(pool, 3)
  await pool.query(READ_SIDE)
  await pool.query('select 1')
  const by = (side: string) => ({ 'crossfade.side': side, 'crossfade.shadow': false, 'db.collection.name': 'posts' })
  expect(told).toEqual([
    ['crossfade.read.duration', true, by('new')],
    ['crossfade.read.errors', 1, by('new')],
    ['crossfade.read.duration', true, by('old')],
    ['crossfade.read.errors', 1, by('new')],
    ['crossfade.read.errors', 1, by('old')],
    ['crossfade.read.duration', true, by('old')],
  ])
})

test('a meter that throws stops no read', async () => {
  const ramp = await createRamp()
  await ramp.setPercent(100)
  const fail = (): never => {
    throw new Error('no meter')
  }
  const pool = ramp.wrap({ meter: { createHistogram: () => ({ record: fail }), createCounter: () => ({ add: fail }) } })
  await waitForPercent(pool, 100)
  for (let i = 0; i < 2; i += 1) expect(await readSide(pool)).toBe('new')
  expect(ramp.warnings).toEqual([expect.stringContaining('no meter')])
})
