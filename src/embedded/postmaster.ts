import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DatabaseError } from '../lib/errors.ts'
import { executableName, isWindows } from './platform.ts'
import { letGo, type ProgramContext, pickReason, type RunningProgram, startProgram } from './server-process.ts'
import { buildServerArguments } from './settings.ts'

export type StopMode = 'fast' | 'immediate'

export interface Postmaster {
  readonly program: RunningProgram
  readonly port: number
}

const PORT_TRIES = 10
const START_MS = 60_000

/**
 * Starts the server and waits until it takes connections. A port that somebody else takes between our look and the
 * server's bind is no failure: the next one is tried. Throws DatabaseError with the server's own reason.
 */
export async function startPostmaster(
  bin: string,
  dataDir: string,
  settings: Record<string, string>,
  context: ProgramContext,
  wishedPort?: number,
): Promise<Postmaster> {
  let port = wishedPort ?? (await findFreePort())
  for (let left = PORT_TRIES; ; left -= 1) {
    const args = buildServerArguments(dataDir, port, settings)
    const program = await startProgram(join(bin, executableName('postgres')), args, context)
    if (await waitUntilReady(program, dataDir)) {
      letGo(program)
      return { program, port }
    }
    if (left === 1 || !program.tail.some((line) => line.includes('could not create any TCP/IP sockets'))) {
      throw new DatabaseError('embedded_start', `the embedded Postgres didn't start: ${pickReason(program.tail)}`, {
        hint: `its data folder is ${dataDir}; its last words:\n${program.tail.slice(-8).join('\n')}`,
      })
    }
    port = await findFreePort()
  }
}

/** False when the server ended instead. */
async function waitUntilReady(program: RunningProgram, dataDir: string): Promise<boolean> {
  for (const until = Date.now() + START_MS; ; await sleep(15)) {
    if (program.hasEnded()) {
      await program.ended
      return false
    }
    if (isReady(program.pid, dataDir)) return true
    if (Date.now() > until) {
      program.child.kill('SIGKILL')
      await program.ended
      return false
    }
  }
}

/** postmaster.pid is what pg_ctl looks at too: line 1 is the process, line 8 its state. */
function isReady(pid: number, dataDir: string): boolean {
  try {
    const lines = readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')
    return Number(lines[0]) === pid && lines[7]?.trim() === 'ready'
  } catch {
    return false
  }
}

/**
 * Stops the server and waits for its end. `fast` ends sessions and writes a checkpoint; `immediate` doesn't, and the
 * next start recovers. A fast stop that takes longer than 30 s becomes an immediate one.
 */
export async function stopPostmaster(
  bin: string,
  dataDir: string,
  { program }: Postmaster,
  mode: StopMode,
): Promise<void> {
  if (program.hasEnded()) return
  program.child.ref()
  for (const [step, ms] of mode === 'fast'
    ? ([
        ['fast', 30_000],
        ['immediate', 8_000],
      ] as const)
    : ([['immediate', 8_000]] as const)) {
    sendStop(bin, dataDir, program, step)
    if (await endsWithin(program, ms)) return
  }
  program.child.kill('SIGKILL')
  await program.ended
}

async function endsWithin(program: RunningProgram, ms: number): Promise<boolean> {
  const timer = new AbortController()
  const late = sleep(ms, false, { signal: timer.signal }).catch(() => false)
  const ended = await Promise.race([program.ended.then(() => true), late])
  timer.abort()
  return ended
}

function sendStop(bin: string, dataDir: string, program: RunningProgram, mode: StopMode): void {
  if (isWindows) {
    // A signal would end the process there and then; pg_ctl talks to the server over its own pipe.
    execFile(join(bin, 'pg_ctl.exe'), ['stop', '-D', dataDir, '-m', mode, '-W'], { windowsHide: true }, () => {})
    return
  }
  program.child.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT')
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
