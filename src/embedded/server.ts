import { join, resolve } from 'node:path'
import { UsageError } from '../lib/errors.ts'
import { assertMajor, defaultMajor, findBinaries, type PostgresMajor } from './binaries.ts'
import { assertEnterable, createCluster, readClusterMajor, readOwner, readPassword } from './data-folder.ts'
import { installBinaries } from './installation.ts'
import { buildServerEnvironment, readUnprivilegedUser } from './platform.ts'
import { type Postmaster, type StopMode, startPostmaster, stopPostmaster } from './postmaster.ts'
import { createTemporaryFolder } from './reachable.ts'
import type { ProgramContext } from './server-process.ts'
import { startWatchdog } from './watchdog.ts'

export interface ServerOptions {
  /** Default: the version of the data folder, or 18. */
  readonly version?: PostgresMajor
  /** Default: a fresh temporary folder. A folder that is named here is never removed. */
  readonly dataDir?: string
  /** Server settings, as on the command line of `postgres`. */
  readonly settings?: Record<string, string>
  /** Leave the temporary data folder behind. */
  readonly keep?: boolean
  /** The port to try first; another one is taken if it isn't free. */
  readonly port?: number
  /** Receives each line of the server's log. */
  readonly log?: (line: string) => void
}

export interface Server {
  /** As superuser `postgres`, with a random password, over the loopback. */
  readonly url: string
  readonly port: number
  readonly dataDir: string
  readonly version: PostgresMajor
  readonly pid: number
  /** Stops the server and removes the temporary folders. A second call waits for the first. */
  stop(mode?: StopMode): Promise<void>
  /** A stop (fast, if nothing else is said) and a start, on the same port while it is free. Settings may have changed on disk meanwhile. */
  restart(mode?: StopMode): Promise<void>
}

/**
 * Starts a real Postgres server of our own, which ends when this process ends, however that happens. It doesn't keep
 * this process alive. Throws UsageError (no binaries, unusable folder) or DatabaseError (the server refused).
 */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const present = options.dataDir === undefined ? undefined : readClusterMajor(options.dataDir)
  const version = chooseVersion(options, present)
  const binaries = findBinaries(version)
  const ourUser = readUnprivilegedUser()
  const user = options.dataDir === undefined ? ourUser : readOwner(options.dataDir, ourUser)

  const runFolder = createTemporaryFolder(user)
  const throwAway = options.dataDir === undefined && !options.keep
  const dataDir = resolve(options.dataDir ?? join(options.keep ? createTemporaryFolder(user) : runFolder, 'data'))
  const watchdog = startWatchdog({ remove: [runFolder], signal: throwAway ? 'SIGQUIT' : 'SIGINT' })
  try {
    const { bin, libraryPath } = installBinaries(binaries.native, runFolder, user)
    const env = buildServerEnvironment(libraryPath)
    const context: ProgramContext = { user, env, cwd: runFolder, watchdog, log: options.log }
    if (present === undefined) await createCluster(bin, dataDir, context, { sync: !throwAway })
    else assertEnterable(join(dataDir, '..'), user)

    const start = (port?: number) => startPostmaster(bin, dataDir, options.settings ?? {}, context, port)
    const stop = (running: Postmaster, mode: StopMode) => stopPostmaster(bin, dataDir, running, mode)
    const first = await start(options.port)
    return handle({ dataDir, version, start, stop, close: watchdog.close, throwAway }, first)
  } catch (error) {
    await watchdog.close()
    throw error
  }
}

interface Controls {
  readonly dataDir: string
  readonly version: PostgresMajor
  readonly throwAway: boolean
  start(port?: number): Promise<Postmaster>
  stop(running: Postmaster, mode: StopMode): Promise<void>
  close(): Promise<void>
}

function handle(controls: Controls, first: Postmaster): Server {
  const { dataDir, version } = controls
  const password = readPassword(dataDir)
  let running = first
  let stopped: Promise<void> | undefined
  return {
    dataDir,
    version,
    get url() {
      return `postgres://postgres:${password}@127.0.0.1:${running.port}/postgres`
    },
    get port() {
      return running.port
    },
    get pid() {
      return running.program.pid
    },
    stop(mode = controls.throwAway ? 'immediate' : 'fast') {
      stopped ??= controls.stop(running, mode).finally(controls.close)
      return stopped
    },
    async restart(mode = 'fast') {
      if (stopped)
        throw new UsageError('embedded_stopped', 'the embedded server was stopped', { hint: 'start a new one' })
      await controls.stop(running, mode)
      running = await controls.start(running.port)
    },
  }
}

function chooseVersion(options: ServerOptions, present: PostgresMajor | undefined): PostgresMajor {
  const version = options.version ?? present ?? defaultMajor
  assertMajor(version)
  if (present !== undefined && present !== version) {
    throw new UsageError(
      'embedded_version',
      `${options.dataDir} holds a cluster of Postgres ${present}, not ${version}`,
      {
        hint: `take version ${present}, or another data folder`,
      },
    )
  }
  return version
}
