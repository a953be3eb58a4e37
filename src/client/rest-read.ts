export type FetchArguments = Parameters<typeof fetch>

/** A read of one table of the old schema, over PostgREST. */
export interface RestRead {
  readonly table: string
  /** The request's own; changed only in a copy. */
  readonly headers: Headers
  readonly signal: AbortSignal | undefined
  /** Without the question mark. */
  readonly search: string
}

/** PostgREST takes a request without a profile to mean the first exposed schema, which is `public` in Supabase. */
const SCHEMA_WITHOUT_PROFILE = 'public'

/**
 * The read that a call of fetch makes of a table below `tablesUrl` (`https://…/rest/v1/`), or null for every other
 * request: writes, functions, other schemas, other services.
 */
export function parseRead([input, init]: FetchArguments, tablesUrl: string, schema: string): RestRead | null {
  const request = typeof input === 'object' && 'headers' in input ? input : undefined
  const url = request?.url ?? String(input)
  if (!url.startsWith(tablesUrl)) return null
  const method = (init?.method ?? request?.method ?? 'GET').toUpperCase()
  if ((method !== 'GET' && method !== 'HEAD') || init?.body != null) return null
  const [address = ''] = url.slice(tablesUrl.length).split('#', 1)
  const [path = ''] = address.split('?', 1)
  if (path === '' || path.includes('/')) return null
  const headers = new Headers(init?.headers ?? request?.headers)
  if ((headers.get('accept-profile') ?? SCHEMA_WITHOUT_PROFILE) !== schema) return null
  const signal = (init?.signal === undefined ? request?.signal : init.signal) ?? undefined
  return { table: decodeURIComponent(path), headers, signal, search: address.slice(path.length + 1) }
}

/**
 * Why a view can't answer the read as its table would, or null. PostgREST finds what to embed by foreign keys, which
 * views of other tables don't have; and a plan tells of the view.
 */
export function findReasonForOld({ headers, search }: RestRead): string | null {
  if (headers.get('accept')?.includes('vnd.pgrst.plan')) return 'plan'
  for (const [name, value] of new URLSearchParams(search)) {
    if (name === 'select' && hasEmbed(value)) return `select=${value}`
    if (name === 'order' && value.includes('(')) return `order=${value}`
    // A filter, order, limit or logic of an embedded table has its name before a dot.
    if (name.includes('.') && name !== 'not.and' && name !== 'not.or') return name
  }
  return null
}

/** Anything in parentheses but an aggregate. What it isn't sure of is an embed. */
function hasEmbed(select: string): boolean {
  return select
    .replace(/"(?:[^"\\]|\\.)*"/g, '"')
    .replace(/(^|,|:)count\(\)/g, '$1')
    .replace(/([^.,:(])\.(?:count|sum|avg|min|max)\(\)/g, '$1')
    .includes('(')
}
