import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { crossfade } from '../../../src/client/supabase.ts'
import { seededRandom } from '../ramp-fixture.ts'
import { atPercent, createFakeApi } from './fake-api.ts'

test('what is no read of a migrated table passes as it came', async () => {
  const api = createFakeApi()
  const wrapped = await api.wrapKnown()
  const posts = `${api.tables}posts`
  const passing: Parameters<typeof fetch>[] = [
    [posts, { method: 'POST', body: '{}' }],
    [posts, { method: 'PATCH', body: '{}', headers: { 'Content-Profile': 'public' } }],
    [posts, { method: 'DELETE' }],
    [posts, { method: 'OPTIONS' }],
    [new Request(posts, { method: 'POST', body: 'x' })],
    [posts, { headers: { 'Accept-Profile': 'other' } }],
    [posts, { headers: { 'Accept-Profile': 'crossfade_compat' } }],
    [`${api.tables}rpc/posts`],
    [`${api.tables}rpc/posts`, { method: 'POST', body: '{}' }],
    [`${api.tables}users?select=*`],
    [`${api.tables}posts/1`],
    [api.tables],
    [`${api.tables}%`],
    [`${api.url}/storage/v1/object/posts`],
    [`${api.url}/auth/v1/user`],
    [`${api.url}/functions/v1/posts`],
    [`${api.url}.evil.test/rest/v1/posts`],
    ['https://elsewhere.test/rest/v1/posts'],
    [new URL('https://elsewhere.test/rest/v1/posts')],
    ['/relative'],
  ]
  for (const args of passing) await wrapped(...args)
  expect(api.calls).toHaveLength(passing.length)
  for (const [i, args] of passing.entries()) {
    expect(api.calls[i], String(args[0])).toHaveLength(args.length)
    for (const [j, arg] of args.entries()) expect(api.calls[i]?.[j]).toBe(arg)
  }
  expect(wrapped.crossfade.stats()).toMatchObject({ readsNew: 0, keptOld: [] })
})

test('a read is routed by its profile alone, however it is given', async () => {
  const api = createFakeApi()
  api.state = atPercent(100, { posts: 100, 'we"ird, täble': 100 } as never)
  const wrapped = await api.wrapKnown()
  const init = { headers: { 'Accept-Profile': 'public', apikey: 'k', Accept: 'text/csv' }, cache: 'no-store' as const }
  await wrapped(`${api.tables}posts?id=eq.1#x`, init)
  await wrapped(new URL(`${api.tables}posts`))
  await wrapped(new Request(`${api.tables}posts`, { method: 'HEAD', headers: { Prefer: 'count=exact' } }))
  await wrapped(`${api.tables}${encodeURIComponent('we"ird, täble')}?select=*`)
  const [first, second, third] = api.calls
  expect(first?.[0]).toBe(`${api.tables}posts?id=eq.1#x`)
  expect(first?.[1]).toMatchObject({ cache: 'no-store' })
  expect(Object.fromEntries(new Headers(first?.[1]?.headers))).toEqual({
    ...{ accept: 'text/csv', apikey: 'k' },
    'accept-profile': 'crossfade_compat',
  })
  expect(init.headers['Accept-Profile']).toBe('public')
  expect(second?.[0]).toBeInstanceOf(URL)
  expect(third?.[0]).toMatchObject({ method: 'HEAD' })
  expect(new Headers(third?.[1]?.headers).get('prefer')).toBe('count=exact')
  expect(api.sides()).toEqual(['new', 'new', 'new', 'new'])
})

test('with old tables in another schema, only requests that name it are theirs', async () => {
  const api = createFakeApi()
  const wrapped = api.wrap({ schema: 'app' })
  const named = { headers: { 'Accept-Profile': 'app' } }
  await wrapped(`${api.tables}posts`, named)
  await sleep(5)
  await wrapped(`${api.tables}posts`, named)
  await wrapped(`${api.tables}posts`)
  await wrapped(`${api.tables}posts`, { headers: { 'Accept-Profile': 'public' } })
  expect(api.sides()).toEqual(['old', 'new', 'old', 'old'])
})

test.each([
  ['*', 'new'],
  ['id,total:amount.sum(),n:count(),count()', 'new'],
  ['meta->a->>b,id::text', 'new'],
  ['"odd(name)",id', 'new'],
  ['id,comments(*)', 'old'],
  ['id,who:users!author_id(name)', 'old'],
  ['...users(name)', 'old'],
  ['...count()', 'old'],
  ['comments()', 'old'],
  ['id,"od\\"d(",sum()', 'old'],
  ['*&comments.order=id', 'old'],
  ['*&order=comments(id).desc', 'old'],
  ['*&not.or=(id.eq.1)&or=(a.eq.1,b.eq.2)&order=id.desc', 'new'],
])('select=%s is asked of the %s side', async (query, side) => {
  const api = createFakeApi()
  const wrapped = await api.wrapKnown()
  await wrapped(`${api.tables}posts?select=${query}`)
  expect(api.sides()).toEqual([side])
  expect(wrapped.crossfade.stats().keptOld).toHaveLength(side === 'old' ? 1 : 0)
})

test('a plan is the old table’s', async () => {
  const api = createFakeApi()
  const wrapped = await api.wrapKnown()
  await wrapped(`${api.tables}posts`, { headers: { Accept: 'application/vnd.pgrst.plan+text' } })
  expect(api.sides()).toEqual(['old'])
})

test.each([1, 50, 99])('the share of %i percent', async (percent) => {
  const api = createFakeApi()
  api.state = atPercent(percent)
  const wrapped = await api.wrapKnown({ random: seededRandom(percent) })
  for (let i = 0; i < 1_000; i += 1) await wrapped(`${api.tables}posts`)
  const fromNew = api.sides().filter((side) => side === 'new').length
  const p = percent / 100
  expect(Math.abs(fromNew - 1_000 * p)).toBeLessThanOrEqual(4 * Math.sqrt(1_000 * p * (1 - p)))
  expect(wrapped.crossfade.stats()).toMatchObject({ percent, readsNew: fromNew, fallbacks: 0 })
})

test('a sticky key has all its reads on one side, and once on the new side stays there as the percentage grows', async () => {
  const api = createFakeApi()
  let key: string | undefined
  const wrapped = await api.wrapKnown({ sticky: () => key })
  const newAt = async (percent: number): Promise<Set<number>> => {
    const fromNew = new Set<number>()
    for (let i = 0; i < 400; i += 1) {
      key = `user-${i}`
      await api.wrap({ sticky: () => key, tables: { posts: percent } })(`${api.tables}posts`)
      await api.wrap({ sticky: () => key, tables: { posts: percent } })(`${api.tables}posts`)
      const [one, two] = api.sides()
      expect(one).toBe(two)
      if (one === 'new') fromNew.add(i)
    }
    return fromNew
  }
  const [few, many] = [await newAt(10), await newAt(50)]
  expect(Math.abs(few.size - 40)).toBeLessThan(25)
  expect(Math.abs(many.size - 200)).toBeLessThan(41)
  for (const one of few) expect(many.has(one)).toBe(true)
  key = undefined
  await wrapped(`${api.tables}posts`)
  expect(api.sides()).toEqual(['new'])
})

test('the options and the environment only lower the share', async () => {
  const api = createFakeApi()
  api.state = atPercent(100, { posts: 100, held: 0 } as never)
  const wrapped = await api.wrapKnown()
  onTestFinished(() => void vi.unstubAllEnvs())
  const sideOf = async (fetch: typeof globalThis.fetch, table = 'posts'): Promise<string | undefined> => {
    await fetch(`${api.tables}${table}`)
    return api.sides()[0]
  }
  expect(await sideOf(api.wrap({ tables: { posts: 0 } }))).toBe('old')
  expect(await sideOf(api.wrap({ tables: { posts: 400 } }))).toBe('new')
  expect(await sideOf(api.wrap({ tables: { held: 100 } }), 'held')).toBe('old')
  const flagged = (percent: number, state: (table: string) => number | Promise<number> = () => percent) =>
    api.wrap({ percent: state, random: () => 0.4 })
  expect([await sideOf(flagged(40)), await sideOf(flagged(41)), await sideOf(flagged(400))]).toEqual([
    'old',
    'new',
    'new',
  ])
  expect(await sideOf(flagged(100), 'held')).toBe('old')
  const asked = flagged(0, async (table) => (table === 'posts' ? 100 : 0))
  expect([await sideOf(asked), await sideOf(asked)]).toEqual(['old', 'new'])
  vi.stubEnv('READ_FROM_NEW', 'off')
  expect(await sideOf(wrapped)).toBe('old')
  expect(wrapped.crossfade.stats().percent).toBe(0)
  vi.stubEnv('READ_FROM_NEW', 'true')
  expect(await sideOf(wrapped, 'held')).toBe('old')
  vi.stubEnv('READ_FROM_NEW_PERCENTAGE', '0')
  expect(await sideOf(wrapped)).toBe('old')
  vi.stubEnv('READ_FROM_NEW_PERCENTAGE', 'half')
  expect(await sideOf(wrapped)).toBe('new')
  expect(api.warnings).toEqual([expect.stringContaining('READ_FROM_NEW_PERCENTAGE is "half"')])
})

test('without an environment, as in a browser', async () => {
  const api = createFakeApi()
  const wrapped = await api.wrapKnown()
  onTestFinished(() => void vi.unstubAllGlobals())
  vi.stubGlobal('process', undefined)
  await wrapped(`${api.tables}posts`)
  vi.stubGlobal('process', {
    get env() {
      throw new Error('permission denied')
    },
  })
  await wrapped(`${api.tables}posts`)
  vi.unstubAllGlobals()
  expect(api.sides()).toEqual(['new', 'new'])
})

test('wrapping twice is seen and does nothing', async () => {
  const api = createFakeApi()
  const wrapped = await api.wrapKnown()
  const again = api.wrap({ fetch: wrapped })
  expect(again).toBe(wrapped)
  expect(api.warnings).toEqual([expect.stringContaining('wrapped already')])
  await again(`${api.tables}posts`)
  expect(api.calls).toHaveLength(1)
})

test('the global fetch is looked up at each call, and may be the wrapped one', async () => {
  const api = createFakeApi()
  onTestFinished(() => void vi.unstubAllGlobals())
  vi.stubGlobal('fetch', () => Promise.reject(new Error('too early')))
  const wrapped = crossfade({ url: api.url, key: 'key' })
  vi.stubGlobal('fetch', api.fetch)
  await wrapped(`${api.tables}posts`)
  await sleep(5)
  await wrapped(`${api.tables}posts`)
  expect(api.sides()).toEqual(['old', 'new'])

  const global = crossfade({ url: api.url, key: 'key' })
  vi.stubGlobal('fetch', global)
  await fetch(`${api.tables}posts`)
  expect(api.sides()).toEqual(['new'])
})

test('a fault of a caller’s option reads old', async () => {
  const api = createFakeApi()
  await api.wrapKnown()
  const wrapped = api.wrap({
    sticky: () => {
      throw new Error('no user')
    },
  })
  for (let i = 0; i < 3; i += 1) {
    expect(await (await wrapped(`${api.tables}posts`)).json()).toEqual([{ side: 'old' }])
  }
  expect(api.warnings).toEqual([expect.stringContaining('no user')])
})
