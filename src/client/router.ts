import type { Pool, PoolClient, QueryConfig, QueryResult } from 'pg'
import { classify } from './classify.ts'
import { placeOf } from './draw.ts'
import { readEnvironmentLimit } from './environment.ts'
import { Follower } from './follower.ts'
import { type Call, parseCall } from './query-call.ts'
import { type NewSideAnswer, type Pooler, readFromNewSide, type StatementError } from './routed-read.ts'
import { SearchPaths } from './search-path.ts'

const LONGEST_MEMORY_OF_WARNINGS = 100

export interface CrossfadeOptions {
  /** Draws the side of a read, 0 ≤ x < 1. Default: Math.random. */
  readonly random?: () => number
  /** A key whose reads all come from one side, and stay on the new one as the percentage grows; undefined draws. */
  readonly sticky?: (read: StickyRead) => string | undefined
  /** The most that is read from the new side, in percent, by old table. It can only lower. */
  readonly tables?: Readonly<Record<string, number>>
  /** Told once per cause what went wrong and was answered by the old side. Default: process.emitWarning. */
  readonly warn?: (message: string) => void
  /**
   * What lies between pool and server. `transaction`: a routed read gets a transaction of its own,
   * and there is no LISTEN. `session`: session settings are used unchecked. Default: each client
   * is checked, and what fits is used.
   */
  readonly pooler?: Pooler
}

/** What a sticky key may be made of. */
export interface StickyRead {
  readonly text: string
  readonly values: readonly unknown[]
  /** The migrated tables that the statement names. */
  readonly tables: readonly string[]
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
  #random: () => number
  #sticky: CrossfadeOptions['sticky']
  #tables: ReadonlyMap<string, number>
  #pooler: Pooler | undefined
  #paths = new SearchPaths()
  #follower: Follower
  #warn: (message: string) => void
  #warned = new Set<string>()
  #readsOld = 0
  #readsNew = 0
  #fallbacks = 0

  constructor(pool: Pool, options: CrossfadeOptions) {
    this.#original = {
      query: pool.query.bind(pool) as Original['query'],
      connect: pool.connect.bind(pool),
      end: pool.end.bind(pool),
    }
    this.#random = options.random ?? Math.random
    this.#sticky = options.sticky
    this.#tables = new Map(Object.entries(options.tables ?? {}))
    this.#warn = options.warn ?? ((message) => process.emitWarning(message, 'CrossfadeWarning'))
    this.#pooler = options.pooler
    this.#follower = new Follower(pool, {
      acquire: () => this.#original.connect(),
      random: Math.random,
      canListen: options.pooler !== 'transaction',
      onFaulty: (error) => this.#warnOnce(`control state: ${error.message}`),
    })
  }

  readStats(): CrossfadeStats {
    return {
      percent: this.#percent(),
      version: this.#follower.control.lastKnown?.version ?? null,
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
    const tables = call === null ? [] : this.#migratedTables(call.query.text)
    if (call === null || tables.length === 0) return this.#original.query(...args)
    if (this.#place(call.query, tables) * 100 >= this.#percentOf(tables)) {
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

  #percent(): number {
    const percent = this.#follower.control.current?.percent ?? 0
    if (percent === 0) return 0
    return Math.min(
      percent,
      readEnvironmentLimit(process.env, (message) => this.#warnOnce(message)),
    )
  }

  #percentOf(tables: readonly string[]): number {
    if (this.#tables.size === 0) return this.#percent()
    return Math.min(this.#percent(), ...tables.map((name) => this.#tables.get(name) ?? 100))
  }

  /** 0 ≤ x < 1: the lower, the sooner this read comes from the new side. */
  #place(query: QueryConfig, tables: readonly string[]): number {
    if (this.#sticky === undefined) return this.#random()
    try {
      const key = this.#sticky({ text: query.text, values: query.values ?? [], tables })
      if (key !== undefined) return placeOf(key)
    } catch (error) {
      // The read must not fail of it.
      this.#warnOnce(`sticky threw, and the side was drawn (${String(error)})`)
    }
    return this.#random()
  }

  /** Those that a plain read names; none where it is no plain read, or one of them lags. */
  #migratedTables(text: string): string[] {
    const state = this.#follower.control.lastKnown
    if (state === null || state.tables.size === 0) return []
    const found: string[] = []
    for (const name of classify(text) ?? []) {
      if (state.heldBack.has(name)) return []
      if (state.tables.has(name)) found.push(name)
    }
    return found
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
      if (answer.kind === 'failed') this.#countFallback(answer.error)
      return result
    } catch (error) {
      // As pg does: the stack should lead to the caller, not to the socket.
      if (error instanceof Error) Error.captureStackTrace(error)
      throw error
    }
  }

  async #readNew(client: PoolClient, query: QueryConfig): Promise<NewSideAnswer> {
    // Decided again: there may have been a rollback while this read waited for a client.
    const state = this.#follower.control.current
    if (state === null || this.#percent() === 0) return { kind: 'unfit', why: 'rolled back' }
    if (client.getTransactionStatus?.() !== 'I') return { kind: 'unfit', why: 'in a transaction' }
    const answer = await readFromNewSide(client, query, state, this.#paths, this.#pooler)
    if (answer.kind !== 'unfit') return answer
    if (answer.why === 'other server') {
      this.#pooler = 'transaction'
    } else if (answer.why === 'other tables') {
      this.#warnOnce('a name of a migrated table means another table on the search path of this pool: it reads old')
    }
    return answer
  }

  #countFallback(error: StatementError): void {
    this.#fallbacks += 1
    // Messages of class 42 name objects, of which there are few; others may name values.
    const cause = error.code.startsWith('42') ? `${error.code}: ${error.message}` : error.code
    this.#warnOnce(`the new side refused a read, the old side answered it (${cause})`)
  }

  #warnOnce(message: string): void {
    if (this.#warned.has(message) || this.#warned.size >= LONGEST_MEMORY_OF_WARNINGS) return
    this.#warned.add(message)
    this.#warn(message)
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
