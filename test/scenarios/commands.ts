import type pg from 'pg'
import type { Gate } from '../../src/control/approvals.ts'
import { acceptJournal } from '../../src/control/journal.ts'
import type { Project } from '../../src/control/project.ts'
import { withRun } from '../../src/control/run.ts'
import { readBuiltState, type Stage } from '../../src/control/state.ts'
import type { Work } from '../../src/control/work.ts'
import type { Database } from '../../src/db/connect.ts'
import type { Logger } from '../../src/lib/log.ts'
import { approve, showGate } from '../../src/lifecycle/approve.ts'
import { build } from '../../src/lifecycle/build.ts'
import { finish } from '../../src/lifecycle/finish.ts'
import { move } from '../../src/lifecycle/move.ts'
import { setReads } from '../../src/lifecycle/ramp.ts'
import { rollback } from '../../src/lifecycle/rollback.ts'
import { sync } from '../../src/lifecycle/sync.ts'
import { setSyncMode } from '../../src/lifecycle/sync-mode.ts'
import { verifyAll } from '../../src/lifecycle/verify.ts'
import type { SyncMode } from '../../src/spec/config.ts'

const PERSON = 'Scenario <scenario@crossfade.invalid>'

export interface CommandsInput {
  readonly db: Database
  readonly project: Project
  readonly log: Logger
  readonly signal: AbortSignal
}

/** The commands of `crossfade`, each on a session of its own and noted in the history, as src/commands runs them. */
export class Commands {
  readonly #input: CommandsInput

  constructor(input: CommandsInput) {
    this.#input = input
  }

  async approve(gate: Gate): Promise<void> {
    await this.#reading(async (session) =>
      approve(session, await showGate(session, this.#input.project, gate), PERSON, 1),
    )
  }

  async build(): Promise<void> {
    const { project } = this.#input
    await this.#changing('build', (session) => build(session, project, this.#input))
  }

  async sync(): Promise<void> {
    await this.#working('sync', (session, work) => sync(session, this.#input.project, work))
  }

  async switchMode(tables: readonly string[], mode: SyncMode): Promise<void> {
    await this.#working(`sync --mode ${mode}`, (session, work) => setSyncMode(session, work, tables, mode))
  }

  /** Throws where the sides differ. */
  async verify(): Promise<void> {
    const { results, clean } = await this.#working('verify', (session, work) => verifyAll(session, work, VERIFY))
    if (!clean) throw new Error(`the sides differ: ${JSON.stringify(results, null, 2)}`)
  }

  /** Has what differs computed again; throws where the sides differ still. */
  async repair(): Promise<void> {
    const { clean } = await this.#working('verify', (session, work) =>
      verifyAll(session, work, { ...VERIFY, repair: true }),
    )
    if (!clean) throw new Error('the sides differ after a repair')
  }

  async acceptJournal(): Promise<number> {
    return await this.#reading((session) => acceptJournal(session, {}, PERSON))
  }

  async reads(percent: number): Promise<void> {
    await this.#changing(`reads ${percent} %`, (session) => setReads(session, this.#input.project, percent, 0))
  }

  async move(): Promise<void> {
    await this.#working('move', (session, work) => move(session, this.#input.project, work))
  }

  async rollback(to: Stage | null = null): Promise<Stage> {
    return (await this.#reading((session) => rollback(session, to))).to
  }

  async finish(rehearsalSeconds: number, quietDays = 0): Promise<string> {
    const options = { quietDays, rehearsalSeconds, haveBackup: true }
    const result = await this.#working('finish', (session, work) => finish(session, this.#input.project, work, options))
    return result.archive
  }

  /** By the mapping that is in force. */
  async work(): Promise<Work> {
    return await this.#reading((session) => this.#workOf(session))
  }

  async #workOf(session: pg.ClientBase): Promise<Work> {
    const { db, log, signal } = this.#input
    return { db, mapping: (await readBuiltState(session)).mapping, log, signal }
  }

  async #working<Result>(name: string, fn: (session: pg.Client, work: Work) => Promise<Result>): Promise<Result> {
    return await this.#changing(name, async (session) => fn(session, await this.#workOf(session)))
  }

  async #changing<Result>(name: string, fn: (session: pg.Client) => Promise<Result>): Promise<Result> {
    return await withRun(this.#input.db, name, PERSON, fn)
  }

  async #reading<Result>(fn: (session: pg.Client) => Promise<Result>): Promise<Result> {
    const session = await this.#input.db.session()
    try {
      return await fn(session)
    } finally {
      await session.end()
    }
  }
}

export const VERIFY = { samples: 20, workers: 1, showValues: true }
