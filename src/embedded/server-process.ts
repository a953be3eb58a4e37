import { type ChildProcess, spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { DatabaseError } from '../lib/errors.ts'
import type { ServerUser } from './platform.ts'
import type { Watchdog } from './watchdog.ts'

/** A program of the Postgres installation that is running, or has ended. */
export interface RunningProgram {
  readonly pid: number
  readonly child: ChildProcess
  /** The last lines of its stderr. */
  readonly tail: readonly string[]
  /** Resolves when it has ended, with its exit code (null after a signal). Never rejects. */
  readonly ended: Promise<number | null>
  hasEnded(): boolean
}

export interface ProgramContext {
  readonly user: ServerUser | undefined
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  readonly watchdog: Watchdog
  readonly log: ((line: string) => void) | undefined
}

const TAIL_LINES = 40

/** Starts a program under the eyes of the watchdog. Throws DatabaseError if the operating system refuses. */
export async function startProgram(path: string, args: string[], context: ProgramContext): Promise<RunningProgram> {
  const { user, env, cwd } = context
  const child = spawn(path, args, {
    ...(user && { uid: user.uid, gid: user.gid }),
    env,
    cwd,
    // Ctrl-C in a terminal goes to its whole process group; the server ends when we say so.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    windowsHide: true,
  })
  // In the same turn as spawn, so that no kill of ours can fall between the two.
  if (child.pid !== undefined) context.watchdog.guard(child.pid)
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (error) => reject(explainSpawnError(path, error, user)))
  })
  const pid = child.pid as number
  const tail: string[] = []
  const stderr = child.stderr as Socket
  createInterface({ input: stderr }).on('line', (line) => {
    if (tail.push(line) > TAIL_LINES) tail.shift()
    context.log?.(line)
  })
  let over = false
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', () => {
      over = true
      context.watchdog.release(pid)
    })
    // After `exit`, when the last lines of stderr are in.
    child.once('close', (code) => resolve(code))
  })
  return { pid, child, tail, ended, hasEnded: () => over }
}

/** Lets our process end while the program is running. Whoever waits for it must hold it again with `child.ref()`. */
export function letGo({ child }: RunningProgram): void {
  child.unref()
  ;(child.stderr as Socket).unref()
}

function explainSpawnError(path: string, error: NodeJS.ErrnoException, user: ServerUser | undefined): DatabaseError {
  const hints: Record<string, string> = {
    // The file is there, so it's the program interpreter that isn't.
    ENOENT: 'these binaries need glibc; on musl (Alpine) point the command at a server of your own with --database',
    EACCES: `the folders above it must be open to user ${user?.name ?? 'you'}, and the file executable`,
    EPERM: `we run as root and Postgres refuses to; dropping to user ${user?.name ?? 'nobody'} isn't permitted here`,
    EINVAL: `this container doesn't map user ${user?.name ?? 'nobody'}; start as an ordinary user instead of root`,
  }
  const hint = hints[error.code ?? '']
  return new DatabaseError('embedded_start', `can't run ${path}: ${error.message}`, {
    cause: error,
    ...(hint && { hint }),
  })
}

/** The line of a failed program's stderr that says most. */
export function pickReason(tail: readonly string[]): string {
  const line = tail.find((text) => /(FATAL|PANIC|error):/i.test(text)) ?? tail.at(-1) ?? 'it said nothing'
  return line.replace(/^.*?\b(FATAL|PANIC|error):\s*/i, '')
}
