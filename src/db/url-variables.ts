import { parseEnv } from 'node:util'

/** Variables as an environment has them. */
export type Variables = Readonly<Record<string, string | undefined>>

/** The name that stands for all variables of libpq: PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE, PGSSLMODE. */
export const LIBPQ = 'PGHOST'

/** What the Supabase CLI gives everybody's local database; its port is in `supabase/config.toml`. */
const SUPABASE_LOCAL = { user: 'postgres', password: 'postgres', database: 'postgres', port: 54322 }

/** The URL that a variable holds, or that PGHOST and its like make; null where it isn't set, or empty. */
export function urlOf(variables: Variables, name: string): string | null {
  const value = variables[name]?.trim()
  if (!value) return null
  return name === LIBPQ ? joinUrl(value, variables) : value
}

/**
 * The variables of a file: of a `.env`, in which `${NAME}` is another variable of it or of the environment, or of the
 * `config.toml` of the Supabase CLI, which makes one, DATABASE_URL, of its local database.
 */
export function parseVariables(path: string, text: string, environment: Variables): Variables {
  if (path.endsWith('.toml')) return { DATABASE_URL: supabaseUrl(text) }
  const parsed = parseEnv(text.replace(/^\uFEFF/, ''))
  const known = { ...parsed, ...environment }
  const fill = (value: string): string => value.replace(/\$\{(\w+)\}/g, (whole, name: string) => known[name] ?? whole)
  return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, fill(value ?? '')]))
}

function joinUrl(host: string, variables: Variables): string {
  const { PGPORT: port, PGUSER: user, PGPASSWORD: password, PGDATABASE: database, PGSSLMODE: tls } = variables
  const login = user ? `${encodeURIComponent(user)}${password ? `:${encodeURIComponent(password)}` : ''}@` : ''
  const query = new URLSearchParams()
  // The folder of a socket has no place before the path.
  const isSocket = host.startsWith('/')
  if (isSocket) query.set('host', host)
  // `allow` and `prefer` would do without TLS as well, which a URL can't say.
  if (tls && tls !== 'allow' && tls !== 'prefer') query.set('sslmode', tls)
  const at = `${isSocket ? 'localhost' : host.includes(':') ? `[${host}]` : host}${port ? `:${port}` : ''}`
  const words = query.size === 0 ? '' : `?${query}`
  return `postgres://${login}${at}/${encodeURIComponent(database ?? '')}${words}`
}

function supabaseUrl(toml: string): string {
  const { user, password, database } = SUPABASE_LOCAL
  return `postgres://${user}:${password}@127.0.0.1:${readPort(toml) ?? SUPABASE_LOCAL.port}/${database}`
}

/** `port` of the table `[db]`. */
function readPort(toml: string): string | null {
  let table = ''
  for (const line of toml.split(/\r?\n/)) {
    const [, opened] = /^\s*\[\s*([^\]]*?)\s*\]/.exec(line) ?? []
    if (opened !== undefined) table = opened
    const [, port] = /^\s*port\s*=\s*(\d+)/.exec(line) ?? []
    if (table === 'db' && port !== undefined) return port
  }
  return null
}
