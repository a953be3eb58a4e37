import type { Client, ClientConfig, Pool } from 'pg'

const CONNECT_TIMEOUT_MS = 10_000
const CLOSE_TIMEOUT_MS = 1_000

/** A client of the pool's own class with the pool's own way to connect. Throws when the pool has none. */
export function buildOwnClient(pool: Pool, settings: ClientConfig): Client {
  const { Client } = pool as unknown as { Client: new (config: ClientConfig) => Client }
  const { password } = pool.options
  const config: ClientConfig = {
    ...pool.options,
    pipeline: false,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    ...settings,
  }
  // The pool hides it from enumeration, so the spread leaves it behind; it stays hidden here too.
  if (password !== undefined) {
    Object.defineProperty(config, 'password', {
      value: password,
      enumerable: false,
      configurable: true,
      writable: true,
    })
  }
  return new Client(config)
}

/** Connects it, and lets the process end while it is open. */
export async function connectUnnoticed(client: Client): Promise<void> {
  unref(client)
  await client.connect()
  // Again, because TLS puts another socket in place of the first.
  unref(client)
}

/** Resolves when the connection has ended, after a second at the latest. */
export async function endClient(client: Client): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      client.connection?.stream.destroy()
      resolve()
    }, CLOSE_TIMEOUT_MS)
  })
  await Promise.race([client.end().catch(() => {}), timeout])
  clearTimeout(timer)
}

function unref(client: Client): void {
  const { unref } = client as { unref?: () => void }
  unref?.call(client)
}
