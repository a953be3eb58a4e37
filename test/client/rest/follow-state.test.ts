import { expect, test, vi } from 'vitest'
import { atPercent, createFakeApi, json, stopClocks } from './fake-api.ts'

const bearer = (role: string, note = ''): string => `Bearer x.${btoa(JSON.stringify({ role, note }))}.y`

test('the state is asked for about once a second while there are reads, and ten seconds longer', async () => {
  stopClocks()
  const api = createFakeApi()
  const wrapped = await api.wrapKnown()
  for (let i = 0; i < 100; i += 1) {
    await wrapped(`${api.tables}posts`)
    await vi.advanceTimersByTimeAsync(100)
  }
  expect(api.polls.length).toBeGreaterThan(8)
  expect(api.polls.length).toBeLessThan(14)
  expect(new Set(api.sides())).toEqual(new Set(['new']))
  const before = api.polls.length
  await vi.advanceTimersByTimeAsync(60_000)
  expect(api.polls.length - before).toBeLessThan(14)
  expect([...(api.polls[0] ?? [])]).toEqual([
    ['accept', 'application/json'],
    ['accept-profile', 'crossfade_compat'],
    ['apikey', 'key'],
  ])
})

test('a rollback is known within one poll', async () => {
  stopClocks()
  const api = createFakeApi()
  const wrapped = await api.wrapKnown()
  await wrapped(`${api.tables}posts`)
  api.state = atPercent(0)
  await vi.advanceTimersByTimeAsync(1_201)
  await wrapped(`${api.tables}posts`)
  expect(api.sides()).toEqual(['new', 'old'])
})

test.each([
  ['polls hang', () => new Promise<Response>(() => {})],
  ['the network fails', () => Promise.reject(new TypeError('fetch failed'))],
  ['the server is overloaded', () => json({}, 503)],
])('when %s, what is known is trusted for two polls, and one warning says so', async (_, state) => {
  stopClocks()
  const api = createFakeApi()
  const wrapped = await api.wrapKnown()
  api.state = state
  await vi.advanceTimersByTimeAsync(1_900)
  await wrapped(`${api.tables}posts`)
  await vi.advanceTimersByTimeAsync(200)
  await wrapped(`${api.tables}posts`)
  expect(api.sides()).toEqual(['new', 'old'])
  for (let i = 0; i < 60; i += 1) {
    await vi.advanceTimersByTimeAsync(1_000)
    await wrapped(`${api.tables}posts`)
  }
  expect(api.warnings).toEqual([expect.stringMatching(/^crossfade: the state of the migration can't be asked for/)])
  api.sides()
  api.state = atPercent(100)
  await vi.advanceTimersByTimeAsync(11_000)
  await wrapped(`${api.tables}posts`)
  await vi.advanceTimersByTimeAsync(0)
  await wrapped(`${api.tables}posts`)
  expect(api.sides().at(-1)).toBe('new')
})

test('who slept for an hour, or whose clock was set, begins on the old side', async () => {
  stopClocks()
  const api = createFakeApi()
  const wrapped = await api.wrapKnown()
  for (const jump of [3_600_000, -3_600_000]) {
    await wrapped(`${api.tables}posts`)
    // The wall clock alone: the other one may stand still while a machine sleeps.
    vi.setSystemTime(Date.now() + jump)
    await wrapped(`${api.tables}posts`)
    await vi.advanceTimersByTimeAsync(1_300)
    await wrapped(`${api.tables}posts`)
    expect(api.sides()).toEqual(['new', 'old', 'new'])
  }
})

test('a poll that its runtime took away is given up', async () => {
  stopClocks()
  const api = createFakeApi()
  api.state = () => new Promise(() => {})
  const wrapped = api.wrap()
  await wrapped(`${api.tables}posts`)
  // As if no timer of that request ever fired.
  vi.clearAllTimers()
  api.state = atPercent(100)
  await vi.advanceTimersByTimeAsync(5_100)
  await wrapped(`${api.tables}posts`)
  await vi.advanceTimersByTimeAsync(0)
  await wrapped(`${api.tables}posts`)
  expect(api.sides()).toEqual(['old', 'old', 'new'])
})

test('a database without Crossfade is asked every five seconds, and nothing is said', async () => {
  stopClocks()
  const api = createFakeApi()
  api.state = () => json({ code: 'PGRST202', message: 'no function' }, 404)
  const wrapped = api.wrap()
  for (let i = 0; i < 300; i += 1) {
    await wrapped(`${api.tables}posts`)
    await vi.advanceTimersByTimeAsync(100)
  }
  expect(api.polls.length).toBeLessThan(9)
  expect(new Set(api.sides())).toEqual(new Set(['old']))
  expect(api.warnings).toEqual([])
  expect(wrapped.crossfade.stats()).toMatchObject({ percent: 0, version: null })
})

test.each([
  ['not exposed', () => json({ code: 'PGRST106', message: '' }, 406), /Add it to the exposed schemas/],
  ['no right', () => json({ code: '42501', message: '' }, 403), /look at its grants/],
  ['HTML', () => new Response('<html>hello</html>'), /isn't PostgREST/],
  ['HTML that is an error', () => new Response('<html>no</html>', { status: 404 }), /isn't PostgREST/],
  ['another JSON', () => json({ version: 1, percent: '5', tables: {} }), /isn't PostgREST/],
  ['no object', () => json(null), /isn't PostgREST/],
  ['a state without numbers', () => json({ version: 1, percent: 5, tables: { posts: null } }), /isn't PostgREST/],
  ['out of a cache', () => json({ version: 1, percent: 100, tables: {} }, 200, { Age: '30' }), /no-store/],
])('%s: the old side, with one warning that says what to do', async (_, state, message) => {
  stopClocks()
  const api = createFakeApi()
  api.state = state
  const wrapped = api.wrap()
  for (let i = 0; i < 30; i += 1) {
    await wrapped(`${api.tables}posts`)
    await vi.advanceTimersByTimeAsync(1_000)
  }
  expect(api.warnings).toEqual([expect.stringMatching(message)])
  expect(new Set(api.sides())).toEqual(new Set(['old']))
})

test('an answer that a framework keeps in its cache confirms nothing', async () => {
  stopClocks()
  const api = createFakeApi()
  api.state = () =>
    json({ version: 1, percent: 100, tables: { posts: 100 } }, 200, { Date: 'Mon, 23 Nov 2026 12:00:00 GMT' })
  const wrapped = await api.wrapKnown()
  await wrapped(`${api.tables}posts`)
  for (let i = 0; i < 10; i += 1) {
    await vi.advanceTimersByTimeAsync(1_000)
    await wrapped(`${api.tables}posts`)
  }
  expect(api.sides().at(-1)).toBe('old')
  expect(api.warnings).toEqual([expect.stringMatching(/no-store/)])
})

test('an ETag is given back, and "not modified" confirms', async () => {
  stopClocks()
  const api = createFakeApi()
  api.state = () => json({ version: 1, percent: 100, tables: { posts: 100 } }, 200, { ETag: '"1"' })
  const wrapped = await api.wrapKnown()
  api.state = () => new Response(null, { status: 304 })
  for (let i = 0; i < 10; i += 1) {
    await vi.advanceTimersByTimeAsync(1_000)
    await wrapped(`${api.tables}posts`)
  }
  expect(new Set(api.sides())).toEqual(new Set(['new']))
  expect(api.polls.at(-1)?.get('if-none-match')).toBe('"1"')
})

test('each role has a state of its own, asked for with a token that was accepted', async () => {
  stopClocks()
  const api = createFakeApi()
  const [good, bad] = [bearer('member', 'good'), bearer('member', 'bad')]
  api.state = () => {
    const token = api.polls.at(-1)?.get('authorization') ?? null
    if (token === bad) return json({ code: 'PGRST301' }, 401)
    return json({ version: 1, percent: 100, tables: token === null ? {} : { posts: 100 } })
  }
  const wrapped = api.wrap()
  const read = async (token?: string): Promise<string[]> => {
    await wrapped(`${api.tables}posts`, token === undefined ? {} : { headers: { Authorization: token } })
    await vi.advanceTimersByTimeAsync(120)
    return api.sides()
  }
  await read()
  expect(await read()).toEqual(['old'])
  // A stranger's bad token first.
  expect(await read(bad)).toEqual(['old'])
  expect(await read(good)).toEqual(['old'])
  expect(await read(good)).toEqual(['new'])
  for (let i = 0; i < 50; i += 1) expect(await read(bad)).toEqual(['new'])
  expect(await read()).toEqual(['old'])
  // No end of roles that somebody makes up.
  for (let i = 0; i < 100; i += 1) await read(bearer(`role ${i}`))
  expect(new Set(api.polls.map((headers) => headers.get('authorization'))).size).toBeLessThan(20)
})

test('a server that makes a client for each request begins with what it knows', async () => {
  stopClocks()
  const api = createFakeApi()
  await api.wrapKnown()
  await api.wrap()(`${api.tables}posts`)
  expect(api.sides()).toEqual(['new'])
  expect(api.polls).toHaveLength(1)
})
