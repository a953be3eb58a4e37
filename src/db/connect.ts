import pg from 'pg'
import { DatabaseError, UsageError } from '../lib/errors.ts'
import {
  type ConnectTarget,
  READ_ONLY_HINT,
  translateConnectError,
  translateNextConnectError,
  translateStatementError,
} from './connect-errors.ts'
import { assertConnectionUrl } from './connection-url.ts'
import { isTransactionPooler } from './pooler.ts'
import { PULSE, type PulseTimes, watchPulse } from './pulse.ts'
import { applySessionSettings } from './session-settings.ts'

const OLDEST_SERVER = 150000
const CONNECT_TIMEOUT_MS = 10_000
const IDLE_TIMEOUT_MS = 30_000
const KEEPALIVE_AFTER_MS = 10_000

export interface ConnectOptions {
  /** Shown in pg_stat_activity after `crossfade `. */
  readonly applicationName?: string
  /** Whether connections must be sessions of our own (default). Without, a pooler in transaction mode is allowed. */
  readonly session?: boolean
  /** Nothing will be written, so a standby will do. */
  readonly readOnly?: boolean
  /** Connections of the pool at most. Default 8. */
  readonly poolSize?: number
  /** The longest that a connection may take to come about. Milliseconds, default 10000. */
  readonly timeoutMs?: number
  /** When a server that is silent counts as lost; for tests. */
  readonly pulse?: PulseTimes
}

/** A server that was found fit for use, and the ways to talk to it. */
export interface Database {
  readonly pool: pg.Pool
  /** e.g. 180004 */
  readonly serverVersion: number
  readonly user: string
  readonly name: string
  /** Connections share backends, so they carry no settings and `session()` is refused. */
  readonly transactionPooler: boolean
  /** One statement on any connection of the pool. */
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<pg.QueryResult<Row>>
  /** A connection of one's own; end it when done. What is still open ends with `close()`. */
  session(): Promise<pg.Client>
  /** Ends every connection; a second call does nothing. */
  close(): Promise<void>
}

/**
 * Connects, and checks that Crossfade can work there: PostgreSQL 15 or later, writable, sessions kept.
 * Throws UsageError for what is no URL, and DatabaseError with a hint for everything else.
 */
export async function connect(url: string, options: ConnectOptions = {}): Promise<Database> {
  assertConnectionUrl(url)
  const config = clientConfig(url, options)
  const target = targetOf(config)
  const { pulse = PULSE } = options
  const facts = await probe(config, target, options)
  const own = !facts.transactionPooler

  const pool = new pg.Pool({
    ...config,
    max: options.poolSize ?? 8,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    allowExitOnIdle: true,
    ...(own ? { onConnect: applySessionSettings } : {}),
  })
  pool.on('error', ignore)
  pool.on('connect', (client) => {
    client.on('error', ignore)
    watchPulse(client, config, pulse)
  })

  const sessions = new Set<pg.Client>()
  let closing: Promise<void> | null = null

  async function session(): Promise<pg.Client> {
    if (!own) throw poolerError(target)
    const client = await openClient(config, target).catch((error: unknown) => {
      throw translateNextConnectError(error, target, sessions.size)
    })
    watchPulse(client, config, pulse)
    sessions.add(client)
    client.once('end', () => sessions.delete(client))
    try {
      await applySessionSettings(client)
    } catch (error) {
      await client.end().catch(ignore)
      throw translateConnectError(error, target)
    }
    return client
  }

  async function query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) {
    try {
      return await pool.query<Row>(text, [...values])
    } catch (error) {
      const isWait =
        error instanceof Error && /connection timeout|timeout exceeded when trying to connect/.test(error.message)
      const open = sessions.size + pool.totalCount
      throw isWait
        ? translateNextConnectError(translateConnectError(error, target), target, open)
        : (translateStatementError(error) ?? error)
    }
  }

  async function close(): Promise<void> {
    closing ??= Promise.all([pool.end(), ...[...sessions].map((client) => client.end().catch(ignore))]).then(ignore)
    return closing
  }

  return { pool, ...facts, query, session, close }
}

type Facts = Pick<Database, 'serverVersion' | 'user' | 'name' | 'transactionPooler'>

async function probe(config: pg.ClientConfig, target: ConnectTarget, options: ConnectOptions): Promise<Facts> {
  // A pool without a free backend keeps us waiting for it.
  const bounded = { ...config, query_timeout: options.timeoutMs ?? CONNECT_TIMEOUT_MS }
  const first = await openClient(bounded, target)
  let second: pg.Client | null = null
  try {
    const { rows } = await first.query<{
      version: number
      standby: boolean
      readOnly: boolean
      user: string
      name: string
    }>(/* sql */ `
      select pg_catalog.current_setting('server_version_num')::int as version,
             pg_catalog.pg_is_in_recovery() as standby,
             pg_catalog.current_setting('default_transaction_read_only') = 'on' as "readOnly",
             current_user::text as user,
             pg_catalog.current_database()::text as name`)
    const [server] = rows
    if (server === undefined) throw new Error('the server did not describe itself')
    assertVersion(server.version)
    if (options.readOnly !== true) assertWritable(server.standby, server.readOnly)
    second = await openClient(bounded, target)
    const transactionPooler = await isTransactionPooler(first, second)
    if (transactionPooler && options.session !== false) throw poolerError(target)
    return { serverVersion: server.version, user: server.user, name: server.name, transactionPooler }
  } catch (error) {
    throw translateConnectError(error, target)
  } finally {
    await Promise.all([first.end().catch(ignore), second?.end().catch(ignore)])
  }
}

function assertVersion(version: number): void {
  if (version >= OLDEST_SERVER) return
  throw new DatabaseError('server_too_old', `The server is PostgreSQL ${Math.floor(version / 10000)}.`, {
    hint: 'Crossfade needs PostgreSQL 15 or later. Upgrade the server first.',
  })
}

function assertWritable(standby: boolean, readOnly: boolean): void {
  if (!standby && !readOnly) return
  const why = standby ? 'a standby, which only reads' : 'set to read-only (default_transaction_read_only)'
  throw new DatabaseError('read_only', `The server is ${why}.`, { hint: READ_ONLY_HINT })
}

function poolerError(target: ConnectTarget): DatabaseError {
  const supabase = /supabase\.(com|co)$/.test(target.host) || target.port === 6543
  return new DatabaseError(
    'transaction_pooler',
    `${target.host}:${target.port} is a pooler in transaction mode, and Crossfade needs sessions of its own.`,
    {
      hint: supabase
        ? 'At Supabase use port 5432 of the pooler (session mode), or the direct connection db.<project>.supabase.co:5432.'
        : 'Use the port of the server itself, or of a pool with pool_mode = session.',
    },
  )
}

async function openClient(config: pg.ClientConfig, target: ConnectTarget): Promise<pg.Client> {
  const client = new pg.Client(config)
  // A server that dies between two statements would otherwise end the process.
  client.on('error', ignore)
  try {
    await client.connect()
  } catch (error) {
    await client.end().catch(ignore)
    throw translateConnectError(error, target)
  }
  return client
}

function clientConfig(url: string, options: ConnectOptions): pg.ClientConfig {
  const name = options.applicationName === undefined ? 'crossfade' : `crossfade ${options.applicationName}`
  return {
    connectionString: url,
    application_name: name.slice(0, 63),
    connectionTimeoutMillis: options.timeoutMs ?? CONNECT_TIMEOUT_MS,
    keepAlive: true,
    // The operating system would begin to ask after two hours.
    keepAliveInitialDelayMillis: KEEPALIVE_AFTER_MS,
  }
}

/** Where a URL leads, without its password. Throws UsageError for what is no URL, without showing it. */
export function readTarget(url: string): ConnectTarget {
  assertConnectionUrl(url)
  return targetOf({ connectionString: url })
}

function targetOf(config: pg.ClientConfig): ConnectTarget {
  try {
    const { host, port, user, database } = new pg.Client(config)
    return { host, port, user: user ?? '', database: database ?? user ?? '' }
  } catch (error) {
    // Of the error only files of certificates are worth telling; a message about the URL could show it.
    const file = error instanceof Error && 'path' in error ? ` A file that it names can't be read: ${error.path}.` : ''
    throw new UsageError('database_url', `The database URL can't be used.${file}`, {
      hint: 'Write it as postgres://<user>:<password>@<host>:5432/<database>.',
    })
  }
}

/** The error also reaches whoever waits for a result; the listener only keeps it from ending the process. */
function ignore(): void {}
