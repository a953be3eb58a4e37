import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished, vi } from 'vitest'
import { type CrossfadeFetch, type CrossfadeOptions, crossfade } from '../../../src/client/supabase.ts'

export type Reply = () => Response | Promise<Response>

export interface FakeApi {
  readonly url: string
  readonly tables: string
  /** Arguments of each call that isn't a poll, as they came. */
  readonly calls: Parameters<typeof fetch>[]
  readonly polls: Headers[]
  readonly warnings: string[]
  state: Reply
  new: (signal: AbortSignal | null | undefined) => Response | Promise<Response>
  old: Reply
  readonly fetch: typeof fetch
  wrap(options?: Partial<CrossfadeOptions>): CrossfadeFetch
  /** Reads until the state is known. */
  wrapKnown(options?: Partial<CrossfadeOptions>): Promise<CrossfadeFetch>
  /** Which side each call since the last time asked. */
  sides(): string[]
}

let made = 0

export const json = (value: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(value), { status, headers: { 'Content-Type': 'application/json', ...headers } })

export const atPercent = (percent: number, tables = { posts: percent }, version = 1): Reply => {
  return () => json({ version, percent, tables })
}

/** An API that answers by hand, on an address of its own, since what is known of one is kept for the process. */
export function createFakeApi(): FakeApi {
  made += 1
  const url = `https://api-${made}.test`
  const api: FakeApi = {
    url,
    tables: `${url}/rest/v1/`,
    calls: [],
    polls: [],
    warnings: [],
    state: atPercent(100),
    new: () => json([{ side: 'new' }]),
    old: () => json([{ side: 'old' }]),
    fetch: async (...args) => {
      const [input, init] = args
      const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined))
      if (String(input).includes('/rpc/crossfade_state')) {
        api.polls.push(headers)
        return await api.state()
      }
      api.calls.push(args)
      return headers.get('accept-profile') === 'crossfade_compat' ? await api.new(init?.signal) : await api.old()
    },
    wrap: (options = {}) =>
      crossfade({ url, key: 'key', fetch: api.fetch, warn: (message) => void api.warnings.push(message), ...options }),
    async wrapKnown(options = {}) {
      const wrapped = api.wrap(options)
      await wrapped(`${api.tables}posts`)
      await (vi.isFakeTimers() ? vi.advanceTimersByTimeAsync(0) : sleep(5))
      api.calls.length = 0
      return wrapped
    },
    sides: () =>
      api.calls.splice(0).map(([, init]) => {
        const profile = new Headers(init?.headers).get('accept-profile')
        return profile === 'crossfade_compat' ? 'new' : 'old'
      }),
  }
  return api
}

/** Clocks and timers stand still until a test moves them. */
export function stopClocks(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
}
