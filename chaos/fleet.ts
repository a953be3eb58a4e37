import { type ChildProcess, fork } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { FromApplication, Mode, Settings, ToApplication } from './application/messages.ts'

const MAIN = fileURLToPath(new URL('./application/main.ts', import.meta.url))
const PROCESSES = 3
const PAUSE_MS = 45
const ANSWERS_WITHIN_MS = 60_000

/** What the application met. */
export interface Met {
  readonly at: number
  readonly side: 'old' | 'new' | 'read'
  readonly code: string
  readonly message: string
}

/** The live application: processes that write until they are told to stop, and come back when they are killed. */
export class Fleet {
  readonly #databaseUrl: string
  readonly #directory: string
  readonly #seed: string
  readonly #slots: { child: ChildProcess; at: Mode | null }[] = []
  #mode: Mode = 'old'
  #stopped = false

  constructor(databaseUrl: string, directory: string, seed: string) {
    this.#databaseUrl = databaseUrl
    this.#directory = directory
    this.#seed = seed
  }

  get journals(): string[] {
    return Array.from({ length: PROCESSES }, (_, n) => join(this.#directory, `journal-${n}.jsonl`))
  }

  async start(): Promise<void> {
    for (let n = 0; n < PROCESSES; n++) this.#launch(n)
    await this.setMode('old')
  }

  get mode(): Mode {
    return this.#mode
  }

  /** Resolves when no transaction of another mode is under way. */
  async setMode(mode: Mode): Promise<void> {
    this.#mode = mode
    for (const { child } of this.#slots) tell(child, { mode })
    for (const until = Date.now() + ANSWERS_WITHIN_MS; this.#slots.some((slot) => slot.at !== mode); await sleep(5)) {
      if (Date.now() > until) throw new Error(`the application doesn't go to mode ${mode}`)
    }
  }

  /** kill -9, at once or around the next commit of that process. */
  kill(n: number, die: ToApplication['die'] | 'now'): void {
    const child = this.#slots[n % PROCESSES]?.child
    if (child === undefined) return
    if (die === 'now' || die === undefined) child.kill('SIGKILL')
    else tell(child, { die })
  }

  /** What was met since the last call. */
  takeMet(): Met[] {
    const all = existsSync(this.#errorsPath) ? readFileSync(this.#errorsPath, 'utf8').split('\n').filter(Boolean) : []
    const fresh = all.slice(this.#taken)
    this.#taken = all.length
    return fresh.map((line) => JSON.parse(line) as Met)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(
      this.#slots.map(async ({ child }) => {
        if (child.exitCode !== null || child.signalCode !== null) return
        const gone = new Promise((resolve) => child.once('exit', resolve))
        child.kill('SIGKILL')
        await gone
      }),
    )
  }

  #taken = 0
  get #errorsPath(): string {
    return join(this.#directory, 'errors.jsonl')
  }

  #launch(n: number): void {
    const settings: Settings = {
      databaseUrl: this.#databaseUrl,
      journalPath: this.journals[n] ?? '',
      errorsPath: this.#errorsPath,
      ...{ process: n, processes: PROCESSES, seed: `${this.#seed} ${n}`, pauseMs: PAUSE_MS, mode: this.#mode },
    }
    const child = fork(MAIN, [JSON.stringify(settings)], {
      execArgv: ['--import', 'jiti/register'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    const slot = { child, at: null as Mode | null }
    this.#slots[n] = slot
    let said = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-2000)
    })
    child.on('message', (message: FromApplication) => {
      slot.at = message.at
    })
    child.on('error', () => undefined)
    child.once('exit', (code, signal) => {
      slot.at = null
      if (this.#stopped) return
      if (signal !== 'SIGKILL') {
        const message = `process ${n} ended with ${code}: ${said}`
        appendFileSync(this.#errorsPath, `${JSON.stringify({ at: Date.now(), side: 'old', code: 'ended', message })}\n`)
      }
      this.#launch(n)
    })
  }
}

function tell(child: ChildProcess, message: ToApplication): void {
  if (child.connected) child.send(message, () => undefined)
}
