/** What the URL of a pooler in transaction mode says of itself. */
export interface PoolerUrl {
  /** The URL with which sessions are one's own; null where the text doesn't tell. */
  readonly session: string | null
  /** How it differs: `port 5432 in place of 6543`. */
  readonly how: string | null
}

const TRANSACTION_PORT = '6543'

/**
 * Whether a URL looks like that of a pooler in transaction mode, as Supabase (port 6543), Neon (`-pooler` in the host) and
 * Prisma (`pgbouncer=true`) write it. Null where it doesn't; only the server knows for sure, see `isTransactionPooler`.
 */
export function readPoolerUrl(text: string): PoolerUrl | null {
  if (!URL.canParse(text)) return null
  const url = new URL(text)
  const isMarked = url.searchParams.get('pgbouncer') === 'true'
  url.searchParams.delete('pgbouncer')
  if (/\.supabase\.(com|co)$/i.test(url.hostname) && url.port === TRANSACTION_PORT) {
    url.port = '5432'
    return { session: url.href, how: `port 5432 in place of ${TRANSACTION_PORT}` }
  }
  const [label = '', ...domain] = url.hostname.split('.')
  if (/\.neon\.tech$/i.test(url.hostname) && label.endsWith('-pooler')) {
    url.hostname = [label.slice(0, -'-pooler'.length), ...domain].join('.')
    return { session: url.href, how: `${url.hostname} as the host` }
  }
  return isMarked ? { session: null, how: null } : null
}
