import type { TransactionSql } from 'postgres'
import { Follower } from './follower.ts'
import { readInTransaction } from './own-transaction.ts'
import type { ReadStats } from './pool-options.ts'
import { type AnySql, type OpenQuery, readStatement, type Statement, wantsAllRows } from './postgres-query.ts'
import { type ReadOptions, SideChoice } from './side-choice.ts'
import { SqlStateSource } from './sql-state-source.ts'
import { buildSwitch } from './sql-switch.ts'
import { isStatementError, type StatementError } from './statement-error.ts'

/**
 * Both sides plan a prepared statement for their own search path. Under one text they would share it, and the server
 * refuses that (0A000), in the middle of a transaction of the application too, where a view gives another type.
 */
const OWN_PLAN = ' /* crossfade */'
const BEGINS_BY_HAND = /\b(begin|start\s+transaction)\b/i

/** A read that the draw gave to the new side. */
interface RoutedRead {
  readonly query: OpenQuery
  readonly statement: Statement
  /** The pool's own way to cancel the query. */
  readonly canceller: OpenQuery['canceller']
  /** The statement that asks the new side. */
  asked: OpenQuery | undefined
  isCancelled: boolean
  isSettled: boolean
}

/** Stands between the statements of `postgres` and the pool that sends them, and chooses the side of each read. */
export class SqlRouter {
  #sql: AnySql
  #choice: SideChoice
  #follower: Follower
  #transactions = new Set<Promise<unknown>>()
  #isEnding = false
  /** Statements that wait for our transactions, in order. */
  #held: OpenQuery[] | undefined
  /** What a statement would have been handed to. */
  #send: OpenQuery['handler'] | undefined
  #receive: OpenQuery['handler'] | undefined
  #hasOneConnection: boolean
  #beginsByHand = false
  #readsOld = 0
  #readsNew = 0
  #fallbacks = 0

  constructor(sql: AnySql, options: ReadOptions) {
    this.#sql = sql
    this.#hasOneConnection = Number(sql.options.max) === 1
    const source = new SqlStateSource(sql, (work) => this.#inTransaction(work))
    this.#follower = new Follower(source, {
      random: Math.random,
      canListen: true,
      onFaulty: (error) => this.#choice.warnOnce(`control state: ${error.message}`),
    })
    this.#choice = new SideChoice(this.#follower.control, options)
  }

  readStats(): ReadStats {
    return {
      percent: this.#choice.percent,
      version: this.#choice.version,
      readsOld: this.#readsOld,
      readsNew: this.#readsNew,
      fallbacks: this.#fallbacks,
      retries: 0,
    }
  }

  /** Lets this router have a statement when it is about to be sent. */
  watch(query: OpenQuery): OpenQuery {
    this.#send ??= query.handler
    // The driver asks its handler whether stacks are wanted.
    this.#receive ??= Object.assign((sent: OpenQuery) => this.#handle(sent), { debug: query.handler.debug })
    query.handler = this.#receive
    return query
  }

  /** `sql.end`: reads that were sent before it are answered, within its timeout. */
  async end(options?: { timeout?: number | undefined }): Promise<void> {
    const { timeout } = options ?? {}
    const began = performance.now()
    if (timeout !== 0) {
      // What was called just before is handed over in this tick.
      await new Promise(setImmediate)
      this.#isEnding = true
      await this.#settleTransactions(timeout)
    }
    this.#isEnding = true
    const left = typeof timeout === 'number' ? Math.max(0, timeout - (performance.now() - began) / 1_000) : timeout
    await Promise.all([this.#follower.close(), this.#sql.end({ ...options, timeout: left })])
  }

  async #settleTransactions(timeout?: number): Promise<void> {
    const settled = Promise.allSettled(this.#transactions)
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      if (typeof timeout === 'number') timer = setTimeout(resolve, timeout * 1_000)
    })
    await Promise.race([settled, late]).finally(() => clearTimeout(timer))
  }

  #handle(query: OpenQuery): void {
    this.#follower.noticeTraffic()
    let statement: Statement | null = null
    try {
      if (!this.#beginsByHand) statement = this.#choose(query)
    } catch (error) {
      // A fault of ours must not stop a statement.
      this.#choice.warnOnce(`a read stays on the old side, since it could not be looked at (${String(error)})`)
    }
    if (statement === null) this.#sendOld(query)
    else void this.#read(query, statement)
  }

  async #inTransaction<T>(work: (own: TransactionSql) => Promise<T>): Promise<T> {
    if (this.#beginsByHand) throw new Error('the application may have a transaction open')
    const transaction = readInTransaction(this.#sql, work)
    this.#transactions.add(transaction)
    try {
      return await transaction
    } finally {
      this.#transactions.delete(transaction)
    }
  }

  #sendOld(query: OpenQuery): void {
    if (this.#held === undefined) this.#send?.(query)
    else this.#held.push(query)
  }

  /** What is to be asked of the new side, or null. */
  #choose(query: OpenQuery): Statement | null {
    if (this.#isEnding || !wantsAllRows(query)) return null
    const statement = this.#readStatement(query)
    if (statement === null) return null
    const { text, values } = statement
    const tables = this.#choice.migratedTables(text)
    if (tables.length === 0) {
      this.#noticeBegin(text)
      return null
    }
    if (this.#choice.fitsNew({ text, values, tables })) return statement
    this.#readsOld += 1
    return null
  }

  /** null where the driver will say what is wrong with it. */
  #readStatement(query: OpenQuery): Statement | null {
    try {
      return readStatement(this.#sql, query)
    } catch {
      return null
    }
  }

  /** The driver lets a transaction be begun by hand where there is one connection; ours must not end it. */
  #noticeBegin(text: string): void {
    if (!this.#hasOneConnection || !BEGINS_BY_HAND.test(text)) return
    this.#beginsByHand = true
    this.#choice.warnOnce('a transaction was begun by hand (max: 1): from now on all reads are old; use sql.begin()')
    // One of ours that has just been asked for comes first.
    this.#held = []
    void this.#settleTransactions().then(() => {
      const held = this.#held ?? []
      this.#held = undefined
      for (const query of held) this.#sendOld(query)
    })
  }

  /** Never rejects: what happens reaches the query. */
  async #read(query: OpenQuery, statement: Statement): Promise<void> {
    const { canceller } = query
    const read: RoutedRead = { query, statement, canceller, asked: undefined, isCancelled: false, isSettled: false }
    query.canceller = () => {
      read.isCancelled = true
      if (read.asked === undefined) canceller?.(query)
      else read.asked.cancel()
    }
    try {
      await this.#inTransaction((own) => this.#readIn(own, read))
    } catch (error) {
      // There was no connection for it, which the old side would wait for and miss once more. What the server said is
      // about our transaction, or about the read, which has been settled then.
      if (!read.isSettled && !read.isCancelled && !this.#beginsByHand && !isFromServer(error)) {
        read.isSettled = true
        query.reject(error)
      }
    }
    if (!read.isSettled && !read.isCancelled) this.#fallBack(read)
  }

  async #readIn(own: TransactionSql, read: RoutedRead): Promise<void> {
    // Decided again: it may have waited for its connection.
    const state = this.#choice.stateOfNew
    if (state === null || read.isCancelled) return
    // Both are sent at once, in the order in which they are made: where the path isn't switched, the answer is the old side's.
    const switching = own.unsafe(buildSwitch(state)).raw()
    const asked = this.#buildAsked(own, read)
    read.asked = asked
    const [switched, answer] = await Promise.allSettled([switching, asked])
    const isNew = switched.status === 'fulfilled' && switched.value.count === 1
    if (switched.status === 'fulfilled' && !isNew) {
      this.#choice.warnOnce('a name of a migrated table means another table on the search path: it reads old')
    }
    if (answer.status === 'fulfilled') {
      read.isSettled = true
      if (isNew) this.#readsNew += 1
      else this.#readsOld += 1
      return read.query.resolve(answer.value)
    }
    const { reason } = answer
    if (isStatementError(reason) && !read.isCancelled && (isNew || switched.status === 'rejected')) {
      const cause = switched.status === 'rejected' ? switched.reason : reason
      this.#fallBack(read, isStatementError(cause) ? cause : reason)
      throw reason
    }
    read.isSettled = true
    read.query.reject(reason)
    throw reason
  }

  #buildAsked(own: TransactionSql, { query, statement }: RoutedRead): OpenQuery {
    const simple = query.options.simple === true
    // The driver takes one that is there and undefined for false.
    const prepare = 'prepare' in query.options ? query.options.prepare === true : true
    const isPrepared = prepare && !simple && this.#sql.options.prepare
    const text = isPrepared ? statement.text + OWN_PLAN : statement.text
    const options = { simple, prepare }
    const asked = own.unsafe(text, [...statement.parameters] as never[], options)
    if (query.isRaw === 'values') asked.values()
    else if (query.isRaw) asked.raw()
    return asked as unknown as OpenQuery
  }

  /** The old side answers, as it would have without us. */
  #fallBack(read: RoutedRead, refusal?: StatementError): void {
    read.isSettled = true
    read.query.canceller = read.canceller
    this.#readsOld += 1
    if (refusal !== undefined) {
      this.#fallbacks += 1
      this.#choice.warnOfFallback(refusal)
    }
    this.#sendOld(read.query)
  }
}

function isFromServer(error: unknown): boolean {
  return typeof (error as { severity?: unknown } | null)?.severity === 'string'
}
