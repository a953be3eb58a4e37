import type { Duplex } from 'node:stream'
import pg from 'pg'
import { translateConnectError } from '../db/connect-errors.ts'
import { assertConnectionUrl } from '../db/connection-url.ts'

/** An authenticated connection whose bytes can be taken over. */
export interface DumpConnection {
  readonly client: pg.Client
  /** What the server reported at start, by name. */
  readonly parameters: ReadonlyMap<string, string>
  readonly stream: Duplex
  close(): Promise<void>
}

/** What pg keeps to itself: the socket (after TLS, if any) and the messages of the handshake. */
interface WireConnection {
  readonly stream: Duplex
  on(event: 'parameterStatus', listener: (message: ParameterStatus) => void): void
}

interface ParameterStatus {
  readonly parameterName: string
  readonly parameterValue: string
}

const CONNECT_TIMEOUT_MS = 10_000

/**
 * Connects with pg, so that TLS and every way to authenticate are its.
 * Throws UsageError for what is no URL, and DatabaseError with a hint for everything else.
 */
export async function connectForDump(url: string): Promise<DumpConnection> {
  assertConnectionUrl(url)
  const client = new pg.Client({
    connectionString: url,
    application_name: 'crossfade dump',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  })
  // Without a listener, a connection that breaks while nothing is asked of it ends the process.
  client.on('error', () => {})
  const wire = (client as unknown as { connection: WireConnection }).connection
  const parameters = new Map<string, string>()
  wire.on('parameterStatus', (message) => parameters.set(message.parameterName, message.parameterValue))
  try {
    await client.connect()
    // pg_dump only reads; this makes it sure, also for what we ask before it takes over.
    await client.query('SET default_transaction_read_only = on')
  } catch (error) {
    await client.end().catch(() => {})
    const { host, port, user = '', database = user } = client
    throw translateConnectError(error, { host, port, user, database })
  }
  // TLS replaces the stream during connect, so it is read afterwards.
  const { stream } = wire
  return { client, parameters, stream, close: () => closeClient(client, stream) }
}

async function closeClient(client: pg.Client, stream: Duplex): Promise<void> {
  const closed = client.end().catch(() => {})
  // After a broken dump the server may be in the middle of an answer that nobody reads.
  stream.resume()
  await closed
}
