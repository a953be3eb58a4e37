import type { Pool, PoolClient, QueryConfig, QueryResult } from 'pg'
import { Follower } from './follower.ts'
import type { Side } from './measures.ts'
import { writeMetrics } from './metrics-text.ts'
import type { Mismatch } from './mismatches.ts'
import type { ConnectCallback, CrossfadeOptions, CrossfadeStats } from './pool-options.ts'
import { PoolStateSource } from './pool-state-source.ts'
import { type Call, parseCall } from './query-call.ts'
import { ReadWatch } from './read-watch.ts'
import { type NewSideAnswer, type Pooler, readFromNewSide } from './routed-read.ts'
import { SearchPaths } from './search-path.ts'
import { SideChoice } from './side-choice.ts'

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
  #watch: ReadWatch
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
    this.#watch = new ReadWatch(pool, {
      ...{ shadow: options.shadow, meter: options.meter, acquire },
      state: () => this.#follower.control.current,
      warnOnce: (message) => this.#choice.warnOnce(message),
    })
  }

  readStats(): CrossfadeStats {
    return {
      percent: this.#choice.percent,
      version: this.#choice.version,
      readsOld: this.#readsOld,
      readsNew: this.#readsNew,
      fallbacks: this.#fallbacks,
      retries: 0,
      shadow: this.#watch.shadow?.tally.readStats() ?? null,
    }
  }

  readMismatches(): readonly Mismatch[] {
    return this.#watch.shadow?.tally.mismatches.list() ?? []
  }

  /** For Prometheus. */
  writeMetrics(): string {
    return writeMetrics({
      measures: this.#watch.measures.list(),
      gauges: { read_percent: this.#choice.percent },
      counters: { fallbacks: this.#fallbacks },
      outcomes: this.#watch.shadow?.tally.outcomes() ?? {},
    })
  }

  /** Tells the database now what was counted. */
  flush(): Promise<void> {
    return this.#watch.reports.flush()
  }

  /** `pool.query`, with whatever the application passes. */
  query(args: unknown[]): unknown {
    this.#follower.noticeTraffic()
    const call = parseCall(args)
    const tables = call === null ? [] : this.#choice.migratedTables(call.query.text)
    if (call === null || tables.length === 0) return this.#original.query(...args)
    if (!this.#choice.fitsNew({ text: call.query.text, values: call.query.values ?? [], tables })) {
      this.#readsOld += 1
      return this.#watch.askOld(call, tables, args, this.#original.query)
    }
    const answer = this.#read(call, tables)
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
    const ended = Promise.all([this.#original.end(), this.#follower.close(), this.#watch.close()]).then(() => {})
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
  async #read(call: Call, tables: readonly string[]): Promise<QueryResult> {
    let side: Side = 'new'
    let since = performance.now()
    const note = (result: QueryResult | null): void =>
      this.#watch.note(call.query, tables, side, performance.now() - since, result)
    try {
      const client = await this.#original.connect()
      const answer = await useClient(client, () => this.#readNew(client, call.query))
      if (answer.kind === 'answered') {
        client.release()
        this.#readsNew += 1
        note(answer.result)
        return answer.result
      }
      if (answer.kind === 'failed') note(null)
      side = 'old'
      since = performance.now()
      const oldClient = await this.#bringBack(client)
      const result = await useClient(oldClient, () => oldClient.query<QueryResult, unknown[]>(...call.withoutCallback))
      oldClient.release()
      this.#readsOld += 1
      note(result)
      if (answer.kind === 'failed') {
        this.#fallbacks += 1
        this.#choice.warnOfFallback(answer.error)
      }
      return result
    } catch (error) {
      note(null)
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
