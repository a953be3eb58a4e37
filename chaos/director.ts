import { setTimeout as sleep } from 'node:timers/promises'
import type { Gate } from '../src/control/approvals.ts'
import { isConnectionLost } from '../src/db/sqlstates.ts'
import { CrossfadeError, DatabaseError } from '../src/lib/errors.ts'
import type { Commands } from '../test/scenarios/commands.ts'
import type { Random } from '../test/scenarios/random.ts'
import { type Course, drawPlan, type Kind, type Scene, type Strike, setTrap } from './kills.ts'
import { type Ended, FAULT, startTool } from './tool.ts'

/** One kill, and what came of it. */
export interface Kill {
  readonly life: number
  readonly kind: Kind
  readonly moment: string
  /** The command that was at work. */
  readonly command: string
  readonly statement: string
  /** From the kill until the same command had done its work. */
  recoveredMs: number
}

export interface Findings {
  compared: number
  acked: number
  unknown: number
  lost: number
  differences: number
  readonly met: { lostConnection: number; conflicts: number; refused: number; diskFull: number }
  readonly problems: string[]
}

export interface DirectorOptions {
  readonly scene: Scene
  readonly toolUrl: string
  readonly outDirectory: string
  readonly random: Random
  readonly life: number
  /** How each command goes undisturbed; learned as they run. */
  readonly courses: Map<string, Course>
  readonly disturb: boolean
  readonly log: (line: string) => void
  readonly verbose: boolean
  readonly weights: Parameters<typeof drawPlan>[2]
  /** Runs commands in this process. */
  readonly quiet: (fn: (commands: Commands) => Promise<unknown>) => Promise<unknown>
  /** No kill more than these. */
  readonly killsLeft: () => number
}

const HANGS_MS = 120_000
/** Refusals that pass by themselves. */
const PATIENT = ['run.busy', 'worker.none', 'outbox.waiting', 'locked']
const PATIENCE_MS = 30_000

/** Runs commands, has somebody killed at an instant drawn by chance, and runs the same command again until it is done. */
export class Director {
  readonly kills: Kill[] = []
  readonly findings: Findings = {
    ...{ compared: 0, acked: 0, unknown: 0, lost: 0, differences: 0, problems: [] },
    met: { lostConnection: 0, conflicts: 0, refused: 0, diskFull: 0 },
  }
  readonly scene: Scene
  readonly #options: DirectorOptions
  #child: ReturnType<typeof startTool> | null = null

  constructor(options: DirectorOptions) {
    this.#options = options
    this.scene = { ...options.scene, killTool: () => void this.#child?.child.kill('SIGKILL') }
  }

  fail(problem: string): void {
    this.findings.problems.push(problem)
    this.#options.log(`PROBLEM ${problem}`)
  }

  /** Throws where the command can't be brought to its end. */
  async command(...args: string[]): Promise<void> {
    const name = args.filter((word) => !word.startsWith('--')).join(' ')
    const { random, disturb, courses, log, life, verbose } = this.#options
    const course = courses.get(args[0] ?? '') ?? { ms: 1000, statements: 30, commits: 2 }
    let open: Kill[] = []
    let most = disturb ? (LONG.has(args[0] ?? '') ? 6 : 2) : 0
    for (const until = Date.now() + 5 * HANGS_MS; ; ) {
      const kills = most > 0 && this.#options.killsLeft() > 0 && random.chance(0.85)
      most = kills ? most - 1 : 0
      const { ended, strike } = await this.#once(args, kills ? course : null)
      if (strike) {
        const kill = this.#note(strike, name)
        open.push(kill)
      }
      if (ended.said.includes(FAULT))
        this.fail(`no words for (${name}, ${strike?.kind}, ${strike?.moment}): ${ended.said}`)
      if (ended.code === 0) {
        for (const kill of open) kill.recoveredMs = performance.now() - kill.recoveredMs
        if (verbose) log(`life ${life}: ${name} ${Math.round(ended.ms)} ms`)
        if (!strike && !kills && open.length === 0)
          courses.set(args[0] ?? '', { ms: ended.ms, ...this.scene.proxy.counted })
        return
      }
      if (Date.now() > until) throw new Error(`${name} can't be brought to its end: ${ended.said}`)
      if (strike) {
        await this.scene.victims.ready()
        if (await this.#isDone(args)) {
          for (const kill of open) kill.recoveredMs = performance.now() - kill.recoveredMs
          return
        }
      } else await this.#answer(name, ended)
      open = [...open]
    }
  }

  /** As a person who reads and approves; now and then he is killed too. */
  async approve(gate: Gate): Promise<void> {
    if (this.#options.random.chance(0.2)) await this.command('approve', gate)
    else await this.quietly((commands) => commands.approve(gate))
  }

  /** In this process, where a process of its own for each step would only take time. Again and again while it may pass. */
  async quietly(fn: (commands: Commands) => Promise<unknown>): Promise<void> {
    for (const until = Date.now() + PATIENCE_MS; ; await sleep(200)) {
      try {
        await this.#options.quiet(fn)
        return
      } catch (error) {
        const code = error instanceof CrossfadeError ? error.code : ''
        const passes = PATIENT.includes(code) || isConnectionLost(error) || error instanceof DatabaseError
        if (Date.now() > until || !(passes || code === 'journal.open')) throw error
        if (code === 'journal.open')
          await this.#options.quiet((commands) => commands.acceptJournal()).catch(() => undefined)
      }
    }
  }

  /** What a person does about a refusal that has its reason in a kill before, or in a live application. */
  #refusedSince = 0
  async #answer(name: string, ended: Ended): Promise<void> {
    if (ended.error === 'journal.open') {
      await this.#once(['journal', 'accept', '--all'], null)
      return
    }
    if (!PATIENT.includes(ended.error ?? '') && ended.code !== 3) throw new Error(`${name} is refused: ${ended.said}`)
    if (this.#refusedSince === 0) this.#refusedSince = Date.now()
    if (Date.now() - this.#refusedSince > PATIENCE_MS) throw new Error(`${name} stays refused: ${ended.said}`)
    await sleep(200)
  }

  /** A rollback that was killed after its commit has nothing more to do, and the same command would go one stage further. */
  async #isDone(args: readonly string[]): Promise<boolean> {
    if (args[0] !== 'rollback') return false
    const { document } = await this.#once(['status'], null).then((one) => one.ended)
    const { stage, undo } = document as { stage?: string; undo?: string | null }
    return args[1] === '--to' ? stage === args[2] : undo === null && stage === 'finish'
  }

  async #once(args: readonly string[], course: Course | null): Promise<{ ended: Ended; strike: Strike | null }> {
    const { random, toolUrl, outDirectory } = this.#options
    const trap = course === null ? null : setTrap(this.scene, drawPlan(random, course, this.#options.weights))
    if (trap === null) this.scene.proxy.arm(null, async () => undefined)
    this.#child = startTool(toolUrl, outDirectory, args)
    const timer = setTimeout(() => void this.#hangs(args), HANGS_MS)
    const ended = await this.#child.ended
    clearTimeout(timer)
    this.#child = null
    await trap?.settle()
    const strike = trap?.sprung() ?? null
    if (strike === null && ended.code === 0) this.#refusedSince = 0
    return { ended, strike }
  }

  async #hangs(args: readonly string[]): Promise<void> {
    const seen = await this.scene.victims.ask(
      async (client) =>
        (
          await client.query(
            `select pid, application_name, state, wait_event_type, wait_event, pg_blocking_pids(pid) as by, left(query, 120) as query from pg_stat_activity where datname = current_database()`,
          )
        ).rows,
    )
    this.fail(`${args.join(' ')} hangs: ${JSON.stringify(seen)}`)
    this.#child?.child.kill('SIGKILL')
  }

  #note(strike: Strike, command: string): Kill {
    const { life, log } = this.#options
    const { kind, moment, text, at } = strike
    const kill = { life, kind, moment, command, statement: text, recoveredMs: at }
    this.kills.push(kill)
    log(`life ${life}: ${command}: ${kind}, ${moment}${text ? ` (${text})` : ''}`)
    return kill
  }
}

/** Stages with several transactions of their own. */
const LONG = new Set(['build', 'sync', 'verify', 'move', 'finish', 'rollback'])
