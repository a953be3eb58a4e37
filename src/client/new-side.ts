import type { FetchArguments, RestRead } from './rest-read.ts'
import { parseObject } from './rest-state.ts'

const COMPAT_SCHEMA = 'crossfade_compat'

export type NewSideResponse =
  | { readonly kind: 'answered'; readonly response: Response; describe(): Promise<string> }
  /** A status outside 2xx. */
  | { readonly kind: 'refused'; readonly response: Response; describe(): Promise<string> }
  /** No answer within the time, or none at all. */
  | { readonly kind: 'failed'; describe(): Promise<string> }

/**
 * The same request, of the compat schema. Throws only where the caller aborted it. The time counts until the head of
 * the response is there, which PostgREST sends when the query has ended.
 */
export async function callNewSide(
  fetch: typeof globalThis.fetch,
  [input, init]: FetchArguments,
  read: RestRead,
  timeoutMs: number,
): Promise<NewSideResponse> {
  read.headers.set('Accept-Profile', COMPAT_SCHEMA)
  const own = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), timeoutMs)
  })
  try {
    const asked = fetch(input, { ...init, headers: read.headers, signal: joinSignals(read.signal, own) })
    const response = await Promise.race([asked, late])
    if (response === null) {
      asked.then(discard, () => undefined)
      own.abort()
      return { kind: 'failed', describe: async () => `nothing within ${timeoutMs} ms` }
    }
    return { kind: response.ok ? 'answered' : 'refused', response, describe: () => describe(response) }
  } catch (error) {
    if (read.signal?.aborted) throw error
    return { kind: 'failed', describe: async () => (error instanceof Error ? error.message : String(error)) }
  } finally {
    clearTimeout(timer)
  }
}

/** The caller's signal holds for the body, too, so it stays joined for as long as somebody reads that. */
function joinSignals(callers: AbortSignal | undefined, own: AbortController): AbortSignal {
  if (callers === undefined) return own.signal
  if (typeof AbortSignal.any === 'function') return AbortSignal.any([callers, own.signal])
  if (callers.aborted) own.abort(callers.reason)
  else callers.addEventListener('abort', () => own.abort(callers.reason), { once: true })
  return own.signal
}

async function discard(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => undefined)
}

/** Messages of PostgREST and of class 42 name objects, of which there are few; others may name values. */
async function describe(response: Response): Promise<string> {
  const { code, message } = parseObject(await response.text())
  if (typeof code !== 'string') return `HTTP ${response.status}`
  return code.startsWith('42') || code.startsWith('PGRST2') ? `${code}: ${message}` : code
}
