import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readUnprivilegedUser } from '../src/embedded/platform.ts'

/** Debian's pgbouncer in transaction mode, in front of the server for user `shop`. */
export async function startPgbouncer(serverPort: number): Promise<{ port: number; stop(): void }> {
  const port = 20_000 + (serverPort % 10_000)
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-pgbouncer-'))
  chmodSync(folder, 0o755)
  const config = join(folder, 'pgbouncer.ini')
  writeFileSync(
    config,
    `[databases]
* = host=127.0.0.1 port=${serverPort} user=shop password=shop
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
auth_type = any
pool_mode = transaction
default_pool_size = 4
server_login_retry = 0.2
unix_socket_dir =
`,
    { mode: 0o644 },
  )
  const user = readUnprivilegedUser()
  const child = spawn('/usr/sbin/pgbouncer', ['-q', config], {
    ...(user && { uid: user.uid, gid: user.gid }),
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  await reachable(child, port)
  return { port, stop: () => void child.kill('SIGTERM') }
}

async function reachable(child: ChildProcess, port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (open) return
    if (child.exitCode !== null) break
    await sleep(50)
  }
  throw new Error('pgbouncer does not start; it is in the Debian package pgbouncer')
}
