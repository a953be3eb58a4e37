import { type ChildProcess, spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'

/**
 * A process of its own that outlives us for a moment. Its stdin is a pipe that only we hold, so it closes however we
 * end: kill -9, TERM, INT, a throw, process.exit. Then it stops what it guards and removes the temporary folders.
 * No signal handler in our own process could do that after kill -9, and none is installed.
 */
export interface Watchdog {
  guard(pid: number): void
  release(pid: number): void
  /** Lets it do its work now, and waits for it. */
  close(): Promise<void>
}

/**
 * `signal` ends the guarded process: SIGQUIT at once, SIGINT cleanly (kept data). Each process is the leader of a
 * group of its own, because initdb has children that would write on.
 */
export function startWatchdog(options: { remove: string[]; signal: 'SIGINT' | 'SIGQUIT' }): Watchdog {
  const { NODE_OPTIONS: _, ...env } = process.env
  const child = spawn(process.execPath, ['--input-type=commonjs', '-e', WATCHDOG, JSON.stringify(options)], {
    // A session of its own: Ctrl-C and a closed terminal reach the whole group, and it must not be in it.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: tmpdir(),
    env,
    windowsHide: true,
  })
  const pipe = child.stdin as Socket
  // Somebody who kills the watchdog loses its protection, not the server.
  pipe.on('error', () => {})
  child.on('error', () => {})
  child.unref()
  pipe.unref()
  let closed: Promise<void> | undefined
  return {
    guard: (pid) => void pipe.write(`+${pid}\n`),
    release: (pid) => void pipe.write(`-${pid}\n`),
    close: () => {
      closed ??= waitForEnd(child, pipe)
      return closed
    },
  }
}

function waitForEnd(child: ChildProcess, pipe: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return resolve()
    child.ref()
    child.once('exit', () => resolve())
    pipe.end()
  })
}

/** Plain CommonJS for `node -e`: the same from src, where Node 20 can't run the TypeScript file, and from dist. */
const WATCHDOG = /* js */ `
const { execFileSync } = require('node:child_process')
const { readFileSync, rmSync } = require('node:fs')
const { remove, signal } = JSON.parse(process.argv[1])
const windows = process.platform === 'win32'
const guarded = new Set()
let rest = ''
let ending = false

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => {})
process.stdin.setEncoding('utf8')
process.stdin.on('data', (text) => {
  const lines = (rest + text).split('\\n')
  rest = lines.pop()
  for (const line of lines) {
    if (line[0] === '+') guarded.add(Number(line.slice(1)))
    else guarded.delete(Number(line.slice(1)))
  }
})
process.stdin.on('error', end)
process.stdin.on('end', end)
process.stdin.on('close', end)

async function end() {
  if (ending) return
  ending = true
  await Promise.all([...guarded].map(stop))
  for (const folder of remove) {
    try {
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
    } catch {}
  }
  process.exit(0)
}

async function stop(pid) {
  if (windows) {
    try {
      execFileSync('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true })
    } catch {}
    return
  }
  const ladder = signal === 'SIGINT' ? [['SIGINT', 20000], ['SIGQUIT', 6000], ['SIGKILL', 1000]] : [['SIGQUIT', 6000], ['SIGKILL', 1000]]
  for (const [name, ms] of ladder) {
    try {
      process.kill(-pid, name)
    } catch {}
    for (const until = Date.now() + ms; Date.now() < until; ) {
      if (isGone(pid)) return
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

function isGone(pid) {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return error.code === 'ESRCH'
  }
  try {
    // In a container nobody may collect it: then it stays in the table as a zombie.
    return / [ZX] /.test(readFileSync('/proc/' + pid + '/stat', 'latin1').replace(/^.*\\)/, ''))
  } catch {
    return false
  }
}
`
