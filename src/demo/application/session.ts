import type { Pool, PoolClient, QueryResult, QueryResultRow } from 'pg'
import type { Activity, FollowedValues, ModuleSettings, WriteEntry, WrittenTable } from './activity.ts'
import { plainKey } from './activity.ts'

const SERIALIZATION_FAILURE = '40001'
const MOST_TRIES = 60

export interface Connection {
  /** One statement, timed and logged; throws what the server said. */
  query<Row extends QueryResultRow>(text: string, values?: readonly unknown[]): Promise<QueryResult<Row>>
}

export interface Transaction extends Connection {
  /** Logged when the transaction has committed. */
  wrote(kind: WriteEntry['kind'], table: WrittenTable, key: string, set?: FollowedValues): void
}

/** What a module works with: its pool, its log, and the retry that moved code needs. */
export class Session implements Connection {
  readonly settings: ModuleSettings
  readonly #pool: Pool
  #activity: Activity = { statements: [], writes: [], posts: [] }

  constructor(pool: Pool, settings: ModuleSettings) {
    this.#pool = pool
    this.settings = settings
  }

  /** A read by itself; the wrapped pool may answer it from either side. */
  query<Row extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<QueryResult<Row>> {
    return this.#timed(text, () => this.#pool.query<Row>(text, [...values]))
  }

  /** Runs `work` in a transaction. Code on the new names tries again after a 40001; code on the old ones meets none. */
  async transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    for (let tries = 1; ; tries++) {
      const client = await this.#pool.connect().catch((error: unknown) => {
        this.#logFailure(0, error)
        throw error
      })
      try {
        return await this.#attempt(client, work)
      } catch (error) {
        if (!this.#isConflict(error) || tries === MOST_TRIES) throw error
      } finally {
        client.release()
      }
      await sleep((5 + 15 * Math.random()) * Math.min(tries, 8))
    }
  }

  /** To be called where the outside world has seen the post. */
  posted(key: string): void {
    this.#activity.posts.push({ at: now(), key: plainKey(key) })
  }

  /** Hands over what was logged since the last call. */
  takeActivity(): Activity {
    const taken = this.#activity
    this.#activity = { statements: [], writes: [], posts: [] }
    return taken
  }

  async #attempt<Result>(client: PoolClient, work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    const writes: Omit<WriteEntry, 'at'>[] = []
    const query = <Row extends QueryResultRow>(text: string, values: readonly unknown[] = []) =>
      this.#timed(text, () => client.query<Row>(text, [...values]))
    const { version } = this.settings
    try {
      await query('begin')
      const result = await work({
        query,
        wrote: (kind, table, key, set = {}) => writes.push({ version, kind, table, key: plainKey(key), set }),
      })
      await query('commit')
      const at = now()
      this.#activity.writes.push(...writes.map((write) => ({ at, ...write })))
      return result
    } catch (error) {
      // The first error is the one that counts; a connection that is gone can't roll back.
      await client.query('rollback').catch(() => undefined)
      throw error
    }
  }

  async #timed<Row extends QueryResultRow>(
    text: string,
    run: () => Promise<QueryResult<Row>>,
  ): Promise<QueryResult<Row>> {
    const started = performance.now()
    try {
      const result = await run()
      const side = result.rows[0]?.side
      const ms = performance.now() - started
      const slow = ms > SLOW_MS ? { text: text.replaceAll(/\s+/g, ' ').trim().slice(0, 80) } : {}
      const asked = typeof side === 'string' ? { side } : {}
      this.#activity.statements.push({ at: now(), ms, outcome: 'ok', ...asked, ...slow })
      return result
    } catch (error) {
      this.#logFailure(performance.now() - started, error)
      throw error
    }
  }

  #logFailure(ms: number, error: unknown): void {
    this.#activity.statements.push({
      at: now(),
      ms,
      outcome: this.#isConflict(error) ? 'conflict' : 'failed',
      sqlstate: sqlstateOf(error),
      message: error instanceof Error ? error.message : String(error),
    })
  }

  #isConflict(error: unknown): boolean {
    return this.settings.version === 'native' && sqlstateOf(error) === SERIALIZATION_FAILURE
  }
}

/** Statements that took longer are told with their text. */
const SLOW_MS = 50

function sqlstateOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

/** Milliseconds since the epoch, with fractions: several writes in one millisecond keep their order. */
function now(): number {
  return performance.timeOrigin + performance.now()
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

export function pick<Item>(items: readonly Item[]): Item {
  const item = items[Math.floor(Math.random() * items.length)]
  if (item === undefined) throw new RangeError('nothing to pick from')
  return item
}

/** True with the given probability. */
export function chance(probability: number): boolean {
  return Math.random() < probability
}
