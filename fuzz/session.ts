import pg from 'pg'
import type { Failure, SessionStep, Side } from './case.ts'

/** What became of one statement. */
export interface Outcome {
  readonly step: SessionStep
  readonly session: number
  readonly rows: number | null
  /** What RETURNING gave, as JSON. */
  readonly returned: string
  readonly code: string | null
  readonly message: string | null
  /** The session's limits that it set itself. */
  readonly limits: readonly ('lock_timeout' | 'statement_timeout')[]
  /** READ COMMITTED was what the transaction had asked for. */
  readonly readCommitted: boolean
}

export interface SessionOptions {
  readonly url: string
  readonly number: number
  readonly settings: string
  readonly onOutcome: (outcome: Outcome) => void
  readonly onChange: (failure: Failure) => void
}

const LIMITS = ['lock_timeout', 'statement_timeout'] as const

/** All that a session can set, but what belongs to extensions, and how one transaction was begun. */
const SETTINGS = `select string_agg(name || '=' || setting, ' ' order by name) as settings from pg_settings
  where context in ('user', 'superuser') and name !~ '^transaction_|[.]'`

/**
 * One session of the application. Statements are given to it in order; one that waits for a lock holds up those that
 * come after it in this session, and nobody else.
 */
export class Session {
  readonly #options: SessionOptions
  readonly #queue: SessionStep[] = []
  #client: pg.Client | null = null
  #working: Promise<void> | null = null
  /** After an error in a transaction the server takes nothing but its end. */
  #failed = false
  #inside = false
  #readCommitted = true
  #killed = false
  #settings = ''

  constructor(options: SessionOptions) {
    this.#options = options
  }

  async connect(): Promise<void> {
    this.#client = new pg.Client({ connectionString: this.#options.url, application_name: 'application' })
    this.#client.on('error', () => {})
    await this.#client.connect()
    if (this.#options.settings !== '') await this.#client.query(this.#options.settings)
    this.#settings = await this.#readSettings()
    this.#inside = this.#failed = this.#killed = false
  }

  get pid(): number {
    return (this.#client as unknown as { processID: number }).processID
  }

  get isIdle(): boolean {
    return this.#working === null
  }

  get hasMore(): boolean {
    return this.#queue.length > 0
  }

  /** Of the next statement. */
  get side(): Side | null {
    return this.#queue[0]?.side ?? null
  }

  get change(): Promise<void> {
    return this.#working ?? Promise.resolve()
  }

  /** Its backend has been terminated: it begins again with what comes next. */
  noteKill(): void {
    this.#killed = true
  }

  give(step: SessionStep): void {
    this.#queue.push(step)
  }

  /** Begins the next statement. */
  begin(): void {
    const step = this.#queue.shift()
    if (!step || this.#working !== null) return
    this.#working = this.#run(step).finally(() => {
      this.#working = null
    })
  }

  async end(): Promise<void> {
    await this.#client?.end().catch(() => undefined)
  }

  async #run(step: SessionStep): Promise<void> {
    if (this.#failed && !/^(rollback|commit)/.test(step.sql)) return
    if (this.#inside && step.sql.startsWith('begin')) return
    if (!this.#inside && /^(commit|rollback|savepoint|release)/.test(step.sql)) return
    if (step.sql === 'commit' && !this.#failed) await this.#checkSettings()
    if (!this.#inside) this.#readCommitted = !/repeatable|serializable/.test(this.#options.settings)
    let code: string | null = null
    let message: string | null = null
    let rows: number | null = null
    let returned = ''
    try {
      ;({ rows, returned } = await this.#send(step))
      if (step.sql.startsWith('begin')) {
        this.#inside = true
        this.#readCommitted = /read committed/.test(step.sql)
      }
      if (/^rollback to/.test(step.sql)) this.#failed = false
    } catch (error) {
      code = (error as { code?: string }).code ?? 'lost'
      message = (error as Error).message
      this.#failed = this.#inside
    }
    const { number, onOutcome } = this.#options
    const readCommitted = this.#readCommitted
    const limits = LIMITS.filter((limit) => this.#options.settings.includes(limit))
    if (/^(commit|rollback$)/.test(step.sql)) this.#inside = this.#failed = false
    if (code !== null && (code === 'lost' || code === '57P01' || this.#killed)) {
      await this.end()
      await this.connect()
      code = 'killed'
    }
    onOutcome({ step, session: number, rows, returned, code, message, limits, readCommitted })
  }

  /** What Crossfade sets for itself it takes back, also within the transaction. */
  async #checkSettings(): Promise<void> {
    const now = await this.#readSettings().catch(() => this.#settings)
    const { number, onChange } = this.#options
    if (now === this.#settings) return
    const before = this.#settings.split(' ')
    const changed = now.split(' ').filter((setting) => !before.includes(setting))
    onChange({ kind: 'settings', detail: `session ${number}: ${changed.join(' ')}` })
  }

  async #readSettings(): Promise<string> {
    const { rows } = (await this.#client?.query(SETTINGS)) ?? { rows: [] }
    return String(rows[0]?.settings)
  }

  async #send(step: SessionStep): Promise<Pick<Outcome, 'rows' | 'returned'>> {
    const client = this.#client
    if (!client) throw new Error('not connected')
    if (step.copy !== undefined) return { rows: await copyIn(client, step.sql, step.copy), returned: '' }
    const { rowCount, rows } = await client.query(step.sql)
    return { rows: rowCount, returned: JSON.stringify(rows) }
  }
}

/** COPY … FROM STDIN, which pg knows only as a protocol. */
async function copyIn(client: pg.Client, text: string, data: string): Promise<number | null> {
  return await new Promise((resolve, reject) => {
    let failure: Error | null = null
    client.query({
      submit: (connection: Connection) => connection.query(text),
      handleCopyInResponse(connection: Connection) {
        connection.sendCopyFromChunk(Buffer.from(data))
        connection.endCopyFrom()
      },
      handleCommandComplete() {},
      handleError(error: Error) {
        failure = error
        // After an error of COPY the server sends no more than that.
        reject(error)
      },
      handleReadyForQuery() {
        if (!failure) resolve(null)
      },
      handleRowDescription() {},
      handleDataRow() {},
      handleEmptyQuery() {},
    } as never)
  })
}

interface Connection {
  query(text: string): void
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
}
