/** What `crossfade_compat.crossfade_state()` says to the role that asks, checked. */
export interface RestState {
  readonly version: number
  /** 0 to 100; already 0 while the new side lags. */
  readonly percent: number
  /** The most of the reads that are compared on both sides, 0 to 100. */
  readonly shadow: number
  /** Of those that the role may read, each with its percentage. */
  readonly tables: ReadonlyMap<string, number>
}

/** What came of asking. */
export type Answer =
  | { readonly kind: 'state'; readonly state: RestState; readonly etag: string | null }
  /** The server says that nothing has changed. */
  | { readonly kind: 'same' }
  /** There is no Crossfade in this database. */
  | { readonly kind: 'absent' }
  /** The token isn't valid any more; another one may be. */
  | { readonly kind: 'token' }
  | { readonly kind: 'unreachable'; readonly what: string }
  /** It won't get right by itself. */
  | { readonly kind: 'faulty'; readonly cause: string; readonly message: string }

const NOT_EXPOSED = `the API does not expose the schema crossfade_compat, so all reads stay on the old tables. Add it to the exposed schemas (Supabase: Project Settings, Data API), unless this database has no Crossfade`
const NO_RIGHT = `a role may not ask for the state of the migration, so its reads stay on the old tables. That is right for a role that reads none of them; else look at its grants on the old tables before crossfade build`
const NOT_THE_STATE = `what answers in place of the API isn't PostgREST, so all reads stay on the old tables. Look at the url, and at proxies before it`
const FROM_CACHE = `the state of the migration comes out of a cache, so all reads stay on the old tables. Give crossfade() a fetch that sets cache: 'no-store'`

/** The answer to a request for the state. Throws where its body doesn't arrive. */
export async function readAnswer(response: Response): Promise<Answer> {
  if (response.status === 304) return { kind: 'same' }
  const text = await response.text()
  if (response.ok) {
    const state = parseState(text)
    if (state !== null) return { kind: 'state', state, etag: response.headers.get('etag') }
    return { kind: 'faulty', cause: 'not the state', message: NOT_THE_STATE }
  }
  const code = readCode(text)
  if (code === 'PGRST202' || code === '42883' || code === '3F000') return { kind: 'absent' }
  if (code === 'PGRST106') return { kind: 'faulty', cause: 'not exposed', message: NOT_EXPOSED }
  if (code === '42501') return { kind: 'faulty', cause: 'no right', message: NO_RIGHT }
  if (response.status === 401 || code?.startsWith('PGRST3')) return { kind: 'token' }
  if (code === null && response.status < 500 && response.status !== 429) {
    return { kind: 'faulty', cause: 'not the state', message: NOT_THE_STATE }
  }
  return { kind: 'unreachable', what: `HTTP ${response.status}` }
}

export const FAULTY_CACHE: Answer = { kind: 'faulty', cause: 'cache', message: FROM_CACHE }

function parseState(text: string): RestState | null {
  const value = parseObject(text)
  const { version, percent, shadow } = value
  if (typeof version !== 'number' || typeof percent !== 'number') return null
  if (typeof value.tables !== 'object' || value.tables === null) return null
  const tables = new Map<string, number>()
  for (const [name, share] of Object.entries(value.tables)) {
    if (typeof share !== 'number') return null
    tables.set(name, bound(share))
  }
  return { version, percent: bound(percent), shadow: typeof shadow === 'number' ? bound(shadow) : 0, tables }
}

function readCode(text: string): string | null {
  const { code } = parseObject(text)
  return typeof code === 'string' ? code : null
}

/** Empty where the text is no object. */
export function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function bound(percent: number): number {
  return Math.min(100, Math.max(0, percent))
}
