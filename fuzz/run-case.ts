import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Stage } from '../src/control/state.ts'
import { CrossfadeError } from '../src/lib/errors.ts'
import { readDefinitions } from '../test/scenarios/definitions.ts'
import { Applier } from './applier.ts'
import type { Case, Command, Failure, Step } from './case.ts'
import { judge } from './check-errors.ts'
import { checkByOracle, type Judged } from './check-oracle.ts'
import { checkSides } from './check-sides.ts'
import { canBeControlled, checkAgainstControl, readOldRows } from './control-run.ts'
import type { FuzzDatabase } from './database.ts'
import { createOldTables } from './old-tables.ts'
import { isBlocked, watchProgress } from './progress.ts'
import { type Outcome, Session } from './session.ts'
import { Tool } from './tool.ts'
import { checkWayBack, climb } from './way-back.ts'

export interface Result {
  readonly failures: readonly Failure[]
  readonly outcomes: readonly Outcome[]
  readonly commands: readonly { readonly command: Command; readonly failed: boolean }[]
  /** The mapping was refused, in these words: the case says nothing. */
  readonly refused: string | null
  /** New rows that were computed by the oracle, too. */
  readonly judged: Judged
}

/** A step that is not done by then is left to itself. */
const STEP_MS = 60

/** Replays a case in the order of its steps, then brings it to quiet and compares both sides. */
export async function runCase(database: FuzzDatabase, given: Case): Promise<Result> {
  const outDir = await mkdtemp(join(tmpdir(), 'crossfade-fuzz-'))
  try {
    await database.clear()
    const replay = new Replay(given, database.url, outDir)
    const result = await replay.run()
    if (result.failures.length > 0 || result.refused !== null || !canBeControlled(given)) return result
    return { ...result, failures: await checkAgainstControl(database, given, result.outcomes, replay.oldRows) }
  } finally {
    await rm(outDir, { recursive: true, force: true })
  }
}

class Replay {
  readonly #case: Case
  readonly #admin: pg.Client
  readonly #sessions: Session[]
  readonly #tool: Tool
  readonly #applier: Applier
  readonly #outcomes: Outcome[] = []
  readonly #failures: Failure[] = []
  readonly #judged: Judged = { rows: 0, unknown: 0 }
  readonly #url: string
  #console: Promise<void> | null = null
  /** When everything was quiet. */
  oldRows: readonly string[] = []
  readonly #commands: { command: Command; failed: boolean }[] = []
  /** When a statement began; null while a command was at work. */
  readonly #idleBefore = new Map<number, boolean>()
  readonly #stageBefore = new Map<number, Stage | null>()

  constructor(given: Case, url: string, outDir: string) {
    this.#case = given
    this.#url = url
    this.#admin = new pg.Client({ connectionString: url, application_name: 'fuzz admin' })
    this.#admin.on('error', () => {})
    this.#sessions = given.settings.map(
      (settings, number) =>
        new Session({
          url,
          number,
          settings,
          onOutcome: (outcome) => this.#note(outcome),
          onChange: (failure) => this.#failures.push(failure),
        }),
    )
    this.#tool = new Tool({
      url,
      outDir,
      model: given.model,
      admin: this.#admin,
      onEnd: (command, failure) => {
        this.#commands.push({ command, failed: failure !== null })
        // Rolled back by somebody while it compared.
        const disturbed = command === 'verify' && given.steps.some((step) => 'console' in step)
        if (failure && !disturbed) this.#failures.push(failure)
      },
    })
    this.#applier = new Applier({
      open: () => this.#tool.db.session(),
      onFailure: (failure) => this.#failures.push(failure),
    })
  }

  async run(): Promise<Result> {
    try {
      await this.#admin.connect()
      await createOldTables(this.#admin, this.#case)
      const definitions = await readDefinitions(this.#admin, 'public')
      await this.#tool.connect()
      const refused = await this.#approveDesign()
      if (refused !== null) return this.#result(refused)
      await Promise.all(this.#sessions.map((session) => session.connect()))
      for (const step of this.#case.steps) {
        await this.#carryOn()
        await this.#take(step)
      }
      if (await this.#comeToQuiet()) {
        this.#tool.allow(Number.POSITIVE_INFINITY)
        for (const check of [
          () => climb(this.#tool.commands, this.#admin),
          () => checkSides(this.#admin),
          () => checkByOracle(this.#admin, this.#case.model, this.#judged),
          () => checkWayBack(this.#tool.commands, this.#admin, definitions),
        ])
          if (this.#failures.length === 0) this.#failures.push(...(await check()))
        this.oldRows = await readOldRows(this.#admin, this.#case.model)
      }
      return this.#result(null)
    } finally {
      await Promise.all([...this.#sessions.map((session) => session.end()), this.#applier.end()])
      await this.#tool.close()
      await this.#admin.end()
    }
  }

  #result(refused: string | null): Result {
    return {
      failures: this.#failures,
      outcomes: this.#outcomes,
      commands: this.#commands,
      refused,
      judged: this.#judged,
    }
  }

  /** The words of a refusal; anything else that goes wrong with a mapping is a failure. */
  async #approveDesign(): Promise<string | null> {
    this.#tool.allow(Number.POSITIVE_INFINITY)
    try {
      await this.#tool.commands.approve('design')
      return null
    } catch (error) {
      const { message, code } = error as { message: string; code?: string }
      if (!(error instanceof CrossfadeError))
        this.#failures.push({ kind: `approve design: ${code}`, detail: String((error as Error).stack) })
      return `${code}: ${message}`
    } finally {
      this.#tool.allow(0)
    }
  }

  async #take(step: Step): Promise<void> {
    if ('session' in step) {
      const session = this.#sessions[step.session]
      session?.give(step)
      if (session?.isIdle) await this.#begin(session, step.session)
    } else if ('command' in step) {
      this.#tool.give(step.command)
      if (step.whole) await this.#finishCommands()
    } else if ('tool' in step) {
      await this.#letToolGo(step.tool)
    } else if ('apply' in step) {
      this.#applier.begin()
      await this.#settle(this.#applier, () => this.#applier.isIdle)
    } else if ('kill' in step) {
      await this.#kill(step.kill)
    } else {
      await this.#rollbackByConsole()
    }
  }

  /** Statements that had to wait for one before them in their session. */
  async #carryOn(): Promise<void> {
    for (const [number, session] of this.#sessions.entries())
      if (session.isIdle && session.hasMore) await this.#begin(session, number)
  }

  async #begin(session: Session, number: number): Promise<void> {
    this.#idleBefore.set(number, this.#tool.isIdle && !this.#console)
    if (session.side === 'new') this.#stageBefore.set(number, await this.#readStage())
    session.begin()
    await this.#settle({ pids: [session.pid], change: session.change }, () => session.isIdle)
  }

  async #settle(actor: { pids: number[]; change: Promise<void> }, isDone: () => boolean): Promise<void> {
    const started = performance.now()
    for (;;) {
      if (isDone()) return
      await Promise.race([actor.change, sleep(2)])
      if (isDone()) return
      const waited = performance.now() - started
      if (waited > STEP_MS) return
      if (waited > 3 && (await isBlocked(this.#admin, actor.pids))) return
    }
  }

  async #letToolGo(statements: number): Promise<void> {
    this.#tool.allow(statements)
    const started = performance.now()
    while (!this.#tool.isIdle && !this.#tool.isStopped) {
      await sleep(1)
      const waited = performance.now() - started
      if (waited > STEP_MS) return
      // Between two tries it sleeps, and that may be long.
      if (waited > 5 && !this.#tool.isSending) return
      if (waited > 5 && (await isBlocked(this.#admin, this.#tool.pids))) return
    }
  }

  async #finishCommands(): Promise<void> {
    this.#tool.allow(Number.POSITIVE_INFINITY)
    for (const stuck = watchProgress(() => this.#outcomes.length + this.#tool.sent); !this.#tool.isIdle && !stuck(); )
      await sleep(1)
    this.#tool.allow(0)
  }

  async #kill(whom: 'tool' | 'applier' | number): Promise<void> {
    if (whom === 'tool') return await this.#tool.kill()
    if (whom === 'applier') return await this.#applier.kill(this.#admin)
    const session = this.#sessions[whom]
    session?.noteKill()
    await this.#admin.query(`select pg_terminate_backend($1)`, [session?.pid])
    await sleep(5)
  }

  /** On a connection of its own: it waits for a command that is in the middle of something. */
  async #rollbackByConsole(): Promise<void> {
    if (this.#console !== null) return
    const client = new pg.Client({ connectionString: this.#url, application_name: 'console' })
    client.on('error', () => {})
    await client.connect()
    this.#console = client
      .query(`select crossfade.rollback()`)
      .catch(({ code, message }: { code: string; message: string }) => {
        this.#failures.push({ kind: `rollback from a console: ${code}`, detail: message })
      })
      .then(() => client.end())
      .finally(() => {
        this.#console = null
      })
    const pid = (client as unknown as { processID: number }).processID
    await this.#settle({ pids: [pid], change: this.#console }, () => this.#console === null)
  }

  async #readStage(): Promise<Stage | null> {
    if (!this.#tool.isIdle || this.#console) return null
    const { rows } = await this.#admin.query<{ stage: Stage }>(`select stage from crossfade.migration`)
    return rows[0]?.stage ?? null
  }

  #note(outcome: Outcome): void {
    this.#outcomes.push(outcome)
    const before = this.#stageBefore.get(outcome.session) ?? null
    const after = this.#tool.isIdle && !this.#console ? before : null
    const alone = this.#sessions.length === 1
    const failure = judge(outcome, { before, after, alone, idle: this.#isToolIdle(outcome.session) })
    if (failure) this.#failures.push(failure)
  }

  #isToolIdle(session: number): boolean {
    return this.#idleBefore.get(session) === true && this.#tool.isIdle && !this.#console
  }

  /** Every session ends its transaction, the tool and the applier what they are at. False where something hangs. */
  async #comeToQuiet(): Promise<boolean> {
    for (const [number, session] of this.#sessions.entries())
      session.give({ session: number, sql: 'commit', side: 'old', kind: 'transaction' })
    this.#tool.allow(Number.POSITIVE_INFINITY)
    for (const stuck = watchProgress(() => this.#outcomes.length + this.#tool.sent); ; await sleep(2)) {
      await this.#carryOn()
      const working = this.#sessions.filter((session) => !session.isIdle || session.hasMore)
      if (working.length === 0 && this.#tool.isIdle && this.#applier.isIdle && !this.#console) return true
      if (stuck()) break
    }
    const { rows } = await this.#admin.query(
      `select pid, application_name, state, wait_event_type, wait_event, pg_blocking_pids(pid) as blockers, left(query, 300) as query from pg_stat_activity where datname = current_database()`,
    )
    this.#failures.push({ kind: 'hangs', detail: JSON.stringify(rows, null, 1) })
    return false
  }
}
