import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import type { Command } from 'commander'
import { sealDraft } from '../design/seal-draft.ts'
import { type Ask, chooseCode, showName } from '../init/choose.ts'
import { findCode } from '../init/find-code.ts'
import { findMigrations, nameTool } from '../init/find-migrations.ts'
import { findUrls } from '../init/find-urls.ts'
import { inspectDatabase } from '../init/inspect-database.ts'
import { settleDatabase } from '../init/settle-database.ts'
import { writeFirstConfig } from '../init/write-first-config.ts'
import { type CrossfadeError, InterruptedError, RefusedError, UsageError } from '../lib/errors.ts'
import { CONFIG_NAMES } from '../lib/own-files.ts'
import { isVariable } from '../spec/config-shape.ts'
import { ask, canAsk } from './ask.ts'
import { type FirstSteps, tellFirstSteps } from './init-page.ts'

interface InitFlags {
  readonly databaseEnv?: string
  readonly databaseFile?: string
  readonly code?: readonly string[]
  readonly migrations?: string
  readonly schema: string
  readonly connect: boolean
  readonly config?: string
  readonly yes?: true
  readonly json?: true
}

/**
 * `crossfade init`: exit code 0 with a configuration, also where the database can't be reached; 1 where there is one already;
 * 2 for wrong words, or no package.json; 130 at Ctrl-C. It is written last, so else nothing is.
 */
export function addInitCommand(program: Command): void {
  program
    .command('init')
    .description('writes a first crossfade.config.ts: where the database, the code and the migrations are')
    .option('--database-env <name>', "the variable that holds the database's URL; else looked for")
    .option('--database-file <file>', 'the file of variables that holds it; else .env.local, .env and .env.development')
    .option('--code <dir...>', 'folders of the code; else looked for')
    .option('--migrations <dir>', 'the folder of the migrations; else looked for')
    .option('--schema <name>', 'the schema of the old tables', 'public')
    .option('--no-connect', "don't try the database")
    .option('--config <file>', 'where the configuration goes; default: crossfade.config.ts')
    .option('--yes', 'take every proposal; without a terminal nothing is asked either')
    .option('--json', 'print what was found as one JSON document on stdout')
    .action(runInit)
}

async function runInit(flags: InitFlags): Promise<void> {
  const cwd = process.cwd()
  const config = resolve(cwd, flags.config ?? 'crossfade.config.ts')
  assertNone(cwd, flags.config)
  await assertPackage(cwd)
  assertFolders(cwd, flags.code ?? [])
  assertVariable(flags.databaseEnv)
  const stop = new AbortController()
  const interrupt = (): void => stop.abort(new InterruptedError('Interrupted.', { hint: 'Nothing was written.' }))
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  try {
    const isAsked = canAsk() && flags.yes !== true
    const steps = await find(cwd, flags, isAsked ? (question) => ask(question, stop.signal) : null, stop.signal)
    stop.signal.throwIfAborted()
    const written = await write(cwd, config, steps, flags.schema)
    const text = flags.json
      ? JSON.stringify({ ok: true, path: written, ...tellPlainly(steps) }, null, 2)
      : tellFirstSteps(steps, written, flags.schema).join('\n')
    process.stdout.write(`${text}\n`)
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
    // A connection that is coming about can't be called off; it has nothing that must be closed.
    if (stop.signal.aborted) setImmediate(() => process.exit())
  }
}

async function find(cwd: string, flags: InitFlags, asker: Ask, signal: AbortSignal): Promise<FirstSteps> {
  const { candidates, warnings } = await findUrls({
    ...{ cwd, environment: process.env },
    ...(flags.databaseFile === undefined ? {} : { file: flags.databaseFile }),
    ...(flags.databaseEnv === undefined ? {} : { name: flags.databaseEnv }),
  })
  const [wrong] = warnings
  if (flags.databaseEnv !== undefined && candidates.length === 0 && wrong !== undefined)
    throw new UsageError('init.url', wrong, { hint: 'Write it as postgres://<user>:<password>@<host>:5432/<database>' })
  const inspect = flags.connect ? async (url: string) => await inspectDatabase(url, flags.schema) : null
  const database = await settleDatabase(candidates, { ask: asker, schema: flags.schema, inspect, signal })
  const found = findCode(cwd)
  const isThere = (path: string): boolean => existsSync(resolve(cwd, path))
  const code = flags.code ?? (await chooseCode(found.code, isThere, asker))
  const migrations = findMigrations(cwd, found.packages)
  const [first, ...others] = migrations.found
  const taken = flags.migrations === undefined ? (first ?? null) : nameTool(cwd, flags.migrations, migrations.found)
  return {
    database,
    unset: {
      env: flags.databaseEnv ?? 'DATABASE_URL',
      ...(flags.databaseFile === undefined ? {} : { file: flags.databaseFile }),
    },
    ...{ candidates, code, styles: found.styles, migrations: taken },
    otherMigrations: flags.migrations === undefined ? others : [],
    warnings: [...warnings, ...(flags.migrations === undefined ? migrations.warnings : [])],
  }
}

/** Returns the path from where the person is. Throws RefusedError where something is there, UsageError where nothing can be. */
async function write(cwd: string, config: string, steps: FirstSteps, schema: string): Promise<string> {
  const at = (path: string): string => relative(dirname(config), resolve(cwd, path)).split(sep).join('/') || '.'
  const { env, file } = steps.database?.settings ?? steps.unset
  const { code, migrations } = steps
  const text = writeFirstConfig(
    {
      database: file === undefined ? { env } : { env, file: at(file) },
      ...(code.length === 0 ? {} : { code: code.map(at) }),
      ...(migrations ? { migrations: { ...migrations.settings, folder: at(migrations.settings.folder) } } : {}),
    },
    schema,
  )
  try {
    await mkdir(dirname(config), { recursive: true })
    await writeFile(config, sealDraft(text, '//'), { flag: 'wx' })
  } catch (cause) {
    const { code: why, message } = cause as NodeJS.ErrnoException
    if (why === 'EEXIST' && existsSync(config)) throw existing(relative(cwd, config))
    throw new UsageError('init.unwritable', `${config} can't be written: ${message}`, {
      hint: 'Run it where you may write, or name a place with --config FILE.',
      cause,
    })
  }
  return relative(cwd, config)
}

function assertNone(cwd: string, named: string | undefined): void {
  const found = (named === undefined ? CONFIG_NAMES : [named]).find((name) => existsSync(resolve(cwd, name)))
  if (found !== undefined) throw existing(found)
}

function existing(name: string): CrossfadeError {
  return new RefusedError('init.exists', `${name} is there already, and stays as it is.`, {
    hint:
      'Go on with it: crossfade map, crossfade snapshot, crossfade overlap, crossfade design. ' +
      'For a new one remove it first, or name another with --config FILE.',
  })
}

async function assertPackage(cwd: string): Promise<void> {
  const path = join(cwd, 'package.json')
  const hint = 'Run it where the package.json of your project is; in a workspace, at its root.'
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const what = cause.code === 'ENOENT' ? `There is no ${path}.` : `${path} can't be read: ${cause.code}.`
    throw new UsageError('init.package', what, { hint, cause })
  })
  try {
    JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (cause) {
    throw new UsageError('init.package', `${path} is not JSON: ${(cause as Error).message}`, {
      hint: 'Correct it first.',
      cause,
    })
  }
}

/** A URL in its place would go into the configuration, with its password. */
function assertVariable(name: string | undefined): void {
  if (name === undefined || isVariable(name)) return
  throw new UsageError('init.database-env', '--database-env takes the name of a variable.', {
    hint: 'For example --database-env DIRECT_URL. The URL itself is never written down: it stays in the environment, or in .env.',
  })
}

function assertFolders(cwd: string, code: readonly string[]): void {
  const missing = code.find((name) => !existsSync(resolve(cwd, name)))
  if (missing === undefined) return
  throw new UsageError('init.code', `There is no file or folder ${showName(missing)}.`, {
    hint: 'Give folders that are there: --code src apps/web',
  })
}

function tellPlainly({ database, unset, candidates, ...rest }: FirstSteps): object {
  const plain = (one: (typeof candidates)[number]) => {
    const { env, file, target, pooler } = one
    return { env, file, ...target, pooler: pooler !== null }
  }
  const { server = null, toSet = null, settings = unset } = database ?? {}
  const chosen = database === null ? {} : plain(database.candidate)
  return {
    database: { ...chosen, ...{ file: null }, ...settings, isSet: database !== null && toSet === null, server },
    candidates: candidates.map(plain),
    ...rest,
    warnings: [...rest.warnings, ...(database?.warnings ?? [])],
  }
}
