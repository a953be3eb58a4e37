import type { ClientBase, CustomTypesConfig, Pool, PoolClient, QueryConfig } from 'pg'
import { ANSWERS_WITHIN_MS, type Ask, type ListenEvents, type StateSource } from './follower.ts'
import { Listener } from './listener.ts'
import { useSpareClient } from './spare-client.ts'

// The application may have parsers of its own, in the pool's options or set for the whole driver.
const AS_TEXT: CustomTypesConfig = { getTypeParser: () => (value: string) => value }

/** Reaches the control state over a pool of pg, and with a LISTEN connection beside it. */
export class PoolStateSource implements StateSource {
  #acquire: () => Promise<PoolClient>
  #pool: Pool
  #random: () => number
  #listener: Listener | undefined

  /** `acquire` gives a client of the pool, on whichever side. */
  constructor(pool: Pool, acquire: () => Promise<PoolClient>, random: () => number) {
    this.#pool = pool
    this.#acquire = acquire
    this.#random = random
  }

  get listening(): boolean {
    return this.#listener?.connected ?? false
  }

  async lend(use: (ask: Ask) => Promise<boolean>): Promise<void> {
    let isTold = true
    const acquire = async (): Promise<PoolClient> => {
      const client = await this.#acquire()
      isTold = typeof client.getTransactionStatus === 'function'
      return client
    }
    if (await useSpareClient(acquire, (client) => use(buildAsk(client)))) return
    if (isTold) throw new Error('no client of the pool came free, outside a transaction')
    throw new TypeError('this version of pg does not tell whether a client is in a transaction')
  }

  startListening(events: ListenEvents): void {
    this.#listener ??= new Listener(this.#pool, {
      random: this.#random,
      onConnected: (client) => events.onConnected(buildAsk(client)),
      onNotification: (client) => events.onNotification(buildAsk(client)),
      onLost: events.onLost,
    })
    this.#listener.start()
  }

  async stopListening(): Promise<void> {
    await this.#listener?.stop()
  }
}

function buildAsk(client: ClientBase): Ask {
  return async (text) => {
    // pg takes the timeout with each query, and its types don't say so.
    const question = { text, types: AS_TEXT, query_timeout: ANSWERS_WITHIN_MS } as QueryConfig
    const { rows } = await client.query<{ answer: string | null }>(question)
    return rows[0]?.answer ?? null
  }
}
