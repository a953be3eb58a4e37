import { setTimeout as sleep } from 'node:timers/promises'
import { roleOf } from '../client/token-role.ts'
import { redact } from '../lib/redact.ts'

/** The API over the database, as a client gets it. */
export interface Api {
  readonly url: string
  readonly key: string
}

export type Act = 'select' | 'insert' | 'update' | 'delete' | 'call'

/** What a schema is asked for. No act of them touches a row. */
export interface Door {
  readonly schema: string
  /** Tables and views that are there, with a column that takes values but no null. None: only whether the API shows the schema. */
  readonly relations: readonly {
    readonly name: string
    readonly column: string | null
    readonly acts: readonly Act[]
  }[]
  /** A function of it that is there and takes no argument. */
  readonly call: string | null
}

export type Outcome =
  | { readonly is: 'ok' }
  /** As it should be until `move`. */
  | { readonly is: 'closed' }
  /** `shown` is what the API shows instead, in its own words; '' where it doesn't say. */
  | { readonly is: 'not exposed'; readonly shown: string }
  | { readonly is: 'no grant'; readonly message: string }
  | { readonly is: 'stale' }
  | { readonly is: 'refused'; readonly message: string }

export interface Try {
  readonly schema: string
  /** The relation, or the function. Null for the schema as such. */
  readonly name: string | null
  readonly act: Act
  readonly outcome: Outcome
}

export interface TriedDoors {
  readonly url: string
  /** The role by the key's own word; '' where it says none. */
  readonly role: string
  /** Why nothing could be tried: the API can't be reached, or takes the key for none. */
  readonly failure: { readonly is: 'unreachable' | 'key'; readonly message: string } | null
  readonly tries: readonly Try[]
}

export interface FrontDoorOptions {
  readonly signal: AbortSignal
  /** How long the API may take to hear of what has just been made. */
  readonly patienceMs: number
}

const ANSWER_WITHIN_MS = 10_000
const LOOK_AGAIN_MS = 250
/** No relation has this name; the schema is looked at before it. */
const NOTHING = 'crossfade_is_the_schema_there'

/**
 * Tries schemas through the API, as a client would: reads no row, and leaves none, whenever it is stopped. It inserts null
 * where there may be none, and changes rows that can't be; PostgreSQL asks for the same rights as for others. Throws the reason of an abort, and nothing else.
 */
export async function tryFrontDoor(api: Api, doors: readonly Door[], options: FrontDoorOptions): Promise<TriedDoors> {
  const about = { url: api.url, role: roleOfKey(api.key) }
  const tries: Try[] = []
  const until = performance.now() + options.patienceMs
  for (const door of doors) {
    for (const { name, act, request } of requestsOf(door)) {
      let answer = await ask(api, door.schema, act, request, options.signal)
      while ('outcome' in answer && answer.outcome.is === 'stale' && name !== null && performance.now() < until) {
        await sleep(LOOK_AGAIN_MS, undefined, { signal: options.signal }).catch(() => options.signal.throwIfAborted())
        answer = await ask(api, door.schema, act, request, options.signal)
      }
      if ('failure' in answer) return { ...about, failure: answer.failure, tries }
      // What isn't there tells that the schema is shown.
      const { outcome } = answer
      const isShown = name === null && outcome.is !== 'not exposed'
      tries.push({ schema: door.schema, name, act, outcome: isShown ? { is: 'ok' } : outcome })
      if (outcome.is === 'not exposed') break
    }
  }
  return { ...about, failure: null, tries }
}

interface Request {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly body?: string
}

function requestsOf({ relations, call }: Door): { name: string | null; act: Act; request: Request }[] {
  const requests = relations.flatMap(({ name, column, acts }) =>
    acts.flatMap((act) => {
      const request = requestFor(act, name, column)
      return request === null ? [] : [{ name, act, request }]
    }),
  )
  const called = { name: call, act: 'call' as const, request: { method: 'GET' as const, path: `rpc/${call}` } }
  if (call !== null) return [called, ...requests]
  const nothing = { method: 'GET' as const, path: `${NOTHING}?limit=0` }
  return requests.length > 0 ? requests : [{ name: null, act: 'select', request: nothing }]
}

function requestFor(act: Act, name: string, column: string | null): Request | null {
  const path = encodeURIComponent(name)
  if (act === 'select') return { method: 'GET', path: `${path}?limit=0` }
  if (column === null) return null
  const quoted = /^[\w $]+$/.test(column) ? column : `"${column.replaceAll(/["\\]/g, '\\$&')}"`
  // It takes no null, so no row has one.
  const none = `${encodeURIComponent(quoted)}=is.null`
  switch (act) {
    case 'insert':
      // Of an empty list some servers don't tell the database.
      return { method: 'POST', path, body: JSON.stringify({ [column]: null }) }
    case 'update':
      return { method: 'PATCH', path: `${path}?${none}`, body: JSON.stringify({ [column]: null }) }
    case 'delete':
      return { method: 'DELETE', path: `${path}?${none}` }
    default:
      return null
  }
}

type Asked = { readonly outcome: Outcome } | { readonly failure: NonNullable<TriedDoors['failure']> }

async function ask(api: Api, schema: string, act: Act, request: Request, signal: AbortSignal): Promise<Asked> {
  signal.throwIfAborted()
  const { method, path, body } = request
  const reads = method === 'GET'
  const headers: Record<string, string> = {
    ...{ apikey: api.key, Accept: 'application/json' },
    [reads ? 'Accept-Profile' : 'Content-Profile']: schema,
    ...(reads ? {} : { Prefer: 'return=minimal' }),
    ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    // Opaque keys are no tokens; the gateway has one for them.
    ...(api.key.split('.').length === 3 ? { Authorization: `Bearer ${api.key}` } : {}),
  }
  try {
    const response = await fetch(`${api.url.replace(/\/+$/, '')}/rest/v1/${path}`, {
      ...{ method, headers, ...(body === undefined ? {} : { body }) },
      // The key is for this address alone.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
    })
    return classify(response, await response.text(), act, api.key)
  } catch (error) {
    signal.throwIfAborted()
    return { failure: { is: 'unreachable', message: redact(describe(error), [api.key]) } }
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return `no answer within ${ANSWER_WITHIN_MS / 1000} s`
  const { cause } = error
  return cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : error.message
}

function classify(response: Response, text: string, act: Act, key: string): Asked {
  if (response.ok) return { outcome: { is: 'ok' } }
  const { code, message, hint } = parse(text)
  const told = redact(`${message} (${code ?? `HTTP ${response.status}`})`, [key])
  switch (code) {
    case 'PGRST106':
      return {
        outcome: { is: 'not exposed', shown: /(?:exposed|following):\s*(.+)$/.exec(hint || message)?.[1] ?? '' },
      }
    case '42501':
      // What Crossfade's own trigger says.
      if (message.includes('is not open for writing yet')) return { outcome: { is: 'closed' } }
      return { outcome: { is: 'no grant', message: redact(message, [key]) } }
    case '23502':
      if (act === 'insert') return { outcome: { is: 'ok' } }
      break
    case 'PGRST202':
    case 'PGRST204':
    case 'PGRST205':
    case '42P01':
    case '42883':
    case '3F000':
      return { outcome: { is: 'stale' } }
  }
  if (response.status === 401 || code?.startsWith('PGRST3')) return { failure: { is: 'key', message: told } }
  if (code === null || code.startsWith('PGRST00') || response.status >= 500) {
    const what = code === null ? `HTTP ${response.status}, and no answer of PostgREST` : told
    return { failure: { is: 'unreachable', message: what } }
  }
  return { outcome: { is: 'refused', message: `${act}: ${told}` } }
}

function parse(text: string): { code: string | null; message: string; hint: string } {
  try {
    const value = JSON.parse(text) as Record<string, unknown> | null
    const { code, message, hint } = value ?? {}
    const word = (one: unknown): string => (typeof one === 'string' ? one : '')
    return { code: word(code) || null, message: word(message), hint: word(hint) }
  } catch {
    return { code: null, message: '', hint: '' }
  }
}

function roleOfKey(key: string): string {
  if (key.startsWith('sb_secret_')) return 'service_role'
  return key.startsWith('sb_publishable_') ? 'anon' : roleOf(key)
}
