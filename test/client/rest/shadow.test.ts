import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import type { CrossfadeFetch } from '../../../src/client/supabase.ts'
import { type ShadowReads, type ShadowReadsOptions, shadowReads } from '../../../src/client/supabase-shadow.ts'
import { createFakeApi, type FakeApi, json } from './fake-api.ts'

interface Shadowed {
  readonly api: FakeApi
  readonly wrapped: CrossfadeFetch
  readonly shadow: ShadowReads
  read(query?: string, init?: RequestInit): Promise<unknown>
}

/** Of every read both sides are asked, once the caller has his answer. */
async function createShadowed(
  options: ShadowReadsOptions = {},
  { percent = 0, allowed = 100 }: { percent?: number; allowed?: number } = {},
): Promise<Shadowed> {
  const api = createFakeApi()
  api.state = () => json({ version: 1, percent, shadow: allowed, tables: { posts: percent } })
  const warn = (message: string): void => void api.warnings.push(message)
  const shadow = shadowReads({ sample: 1, againAfterMs: 10, warn, ...options })
  const wrapped = await api.wrapKnown({ shadow })
  return {
    ...{ api, wrapped, shadow },
    read: async (query = '', init = {}) => (await wrapped(`${api.tables}posts${query}`, init)).json(),
  }
}

const OLD = [{ side: 'old' }]
const NEW = [{ side: 'new' }]

describe('what is compared', () => {
  test.each([0, 100])('reads at %i %%, and what differs counts at the second look', async (percent) => {
    const { api, read, shadow } = await createShadowed({}, { percent })
    expect(await read('?id=eq.7&select=side')).toEqual(percent === 0 ? OLD : NEW)
    await expect.poll(() => shadow.stats()).toMatchObject({ compared: 1, different: 1 })
    // The old side last, too: it hasn't changed meanwhile.
    expect(api.sides()).toEqual([percent === 0 ? 'old' : 'new', 'old', 'new', 'old', 'new', 'old'])
    expect(shadow.mismatches()).toEqual([
      {
        fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
        statement: 'posts?id=eq.?&select=side',
        ...{ tables: ['posts'], kind: 'values', column: 'side', noise: false, seen: 1 },
        example: '3 characters, then 3 characters',
      },
    ])
    api.new = () => json(OLD)
    expect(await read()).toEqual(OLD)
    await expect.poll(() => shadow.stats()).toMatchObject({ compared: 2, same: 1 })
  })

  test('with the caller’s own token and headers, and without his signal', async () => {
    const { api, read, shadow } = await createShadowed()
    const controller = new AbortController()
    const headers = { Authorization: 'Bearer a.b.c', apikey: 'key', Prefer: 'count=exact' }
    await read('', { headers, signal: controller.signal })
    controller.abort()
    await expect.poll(() => shadow.stats().different).toBe(1)
    expect(api.calls.length).toBe(6)
    for (const [, init] of api.calls.slice(1)) {
      const sent = new Headers(init?.headers)
      sent.delete('accept-profile')
      expect(Object.fromEntries(sent)).toEqual({ authorization: 'Bearer a.b.c', apikey: 'key', prefer: 'count=exact' })
      expect(init?.signal?.aborted).toBe(false)
    }
  })

  test('rows without an order are a set, and parts without one are left out', async () => {
    const { api, read, shadow } = await createShadowed()
    const [a, b] = [
      { id: 1, tags: ['x'] },
      { id: 2, tags: null },
    ]
    api.old = () => json([a, b])
    api.new = () => json([b, a])
    await read()
    await expect.poll(() => shadow.stats()).toMatchObject({ compared: 1, same: 1 })
    await read('?order=id.desc.nullslast')
    await expect.poll(() => shadow.stats().different).toBe(1)
    await read('?limit=2')
    await read('', { headers: { Range: '0-1' } })
    await read('?limit=2&order=meta->>at')
    await read('?limit=2&order=at')
    await read('?select=id,comments(words)')
    await expect
      .poll(() => shadow.stats().leftOut)
      .toEqual({
        'limit without an order by a column': 3,
        'LIMIT, ordered by what is no column of the answer': 1,
        'a view can’t answer it': 1,
      })
  })

  test('counts, refusals and other formats', async () => {
    const { api, read, wrapped, shadow } = await createShadowed()
    const counted = (total: number) => () => json(OLD, 206, { 'Content-Range': `0-0/${total}` })
    api.old = counted(57)
    api.new = counted(57)
    await read()
    await expect.poll(() => shadow.stats().same).toBe(1)
    api.new = counted(58)
    await read()
    await expect.poll(() => shadow.mismatches()).toMatchObject([{ kind: 'rows', example: '57 rows in all, then 58' }])

    const refusal = (code: string, status: number) => () => json({ code, message: `${code}: "x"` }, status)
    api.old = refusal('PGRST116', 406)
    api.new = refusal('PGRST116', 406)
    await read('?id=eq.1')
    await expect.poll(() => shadow.stats().same).toBe(2)
    api.old = () => json(OLD)
    api.new = refusal('42703', 400)
    await read('?select=side')
    await expect
      .poll(() => shadow.mismatches())
      .toContainEqual(expect.objectContaining({ kind: 'error', column: '42703', example: '42703: "x"' }))
    api.new = refusal('57014', 500)
    await read()
    await expect.poll(() => shadow.stats().timedOut).toBe(1)

    api.old = () => new Response('id,title\n1,a')
    api.new = () => new Response('id,title\n1,b')
    await wrapped(`${api.tables}posts?select=csv`)
    await expect.poll(() => shadow.mismatches().at(-1)).toMatchObject({ kind: 'values', column: '' })
  })

  test('what is written while it is looked at is no mismatch', async () => {
    const { api, read, shadow } = await createShadowed()
    let n = 0
    api.old = () => json([{ n: n++ }])
    await read()
    await expect.poll(() => shadow.stats().leftOut).toEqual({ 'written while it was looked at': 1 })
    expect(shadow.mismatches()).toEqual([])
  })

  test('what the new side shows late is settled', async () => {
    const { api, read, shadow } = await createShadowed({ againAfterMs: 100 })
    await read()
    await expect.poll(() => api.sides()).toEqual(['old', 'old', 'new'])
    api.new = () => json(OLD)
    await expect.poll(() => shadow.stats()).toMatchObject({ compared: 1, settled: 1, different: 0 })
  })

  test('old against old shows what differs by itself', async () => {
    const { api, read, shadow } = await createShadowed({ against: 'old' })
    await read()
    await expect.poll(() => shadow.stats()).toMatchObject({ compared: 1, same: 1 })
    expect(api.sides()).toEqual(['old', 'old', 'old'])
  })

  test.each([
    [{ sample: 0 }, {}],
    [{ sample: Number.NaN }, {}],
    [{}, { allowed: 0 }],
  ])('none where %o and the state %o say so', async (options, surroundings) => {
    const { api, read, shadow } = await createShadowed(options, surroundings)
    for (let i = 0; i < 5; i += 1) expect(await read()).toEqual(OLD)
    await sleep(30)
    expect(api.sides()).toEqual(Array(5).fill('old'))
    expect(shadow.metricsText()).toContain('tables="posts",side="old",shadow="false"} 5')
  })
})

describe('the caller never notices', () => {
  test('a new side that hangs: his answer comes at once, and what it can’t take is shed', async () => {
    const { api, read, shadow } = await createShadowed({ timeoutMs: 300, queue: 2 })
    const signals: (AbortSignal | null | undefined)[] = []
    api.new = (signal) => {
      signals.push(signal)
      return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
    }
    const start = performance.now()
    for (let i = 0; i < 10; i += 1) expect(await read()).toEqual(OLD)
    expect(performance.now() - start).toBeLessThan(300)
    await expect.poll(() => shadow.stats()).toMatchObject({ timedOut: 3, shed: 7, compared: 0 })
    expect(signals.every((signal) => signal?.aborted)).toBe(true)
  })

  test('a network that fails pauses it, with one warning', async () => {
    const { api, read, shadow } = await createShadowed()
    api.new = () => Promise.reject(new TypeError('fetch failed'))
    for (let i = 0; i < 3; i += 1) {
      expect(await read()).toEqual(OLD)
      await expect.poll(() => shadow.stats().failed).toBe(i + 1)
    }
    expect(api.warnings).toEqual(['crossfade: shadow reads pause for a while: fetch failed'])
  })

  test('his error stays his, and a watcher that is none stops no read', async () => {
    const { api, read } = await createShadowed()
    api.old = () => Promise.reject(new TypeError('old is down'))
    await expect(read()).rejects.toThrow('old is down')
    const other = createFakeApi()
    const wrapped = await other.wrapKnown({ shadow: shadowReads as unknown as ShadowReads })
    expect(await (await wrapped(`${other.tables}posts`)).json()).toEqual(NEW)
    expect(other.warnings).toEqual([expect.stringContaining('not looked at')])
  })
})

describe('telling the database', () => {
  const record = (api: FakeApi) =>
    api.calls.filter(([input]) => String(input).endsWith('/rest/v1/rpc/crossfade_record_reads'))

  test('happens with the service key alone, and never with the caller’s', async () => {
    const without = await createShadowed()
    await without.read()
    await expect.poll(() => without.shadow.stats().different).toBe(1)
    await without.shadow.flush()
    expect(record(without.api)).toEqual([])

    const { api, read, shadow } = await createShadowed({ serviceKey: 'x.service.y' })
    await read('?id=eq.7', { headers: { Authorization: 'Bearer callers' } })
    await expect.poll(() => shadow.stats().different).toBe(1)
    await shadow.flush()
    const [[, init] = []] = record(api)
    expect(Object.fromEntries(new Headers(init?.headers))).toEqual({
      apikey: 'x.service.y',
      authorization: 'Bearer x.service.y',
      'content-profile': 'crossfade_compat',
      'content-type': 'application/json',
    })
    const report = JSON.parse(JSON.parse(String(init?.body)).report)
    expect(report.mismatches).toMatchObject([{ kind: 'values', column: 'side', statement: 'posts?id=eq.?' }])
    expect(report.measures).toHaveLength(3)
    expect(report.counts).toEqual({ different: 1 })
    expect(String(init?.body)).not.toContain('eq.7')
    await shadow.flush()
    expect(record(api)).toHaveLength(1)
  })

  test('a key that may not is told once, a server in trouble is told later', async () => {
    const { api, read, shadow } = await createShadowed({ serviceKey: 'sb_secret_x' })
    const answer = vi.fn<() => Response>(() => json({ code: '42501', message: '' }, 403))
    const inner = api.fetch
    const wrapped = api.wrap({
      shadow,
      fetch: (...args) =>
        String(args[0]).includes('crossfade_record_reads') ? Promise.resolve(answer()) : inner(...args),
    })
    await read()
    await expect.poll(() => wrapped(`${api.tables}posts`).then(() => shadow.stats().different)).toBeGreaterThan(0)
    answer.mockImplementationOnce(() => new Response('', { status: 503 }))
    await shadow.flush()
    expect(api.warnings).toEqual([])
    await shadow.flush()
    await shadow.flush()
    expect(answer).toHaveBeenCalledTimes(2)
    expect(api.warnings).toEqual([expect.stringContaining('service key')])
  })
})
