import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { atPercent, createFakeApi, json, stopClocks } from './fake-api.ts'

const OLD = [{ side: 'old' }]

test.each([
  ['a bad request', () => json({ code: '42703', message: 'column posts.x does not exist' }, 400), /42703: column/],
  ['no right', () => json({ code: '42501', message: 'permission denied for view posts' }, 403), /42501: permission/],
  ['no such table', () => json({ code: 'PGRST205', message: 'no table' }, 404), /PGRST205: no table/],
  ['a value in the message', () => json({ code: '22P02', message: 'not a uuid: secret' }, 400), /did: 22P02$/],
  ['not exposed', () => json({ code: 'PGRST106', message: 'Invalid schema' }, 406), /PGRST106/],
  ['a server error', () => new Response('<html>', { status: 502 }), /HTTP 502/],
  ['a redirect', () => new Response(null, { status: 304 }), /HTTP 304/],
  ['no network', () => Promise.reject(new TypeError('fetch failed')), /fetch failed/],
  [
    'a fetch that throws',
    () => {
      throw new TypeError('no such option')
    },
    /no such option/,
  ],
])('%s of the new side is answered by the old one, with the arguments as they came', async (_, reply, message) => {
  const api = createFakeApi()
  const wrapped = await api.wrapKnown()
  api.new = reply
  const args: Parameters<typeof fetch> = [`${api.tables}posts?id=eq.1`, { headers: { apikey: 'key' } }]
  for (let i = 0; i < 3; i += 1) expect(await (await wrapped(...args)).json()).toEqual(OLD)
  expect(api.calls[1]?.[0]).toBe(args[0])
  expect(api.calls[1]?.[1]).toBe(args[1])
  await expect.poll(() => api.warnings).toEqual([expect.stringMatching(message)])
  expect(wrapped.crossfade.stats().fallbacks).toBeGreaterThan(0)
})

test('a new side that hangs is left after the time-out, and asked again later', async () => {
  stopClocks()
  const api = createFakeApi()
  const wrapped = await api.wrapKnown()
  const signals: (AbortSignal | null | undefined)[] = []
  api.new = (signal) => {
    signals.push(signal)
    return new Promise(() => {})
  }
  const read = async (): Promise<unknown> => {
    const answer = wrapped(`${api.tables}posts`)
    for (let i = 0; i < 8; i += 1) await vi.advanceTimersByTimeAsync(1_001)
    return await (await answer).json()
  }
  for (let i = 0; i < 3; i += 1) expect(await read()).toEqual(OLD)
  expect(signals.every((signal) => signal?.aborted)).toBe(true)
  expect(api.warnings).toEqual([expect.stringContaining('nothing within 8000 ms')])
  // Three in a row: for ten seconds nobody has to wait.
  const atOnce = wrapped(`${api.tables}posts`)
  expect(api.sides()).toEqual(['new', 'old', 'new', 'old', 'new', 'old', 'old'])
  await atOnce
  api.new = () => json([{ side: 'new' }])
  for (let i = 0; i < 11; i += 1) await vi.advanceTimersByTimeAsync(1_000)
  await wrapped(`${api.tables}posts`)
  await vi.advanceTimersByTimeAsync(0)
  await wrapped(`${api.tables}posts`)
  expect(api.sides().at(-1)).toBe('new')
})

test('an answer that comes too late is thrown away', async () => {
  const api = createFakeApi()
  const wrapped = await api.wrapKnown({ timeoutMs: 20 })
  let cancelled = false
  const body = new ReadableStream({
    cancel() {
      cancelled = true
    },
  })
  api.new = async () => {
    await sleep(60)
    return new Response(body)
  }
  expect(await (await wrapped(`${api.tables}posts`)).json()).toEqual(OLD)
  await expect.poll(() => cancelled).toBe(true)
})

test('what both sides refuse alike is no fallback', async () => {
  const api = createFakeApi()
  const wrapped = await api.wrapKnown()
  const refusal = () => json({ code: 'PGRST116', message: 'no rows' }, 406)
  api.new = refusal
  api.old = refusal
  for (let i = 0; i < 2; i += 1) expect((await wrapped(`${api.tables}posts`)).status).toBe(406)
  expect(api.sides()).toEqual(['new', 'old', 'new', 'old'])
  expect(wrapped.crossfade.stats()).toMatchObject({ fallbacks: 0, refusedByBoth: 2, readsOld: 2 })
  expect(api.warnings).toEqual([])
})

test('when neither side answers, the caller gets the old side’s error', async () => {
  const api = createFakeApi()
  const wrapped = await api.wrapKnown()
  api.new = () => Promise.reject(new TypeError('new is down'))
  api.old = () => Promise.reject(new TypeError('old is down'))
  await expect(wrapped(`${api.tables}posts`)).rejects.toThrow('old is down')
})

test.each(['with', 'without'])('the caller’s abort ends it, %s AbortSignal.any', async (how) => {
  const api = createFakeApi()
  const any = AbortSignal.any
  if (how === 'without') (AbortSignal as { any?: unknown }).any = undefined
  try {
    const wrapped = await api.wrapKnown()
    api.new = (signal) =>
      new Promise((_, reject) => {
        const stop = (): void => reject(signal?.reason)
        if (signal?.aborted) stop()
        signal?.addEventListener('abort', stop)
      })
    const controller = new AbortController()
    const asked = wrapped(`${api.tables}posts`, { signal: controller.signal })
    controller.abort(new Error('the user left'))
    await expect(asked).rejects.toThrow('the user left')
    await expect(wrapped(new Request(`${api.tables}posts`, { signal: controller.signal }))).rejects.toThrow('user left')
    expect(api.sides()).toEqual(['new', 'new'])
    expect(wrapped.crossfade.stats().fallbacks).toBe(0)
  } finally {
    AbortSignal.any = any
  }
})

test('a query that the new side refuses is not asked of it again until the state changes', async () => {
  stopClocks()
  const api = createFakeApi()
  const wrapped = await api.wrapKnown()
  api.new = () => json({ code: '42703', message: '' }, 400)
  for (let i = 0; i < 3; i += 1) await wrapped(`${api.tables}posts?select=gone`)
  expect(api.sides()).toEqual(['new', 'old', 'old', 'old'])
  api.new = () => json([{ side: 'new' }])
  await wrapped(`${api.tables}posts?select=other`)
  expect(api.sides()).toEqual(['new'])
  api.state = atPercent(100, { posts: 100 }, 2)
  await vi.advanceTimersByTimeAsync(1_300)
  await wrapped(`${api.tables}posts?select=gone`)
  expect(api.sides()).toEqual(['new'])
})
