import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { RefusedError } from '../lib/errors.ts'

export interface CommandResult {
  /** The JSON document that the command printed. */
  readonly document: Readonly<Record<string, unknown>>
  readonly ms: number
}

export interface CommandsOptions {
  readonly databaseUrl: string
  readonly configPath: string
  readonly outDirectory: string
  /** Told of each command when it starts, as a person would type it. */
  readonly onStart?: (command: string) => void
}

const BINARY = fileURLToPath(new URL('../main.js', import.meta.url))
const WORKER_STOPS_WITHIN_MS = 10_000

/** The real `crossfade` binary, as a person would call it, in processes of its own. */
export class Commands {
  readonly #options: CommandsOptions
  #worker: { child: ChildProcess; output: () => string; exited: Promise<void> } | null = null
  #workerEnded: string | null = null

  constructor(options: CommandsOptions) {
    this.#options = options
  }

  /** What the worker said when it ended by itself; null while all is well. */
  get workerEnded(): string | null {
    return this.#workerEnded
  }

  /** Throws RefusedError with what the command said when its exit code isn't 0. */
  async run(...args: string[]): Promise<CommandResult> {
    return await this.#run(args, ['--json', '--yes'])
  }

  /** It only reads, so it asks nothing. */
  async check(): Promise<CommandResult> {
    return await this.#run(['check'], ['--json'])
  }

  async #run(args: readonly string[], flags: readonly string[]): Promise<CommandResult> {
    this.#options.onStart?.(`crossfade ${args.join(' ')}`)
    const started = performance.now()
    const { child, output, exited } = this.#spawn([...args, ...flags])
    let printed = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      printed += text
    })
    await exited
    const ms = performance.now() - started
    if (child.exitCode !== 0) {
      const ending = child.exitCode === null ? `was ended by ${child.signalCode}` : `ended with ${child.exitCode}`
      throw new RefusedError('demo_command', `crossfade ${args.join(' ')} ${ending}: ${output() || printed.trim()}`)
    }
    return { document: parseDocument(printed, args), ms }
  }

  approve(gate: string): Promise<CommandResult> {
    return this.run('approve', gate)
  }

  startWorker(): void {
    const worker = this.#spawn(['worker', '--json'])
    worker.child.stdout?.resume()
    this.#worker = worker
    worker.child.once('exit', (code) => {
      if (this.#worker === worker) this.#workerEnded = `crossfade worker ended with ${code}: ${worker.output()}`
    })
  }

  async stopWorker(): Promise<void> {
    const worker = this.#worker
    this.#worker = null
    if (worker === null) return
    worker.child.kill('SIGTERM')
    const late = setTimeout(() => worker.child.kill('SIGKILL'), WORKER_STOPS_WITHIN_MS)
    await worker.exited
    clearTimeout(late)
  }

  #spawn(args: readonly string[]) {
    const { databaseUrl, configPath, outDirectory } = this.#options
    const child = spawn(process.execPath, [BINARY, ...args, '--config', configPath, '--out', outDirectory], {
      env: {
        ...process.env,
        DATABASE_URL: databaseUrl,
        // Who approves in the demo; a command line would show the password, so the address goes this way too.
        GIT_AUTHOR_NAME: 'Crossfade demo',
        GIT_AUTHOR_EMAIL: 'demo@crossfade.invalid',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let errors = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-4000)
    })
    const exited = new Promise<void>((resolve, reject) => {
      child.once('close', () => resolve())
      child.once('error', reject)
    })
    return { child, output: () => errors.trim(), exited }
  }
}

function parseDocument(printed: string, args: readonly string[]): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(printed)
  } catch (cause) {
    throw new RefusedError('demo_command', `crossfade ${args.join(' ')} --json printed no JSON document`, { cause })
  }
}
