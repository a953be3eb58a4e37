import type { Client, ClientBase, Pool } from 'pg'
import { buildOwnClient, connectUnnoticed, endClient } from './own-client.ts'

const IDLE_MS = 10_000

/**
 * Where shadow reads run: connections of their own, made like the pool's, or those of a pool that the user gives. The
 * application's pool lends none, so that no request waits for one.
 */
export class ShadowConnections {
  #pool: Pool
  #given: Pool | undefined
  #idle: Client[] = []
  #open = new Set<Client>()
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(pool: Pool, given: Pool | undefined) {
    this.#pool = pool
    this.#given = given
  }

  /** A connection for which `run` throws is not used again. */
  async use<T>(run: (client: ClientBase) => Promise<T>): Promise<T> {
    if (this.#given !== undefined) return await useGiven(this.#given, run)
    const client = this.#idle.pop() ?? (await this.#connect())
    try {
      const result = await run(client)
      this.#rest(client)
      return result
    } catch (error) {
      this.#open.delete(client)
      void endClient(client)
      throw error
    }
  }

  /** Also those that are at work: what they do is off every path. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#endAll([...this.#open])
  }

  async #connect(): Promise<Client> {
    if (this.#closed) throw new Error('the pool has ended')
    const client = buildOwnClient(this.#pool, { application_name: 'crossfade shadow reads' })
    this.#open.add(client)
    client.on('error', () => {})
    client.on('end', () => {
      this.#open.delete(client)
      this.#idle = this.#idle.filter((idle) => idle !== client)
    })
    try {
      await connectUnnoticed(client)
      if (this.#closed) throw new Error('the pool has ended')
      return client
    } catch (error) {
      this.#open.delete(client)
      void endClient(client)
      throw error
    }
  }

  #rest(client: Client): void {
    if (this.#closed || !this.#open.has(client)) return
    this.#idle.push(client)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#endAll(this.#idle.splice(0)), IDLE_MS)
    this.#timer.unref()
  }

  async #endAll(clients: readonly Client[]): Promise<void> {
    for (const client of clients) this.#open.delete(client)
    await Promise.all(clients.map(endClient))
  }
}

async function useGiven<T>(pool: Pool, run: (client: ClientBase) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  const ignore = (): void => {}
  client.on('error', ignore)
  try {
    const result = await run(client)
    client.release()
    return result
  } catch (error) {
    client.release(true)
    throw error
  } finally {
    client.removeListener('error', ignore)
  }
}
