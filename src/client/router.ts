import type { Pool, PoolClient, QueryConfig, QueryResult } from 'pg'
import { Follower } from './follower.ts'
import { PoolStateSource } from './pool-state-source.ts'
import { type Call, parseCall } from './query-call.ts'
import { type NewSideAnswer, type Pooler, readFromNewSide } from './routed-read.ts'
import { SearchPaths } from './search-path.ts'
import { type ReadOptions, SideChoice } from './side-choice.ts'

export interface CrossfadeOptions extends ReadOptions {
  /**
   * What lies between pool and server. `transaction`: a routed read gets a transaction of its own,
   * and there is no LISTEN. `session`: session settings are used unchecked. Default: each client
   * is checked, and what fits is used.
   */
  readonly pooler?: Pooler
}

export interface CrossfadeStats {
  /** What is read from the new side now, 0 to 100, environment included. */
  readonly percent: number
  /** Of the control state; null as long as there is none. */
  readonly version: number | null
  /** Reads of migrated tables that the old side answered, fallbacks included. */
  readonly readsOld: number
  readonly readsNew: number
  /** Reads that the new side refused and the old side answered. */
  readonly fallbacks: number
  /** No statement is ever sent twice to the same side. */
  readonly retries: 0
}

export type ConnectCallback = (
  error: Error | undefined,
  client: PoolClient | undefined,
  done: (release?: Error | boolean) => void,
) => void

interface Original {
  query(...args: unknown[]): unknown
  connect(): Promise<PoolClient>
  connect(callback: ConnectCallback): void
  end(): Promise<void>
}

/** Stands before a pool's own methods and chooses the side of each read. */
export class Router {
  #original: Original
  #pooler: Pooler | undefined
  #paths = new SearchPaths()
  #follower: Follower
  #choice: SideChoice
  #readsOld = 0
  #readsNew = 0
  #fallbacks = 0

  constructor(pool: Pool, options: CrossfadeOptions) {
    this.#original = {
      query: pool.query.bind(pool) as Original['query'],
      connect: pool.connect.bind(pool),
      end: pool.end.bind(pool),
    }
    this.#pooler = options.pooler
    const acquire = () => this.#original.connect()
    this.#follower = new Follower(new PoolStateSource(pool, acquire, Math.random), {
      random: Math.random,
      canListen: options.pooler !== 'transaction',
      onFaulty: (error) => this.#choice.warnOnce(`control state: ${error.message}`),
    })
    this.#choice = new SideChoice(this.#follower.control, options)
  }

  readStats(): CrossfadeStats {
    return {
      percent: this.#choice.percent,
      version: this.#choice.version,
      readsOld: this.#readsOld,
      readsNew: this.#readsNew,
      fallbacks: this.#fallbacks,
      retries: 0,
    }
  }

  /** `pool.query`, with whatever the application passes. */
  query(args: unknown[]): unknown {
    this.#follower.noticeTraffic()
    const call = parseCall(args)
    const tables = call === null ? [] : this.#choice.migratedTables(call.query.text)
    if (call === null || tables.length === 0) return this.#original.query(...args)
    if (!this.#choice.fitsNew({ text: call.query.text, values: call.query.values ?? [], tables })) {
      this.#readsOld += 1
      return this.#original.query(...args)
    }
    const answer = this.#read(call)
    const { callback } = call
    if (callback === undefined) return answer
    // Outside the promise, so that what the callback throws is uncaught, as it is without us.
    answer.then(
      (result) => process.nextTick(callback, undefined, result),
      (error) => process.nextTick(callback, error),
    )
    return undefined
  }

  /** Whether the draw would decide about what `pool.query` gets. */
  isRead(args: unknown[]): boolean {
    const call = parseCall(args)
    return call !== null && this.#choice.migratedTables(call.query.text).length > 0
  }

  /** `pool.connect`: what it hands out is on its own search path. */
  connect(callback?: ConnectCallback): Promise<PoolClient> | undefined {
    this.#follower.noticeTraffic()
    if (callback === undefined) return this.#original.connect().then((client) => this.#bringBack(client))
    this.#original.connect((error, client, done) => {
      // In the same tick as without us, where there is nothing to do.
      if (client === undefined || !this.#paths.isOnNewSide(client)) return callback(error, client, done)
      this.#bringBack(client).then(
        (client) => process.nextTick(callback, undefined, client, client.release),
        (error) => process.nextTick(callback, error, undefined, () => {}),
      )
    })
    return undefined
  }

  /** `pool.end`: the LISTEN connection ends with the pool's own. */
  end(callback?: () => void): Promise<void> | undefined {
    const ended = Promise.all([this.#original.end(), this.#follower.close()]).then(() => {})
    if (callback === undefined) return ended
    ended.then(
      () => process.nextTick(callback),
      (error) => process.nextTick(callback as (error: Error) => void, error),
    )
    return undefined
  }

  /** The client, on its own search path; or another one, when it can't be brought back to it. */
  async #bringBack(client: PoolClient): Promise<PoolClient> {
    if (!this.#paths.isOnNewSide(client)) return client
    try {
      await useClient(client, () => this.#paths.restore(client))
      return client
    } catch {
      // It has been released for good; another one is as good as this.
    }
    return this.#bringBack(await this.#original.connect())
  }

  /** One read that the draw gave to the new side. */
  async #read(call: Call): Promise<QueryResult> {
    try {
      const client = await this.#original.connect()
      const answer = await useClient(client, () => this.#readNew(client, call.query))
      if (answer.kind === 'answered') {
        client.release()
        this.#readsNew += 1
        return answer.result
      }
      const oldClient = await this.#bringBack(client)
      const result = await useClient(oldClient, () => oldClient.query<QueryResult, unknown[]>(...call.withoutCallback))
      oldClient.release()
      this.#readsOld += 1
      if (answer.kind === 'failed') {
        this.#fallbacks += 1
        this.#choice.warnOfFallback(answer.error)
      }
      return result
    } catch (error) {
      // As pg does: the stack should lead to the caller, not to the socket.
      if (error instanceof Error) Error.captureStackTrace(error)
      throw error
    }
  }

  async #readNew(client: PoolClient, query: QueryConfig): Promise<NewSideAnswer> {
    const state = this.#choice.stateOfNew
    if (state === null) return { kind: 'unfit', why: 'rolled back' }
    if (client.getTransactionStatus?.() !== 'I') return { kind: 'unfit', why: 'in a transaction' }
    const answer = await readFromNewSide(client, query, state, this.#paths, this.#pooler)
    if (answer.kind !== 'unfit') return answer
    if (answer.why === 'other server') {
      this.#pooler = 'transaction'
    } else if (answer.why === 'other tables') {
      this.#choice.warnOnce(
        'a name of a migrated table means another table on the search path of this pool: it reads old',
      )
    }
    return answer
  }
}

/** Runs statements on a client of the pool. A client for which that throws is thrown away, as the pool does. */
async function useClient<T>(client: PoolClient, run: () => Promise<T>): Promise<T> {
  // Without a listener an 'error' is uncaught; what happened reaches the statement that was running.
  const ignore = () => {}
  client.on('error', ignore)
  try {
    return await run()
  } catch (error) {
    client.release(error instanceof Error ? error : true)
    throw error
  } finally {
    client.removeListener('error', ignore)
  }
}
