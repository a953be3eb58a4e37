import type { Command } from 'commander'
import type pg from 'pg'
import { readPerson } from '../control/person.ts'
import { loadProject, type Project } from '../control/project.ts'
import { readConfigIfThere } from '../control/read-config.ts'
import { withRun } from '../control/run.ts'
import { readBuiltState } from '../control/state.ts'
import type { Work } from '../control/work.ts'
import { connect, type Database } from '../db/connect.ts'
import { createLogger, type Logger } from '../lib/log.ts'
import type { CrossfadeConfig } from '../spec/config.ts'
import { resolveThrottle } from '../spec/sync-settings.ts'
import { ask, canAsk } from './ask.ts'
import { DATABASE_OPTION, readDatabaseUrl } from './database-url.ts'

export interface Options {
  readonly database?: string
  readonly config?: string
  readonly out?: string
  readonly json?: true
  readonly yes?: true
}

/** What every command needs, opened when it is first asked for. */
export interface Context {
  readonly url: string
  readonly db: Database
  readonly log: Logger
  readonly signal: AbortSignal
  readonly json: boolean
  readonly yes: boolean
  readonly person: string | null
  /** Null where there is none. */
  config(): Promise<CrossfadeConfig | null>
  project(): Promise<Project>
}

/** The document of a command for `--json`, and its text for people. */
export interface Output {
  readonly document: object
  readonly text: readonly string[]
  /** 1 where the check that the command made did not hold. Default 0. */
  readonly exitCode?: 0 | 1
}

/** A command with the options that all share. */
export function command(
  program: Command,
  name: string,
  description: string,
  options: { isDefault?: true } = {},
): Command {
  return program
    .command(name, options)
    .description(description)
    .option(...DATABASE_OPTION)
    .option('--config <file>', 'the mapping; default: crossfade.config.ts')
    .option('--out <dir>', 'folder for artifacts', 'crossfade')
    .option('--json', 'print one JSON document on stdout')
    .option('--yes', 'answer prompts with yes; never makes an approval by itself')
}

/** Connects, runs, prints, closes; errors are left to main. */
export async function run(name: string, options: Options, fn: (context: Context) => Promise<Output>): Promise<void> {
  const place = { cwd: process.cwd(), ...(options.config === undefined ? {} : { config: options.config }) }
  const url = await readDatabaseUrl({ ...options, ...place })
  const log = createLogger({ stream: process.stderr })
  const interrupted = new AbortController()
  const interrupt = (): void => {
    if (interrupted.signal.aborted) process.exit(130)
    log.warn('stopping at the next safe place (Ctrl-C again: at once)')
    interrupted.abort()
  }
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt)
  const db = await connect(url, { applicationName: name })
  try {
    const output = await fn({
      url,
      db,
      log,
      signal: interrupted.signal,
      json: options.json === true,
      yes: options.yes === true,
      person: await readPerson(place.cwd, process.env),
      config: async () => (await readConfigIfThere(place))?.config ?? null,
      project: () => loadProject({ ...place, ...(options.out === undefined ? {} : { out: options.out }) }),
    })
    log.end()
    process.stdout.write(options.json ? `${JSON.stringify(output.document, null, 2)}\n` : `${output.text.join('\n')}\n`)
    process.exitCode = output.exitCode ?? 0
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
    await db.close()
  }
}

/** A run that changes something: alone, and noted in the history. */
export async function changing<Result>(
  context: Context,
  name: string,
  fn: (session: pg.Client) => Promise<Result>,
): Promise<Result> {
  return await withRun(context.db, name, context.person, fn)
}

/** A session that is closed again. */
export async function reading<Result>(context: Context, fn: (session: pg.Client) => Promise<Result>): Promise<Result> {
  const session = await context.db.session()
  try {
    return await fn(session)
  } finally {
    await session.end()
  }
}

/** Long work by the mapping that was built. */
export async function workOf(context: Context, session: pg.ClientBase): Promise<Work> {
  const { mapping } = await readBuiltState(session)
  // As it is now, where there is one: a limit must be changed in a run that it holds up.
  const config = await context.config()
  const throttle = config === null ? {} : { throttle: resolveThrottle(config.sync?.throttle) }
  return { db: context.db, mapping, ...throttle, log: context.log, signal: context.signal }
}

/** Asks a person; `--yes` answers. Without a terminal and without `--yes` the answer is no. Throws InterruptedError at Ctrl-C. */
export async function confirm(context: Context, question: string): Promise<boolean> {
  if (context.yes) return true
  return canAsk() && /^y(es)?$/i.test(await ask(`${question} [y/N] `, context.signal))
}
