import type { ISql, TransactionSql } from 'postgres'
import { ANSWERS_WITHIN_MS, type Ask, type ListenEvents, type StateSource } from './follower.ts'
import type { AnySql } from './postgres-query.ts'

const CHANNEL = 'crossfade'
const SERVER_PROCESS = /* sql */ `select pg_backend_pid()::text as answer`

type InTransaction = <T>(work: (own: TransactionSql) => Promise<T>) => Promise<T>

/** What `sql.listen` keeps with itself: one connection for all channels, and who listens to which. */
interface Listening {
  sql?: AnySql | undefined
  channels?: Record<string, { result: Promise<unknown>; listeners: { fn: unknown }[] }> | undefined
}

/** Reaches the control state over `postgres`: its pool, and the connection that its `listen` has. */
export class SqlStateSource implements StateSource {
  listening = false
  #sql: AnySql
  #inTransaction: InTransaction
  #isShared: boolean | undefined
  #begun = false
  #events: ListenEvents | undefined
  #result: Promise<unknown> | undefined
  #idle: NodeJS.Timeout | undefined

  /** `inTransaction` gives a transaction on the pool, or rejects where the application may have one open itself. */
  constructor(sql: AnySql, inTransaction: InTransaction) {
    this.#sql = sql
    this.#inTransaction = inTransaction
  }

  async lend(use: (ask: Ask) => Promise<boolean>): Promise<void> {
    this.#idle?.refresh()
    await use((question) => soon(this.#inTransaction((own) => ask(own, question))))
  }

  startListening(events: ListenEvents): void {
    this.#events = events
    if (this.#begun) this.#watchChannel()
    else if (this.#isShared !== true) void this.#listen()
  }

  async stopListening(): Promise<void> {
    clearTimeout(this.#idle)
    this.#begun = false
    this.listening = false
    const { channels = {}, sql } = this.#state
    const channel = channels[CHANNEL]
    if (channel === undefined || sql === undefined) return
    channel.listeners = channel.listeners.filter(({ fn }) => fn !== this.#notice)
    if (channel.listeners.length > 0) return
    delete channels[CHANNEL]
    if (Object.keys(channels).length > 0) {
      await sql.unsafe(`unlisten ${CHANNEL}`).catch(() => undefined)
      return
    }
    this.#state.sql = undefined
    await sql.end({ timeout: 0 })
  }

  get #state(): Listening {
    return this.#sql.listen as Listening
  }

  #askHere: Ask = (question) => soon(ask(this.#state.sql ?? this.#sql, question))

  #notice = (): void => {
    if (this.#begun) this.#events?.onNotification(this.#askHere)
  }

  /** Called again by the driver whenever it has listened anew. */
  #noticeConnected = (): void => {
    if (!this.#begun) return
    this.listening = true
    this.#events?.onConnected(this.#askHere)
  }

  async #listen(): Promise<void> {
    this.#begun = true
    try {
      this.#isShared ??= await soon(this.#inTransaction(isBehindPooler))
      if (this.#isShared || !this.#begun) return
      await this.#sql.listen(CHANNEL, this.#notice, this.#noticeConnected)
      this.#stopWhenIdle()
    } catch {
      this.#forgetChannel()
    }
  }

  /** The driver listens anew when the connection is lost, once; where that fails, it keeps a channel that hears nothing. */
  #watchChannel(): void {
    const channel = this.#state.channels?.[CHANNEL]
    if (channel === undefined || channel.result === this.#result) return
    this.#result = channel.result
    Promise.resolve(channel.result).catch(() => this.#forgetChannel())
  }

  #forgetChannel(): void {
    this.#begun = false
    this.listening = false
    delete this.#state.channels?.[CHANNEL]
  }

  /** A program that ends by itself once its connections are idle shall still do so. */
  #stopWhenIdle(): void {
    const seconds = Number(this.#sql.options.idle_timeout)
    if (!(seconds > 0)) return
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => {
      this.#events?.onIdle()
      void this.stopListening()
    }, seconds * 1_000)
    this.#idle.unref()
  }
}

/** Where connections are shared, LISTEN hears nothing. */
async function isBehindPooler(sql: ISql): Promise<boolean> {
  const rows = await sql.unsafe(SERVER_PROCESS).raw()
  return Number(readAnswer(rows)) !== rows.state.pid
}

async function ask(sql: ISql, question: string): Promise<string | null> {
  return readAnswer(await sql.unsafe(question).raw())
}

/** Raw values, which no parser has seen; rows may have been made something else by `transform`. */
function readAnswer(rows: ArrayLike<unknown>): string | null {
  const [value = null] = Object.values(rows[0] ?? {})
  if (value === null) return null
  if (typeof value === 'string' || Buffer.isBuffer(value)) return value.toString()
  throw new TypeError("transform.row makes something else of a row of Crossfade's own")
}

async function soon<T>(answer: PromiseLike<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), ANSWERS_WITHIN_MS)
    timer.unref()
  })
  return Promise.race([answer, late]).finally(() => clearTimeout(timer))
}
