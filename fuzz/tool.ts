import type pg from 'pg'
import { saveArtifacts } from '../src/control/approvals.ts'
import { connect, type Database } from '../src/db/connect.ts'
import { CrossfadeError } from '../src/lib/errors.ts'
import { createLogger } from '../src/lib/log.ts'
import { Commands } from '../test/scenarios/commands.ts'
import type { Command, Failure, Mode, Model } from './case.ts'
import { buildConfig, writeNewTables } from './write-sql.ts'

export interface ToolOptions {
  readonly url: string
  readonly outDir: string
  readonly model: Model
  readonly admin: pg.Client
  readonly onEnd: (command: Command, failure: Failure | null) => void
}

/** Refusals that may be right in the middle of a history: the command is given at any time. */
const REFUSALS =
  /^(stage\.|gate\.(nothing|closed|unclean)|journal\.open|outbox\.waiting|reads\.unverified|locked|rollback\.|backfill_moved)/

/**
 * The commands of `crossfade`, as test/scenarios runs them, one after the other. Each statement that they send passes a
 * gate, so the history decides how far a command gets before the application goes on.
 */
export class Tool {
  readonly #options: ToolOptions
  readonly #waiting: Command[] = []
  readonly #pids = new Map<pg.Client, number>()
  #db: Database | null = null
  #commands: Commands | null = null
  #credits = 0
  #atGate: (() => void)[] = []
  #inFlight = 0
  #sent = 0
  #working: Promise<void> | null = null
  #killed = false

  constructor(options: ToolOptions) {
    this.#options = options
  }

  async connect(): Promise<void> {
    const { url, outDir, model } = this.#options
    this.#db = await connect(url, { applicationName: 'fuzz' })
    this.#commands = new Commands({
      db: { ...this.#db, session: () => this.#session() },
      project: {
        config: buildConfig(model),
        configPath: `${outDir}/crossfade.config.ts`,
        ddl: writeNewTables(model),
        ddlPath: `${outDir}/new.sql`,
        outDir,
      },
      log: createLogger({ stream: { write: () => true } }),
      signal: new AbortController().signal,
    })
  }

  /** The database of the commands, without the gate. */
  get db(): Database {
    if (!this.#db) throw new Error('not connected')
    return this.#db
  }

  get commands(): Commands {
    if (!this.#commands) throw new Error('not connected')
    return this.#commands
  }

  get pids(): number[] {
    return [...this.#pids.values()]
  }

  get isIdle(): boolean {
    return this.#working === null && this.#waiting.length === 0
  }

  /** Nothing more happens before it gets leave. */
  get isStopped(): boolean {
    return this.#working === null || (this.#inFlight === 0 && this.#atGate.length > 0)
  }

  /** Statements so far: whether it gets on. */
  get sent(): number {
    return this.#sent
  }

  get isSending(): boolean {
    return this.#inFlight > 0
  }

  give(command: Command): void {
    this.#waiting.push(command)
    this.#begin()
  }

  /** Lets so many statements pass. */
  allow(statements: number): void {
    this.#credits = Math.min(statements, Number.MAX_SAFE_INTEGER)
    while (this.#credits > 0 && this.#atGate.length > 0) {
      this.#credits--
      this.#atGate.shift()?.()
    }
  }

  async kill(): Promise<void> {
    if (this.#pids.size === 0) return
    this.#killed = true
    await this.#options.admin.query('select pg_terminate_backend(p) from unnest($1::int[]) as p', [this.pids])
  }

  async close(): Promise<void> {
    this.#waiting.length = 0
    this.allow(Number.POSITIVE_INFINITY)
    await this.#db?.close()
  }

  #begin(): void {
    if (this.#working !== null) return
    const command = this.#waiting.shift()
    if (command === undefined) return
    this.#killed = false
    this.#working = this.#run(command).then((failure) => {
      this.#working = null
      this.#options.onEnd(command, failure)
      this.#begin()
    })
  }

  async #run(command: Command): Promise<Failure | null> {
    try {
      await runCommand(command, this.commands, this.#options.admin)
      return null
    } catch (error) {
      return this.#killed ? null : failureOf(command, error)
    }
  }

  async #session(): Promise<pg.Client> {
    const client = await this.db.session()
    this.#pids.set(client, (client as unknown as { processID: number }).processID)
    client.once('end', () => this.#pids.delete(client))
    const query = client.query.bind(client) as (...values: unknown[]) => Promise<unknown>
    client.query = (async (...values: unknown[]) => {
      await this.#pass()
      this.#inFlight++
      this.#sent++
      try {
        return await query(...values)
      } catch (error) {
        Object.assign(error as object, { text: values[0] })
        throw error
      } finally {
        this.#inFlight--
      }
    }) as never
    return client
  }

  async #pass(): Promise<void> {
    if (this.#credits > 0) {
      this.#credits--
      return
    }
    await new Promise<void>((resolve) => this.#atGate.push(resolve))
  }
}

function failureOf(command: Command, error: unknown): Failure | null {
  const { code = '', message } = error as { code?: string; message: string }
  if (error instanceof CrossfadeError && REFUSALS.test(code)) return null
  const { hint, where, stack, text } = error as { hint?: string; where?: string; stack?: string; text?: unknown }
  const own = error instanceof CrossfadeError
  const detail = [message, hint, where, ...(own ? [] : [stack, text])].filter(Boolean).join('\n')
  const kind = message.startsWith('the sides differ') ? 'differs' : code
  return { kind: `${command}: ${kind}`, detail: `${command}: ${code} ${detail}` }
}

/** One step of the way, with the approvals that it needs before it. */
export async function runCommand(command: Command, commands: Commands, admin: pg.Client): Promise<void> {
  if (command === 'rollback') return void (await commands.rollback())
  if (command === 'rollback to design') return void (await commands.rollback('design'))
  if (command === 'verify') return await commands.verify()
  if (command === 'build') return await commands.build()
  const [, mode, table] = /^(inline|outbox): (.*)$/s.exec(command) ?? []
  if (mode && table !== undefined) return await commands.switchMode([table], mode as Mode)
  if (command === 'sync') {
    await commands.approve('build')
    return await commands.sync()
  }
  await commands.acceptJournal()
  await skipReads(commands, admin)
  await commands.move()
}

/** The ramp of the reads moves no data: its end is written down at once. */
async function skipReads(commands: Commands, admin: pg.Client): Promise<void> {
  const { rowCount } = await admin.query(
    `update crossfade.migration set stage = 'reads', read_percent = 100, read_since = now(), verified_at = now()
      where stage in ('sync', 'reads') and in_sync`,
  )
  if (rowCount === 0) return
  await admin.query(
    `insert into crossfade.worker values (0, 'fuzz', now() + interval '1 hour') on conflict (pid) do nothing`,
  )
  const page = { name: 'READS_REPORT.md', content: 'all' }
  await saveArtifacts(admin, 'reads', [page])
  await commands.approve('reads')
}
