import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Activity, FromModule, ModuleKind, ModuleSettings, ToModule, Version } from './activity.ts'

/** Every process of the application, by name. */
const SLOTS: { readonly [name: string]: ModuleKind } = {
  planner: 'planner',
  'poster-1': 'poster',
  'poster-2': 'poster',
  'poster-3': 'poster',
  collector: 'collector',
  'editor-1': 'editor',
  'editor-2': 'editor',
  cleaner: 'cleaner',
  analyst: 'analyst',
}
export const MODULES: readonly string[] = Object.keys(SLOTS)

const STOP_WITHIN_MS = 20_000

interface Running {
  readonly settings: ModuleSettings
  readonly child: ChildProcess
  readonly exited: Promise<void>
  retries: number
  stopping: boolean
  errorOutput: string
}

/** Starts, stops and replaces the application's processes, and collects what they say. */
export class Fleet {
  readonly activity: Activity = { statements: [], writes: [], posts: [] }
  readonly #databaseUrl: string
  readonly #pace: number
  readonly #running = new Map<string, Running>()
  #generation = 0
  #retriesOfTheGone = 0

  constructor(options: { readonly databaseUrl: string; readonly pace?: number }) {
    this.#databaseUrl = options.databaseUrl
    this.#pace = options.pace ?? 1
  }

  /** Statements that wrapped pools tried again by themselves: there must be none. */
  get retriesByPool(): number {
    return [...this.#running.values()].reduce((sum, running) => sum + running.retries, this.#retriesOfTheGone)
  }

  async startAll(version: Version): Promise<void> {
    await Promise.all(MODULES.map(async (name) => this.#running.set(name, await this.#start(name, version))))
  }

  /** As a rolling deploy does: the new process serves before the old one stops. Returns milliseconds. */
  async replace(name: string, version: Version): Promise<number> {
    const started = performance.now()
    const before = this.#running.get(name)
    this.#running.set(name, await this.#start(name, version))
    if (before !== undefined) await this.#stop(before)
    return performance.now() - started
  }

  /** Every process finishes its transaction, hands over its log and ends. */
  async stopAll(): Promise<void> {
    const running = [...this.#running.values()]
    this.#running.clear()
    await Promise.all(running.map((process) => this.#stop(process)))
  }

  /** For when the demo itself fails: ends all processes at once. */
  kill(): void {
    for (const running of this.#running.values()) {
      running.stopping = true
      running.child.kill('SIGKILL')
    }
    this.#running.clear()
  }

  /** Runs `work` while the named modules stand still between two transactions, all that they did being logged. */
  async whileHolding<Result>(names: readonly string[], work: () => Promise<Result>): Promise<Result> {
    const held = [...this.#running].filter(([name]) => names.includes(name)).map(([, running]) => running)
    try {
      await Promise.all(held.map(hold))
      return await work()
    } finally {
      for (const running of held) tell(running, { type: 'continue' })
    }
  }

  async #start(name: string, version: Version): Promise<Running> {
    const kind = SLOTS[name]
    if (kind === undefined) throw new RangeError(`the application has no module ${name}`)
    this.#generation += 1
    const previous = this.#running.get(name)?.settings.lane
    const settings: ModuleSettings = {
      name: `${name}.${this.#generation}`,
      kind,
      version,
      // The two editors have two lanes each, and like the collector they change lanes when they are replaced: both
      // versions run for a while.
      lane: previous === undefined ? (name.endsWith('2') ? 2 : 0) : previous ^ 1,
      pace: this.#pace,
    }
    const child = fork(fileURLToPath(new URL('./main.js', import.meta.url)), [JSON.stringify(settings)], {
      env: buildEnvironment(this.#databaseUrl),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: [],
    })
    const exited = new Promise<void>((resolve) => child.once('close', () => resolve()))
    const running: Running = { settings, child, exited, retries: 0, stopping: false, errorOutput: '' }
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      running.errorOutput = (running.errorOutput + text).slice(-2000)
    })
    const ready = new Promise<void>((resolve) => {
      child.on('message', (message: FromModule) => {
        if (message.type === 'ready') resolve()
        if (message.type === 'activity') this.#collect(running, message)
      })
      child.once('close', () => {
        this.#noticeEnd(running)
        resolve()
      })
    })
    await ready
    return running
  }

  #collect(running: Running, message: Extract<FromModule, { type: 'activity' }>): void {
    this.activity.statements.push(...message.statements)
    this.activity.writes.push(...message.writes)
    this.activity.posts.push(...message.posts)
    running.retries = message.pool.retries
  }

  #noticeEnd(running: Running): void {
    if (running.stopping) return
    this.activity.statements.push({
      at: Date.now(),
      ms: 0,
      outcome: 'failed',
      message: `${running.settings.name} ended by itself: ${running.errorOutput.trim() || 'no word'}`,
    })
  }

  async #stop(running: Running): Promise<void> {
    const late = setTimeout(() => running.child.kill('SIGKILL'), STOP_WITHIN_MS)
    // Set only when it ends in order: a killed one counts as failed.
    running.child.once('disconnect', () => {
      running.stopping = true
    })
    tell(running, { type: 'stop' })
    await running.exited
    clearTimeout(late)
    this.#retriesOfTheGone += running.retries
  }
}

// The variables that lower the ramp are the user's, for another application than this one.
function buildEnvironment(databaseUrl: string): NodeJS.ProcessEnv {
  const { READ_FROM_NEW, READ_FROM_NEW_PERCENTAGE, DUAL_WRITE_ENABLED, ...environment } = process.env
  return { ...environment, DATABASE_URL: databaseUrl }
}

function hold(running: Running): Promise<void> {
  return new Promise((resolve) => {
    const listen = (message: FromModule) => {
      if (message.type !== 'held') return
      running.child.off('message', listen)
      resolve()
    }
    running.child.on('message', listen)
    running.child.once('close', () => resolve())
    tell(running, { type: 'hold' })
  })
}

function tell(running: Running, message: ToModule): void {
  if (running.child.connected) running.child.send(message)
}
