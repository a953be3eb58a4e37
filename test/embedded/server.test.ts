import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { connect, createServer, type Server as Listener } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import pg from 'pg'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type Server, type ServerOptions, startServer } from '../../src/embedded/server.ts'
import { fastSettings } from '../../src/embedded/settings.ts'

async function start(options: ServerOptions = {}): Promise<Server> {
  const server = await startServer({ settings: { ...fastSettings }, ...options })
  onTestFinished(() => server.stop('immediate'))
  return server
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query({ text, rowMode: 'array' })).rows.flat()
  } finally {
    await client.end()
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true))
    socket.on('connect', () => socket.destroy())
    socket.on('error', () => resolve(false))
  })
}

async function waitUntil(holds: () => boolean | Promise<boolean>, ms: number): Promise<number> {
  const begin = performance.now()
  while (!(await holds())) {
    if (performance.now() - begin > ms) throw new Error(`still not so after ${ms} ms`)
    await sleep(10)
  }
  return performance.now() - begin
}

describe('a server in this process', () => {
  test('runs as asked, keeps its data over a restart, and leaves nothing behind', async () => {
    const lines: string[] = []
    const server = await start({
      settings: { ...fastSettings, work_mem: '5MB', search_path: '"a b", public' },
      log: (line) => lines.push(line),
    })
    expect(await query(server.url, "select current_user, current_setting('work_mem')")).toEqual(['postgres', '5MB'])
    expect(await query(server.url, 'show server_encoding')).toEqual(['UTF8'])
    const wrongPassword = Object.assign(new URL(server.url), { password: 'postgres' }).href
    await expect(query(wrongPassword, 'select 1')).rejects.toMatchObject({ code: '28P01' })

    await query(server.url, 'create table public.kept as select 42 as x')
    const [pid, url] = [server.pid, server.url]
    await server.restart()
    expect(server.pid).not.toBe(pid)
    expect(server.url).toBe(url)
    expect(await query(server.url, 'select x from kept')).toEqual([42])
    expect(lines.join('\n')).toContain('database system is ready to accept connections')

    await Promise.all([server.stop(), server.stop()])
    expect(await isListening(server.port)).toBe(false)
    expect(existsSync(dirname(server.dataDir))).toBe(false)
    await expect(server.restart()).rejects.toMatchObject({ code: 'embedded_stopped' })
  })

  test('takes another port where the one it wanted is taken', async () => {
    const listener: Listener = createServer()
    listener.listen(0, '127.0.0.1')
    await once(listener, 'listening')
    onTestFinished(() => void listener.close())
    const taken = (listener.address() as { port: number }).port
    const server = await start({ port: taken })
    expect(server.port).not.toBe(taken)
    expect(await query(server.url, 'select 1')).toEqual([1])
  })

  test('says what the server says when a setting is wrong, and cleans up', async () => {
    const failure = startServer({ settings: { work_mem: 'lots' } })
    await expect(failure).rejects.toMatchObject({
      code: 'embedded_start',
      exitCode: 3,
      message: expect.stringContaining('invalid value for parameter "work_mem": "lots"'),
    })
  })

  test('opens a data folder again, under the same password', async () => {
    const dataDir = join(temporaryFolder(), 'cluster')
    const first = await start({ dataDir })
    await query(first.url, 'create table kept as select 42 as x')
    await first.stop()
    const second = await start({ dataDir })
    expect(await query(second.url, 'select x from kept')).toEqual([42])
    await expect(startServer({ dataDir })).rejects.toThrow('lock file "postmaster.pid" already exists')
    await expect(startServer({ dataDir, version: 15 })).rejects.toMatchObject({ code: 'embedded_version' })
    await expect(startServer({ dataDir: tmpdir() })).rejects.toMatchObject({ code: 'embedded_data', exitCode: 2 })
  })
})

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-test-'))
  // As root, the server's user must be able to enter it.
  chmodSync(folder, 0o711)
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A process that starts a server from dist/ and prints where it is. Node 20 can't run the TypeScript itself. */
async function startParent(then: string): Promise<{ parent: ChildProcess; port: number; folder: string }> {
  const code = `
    import { startServer } from ${JSON.stringify(pathToFileURL(built).href)}
    const server = await startServer()
    console.log(JSON.stringify({ port: server.port, folder: server.dataDir }))
    ${then}`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => void parent.kill('SIGKILL'))
  const [line] = await once(createInterface({ input: parent.stdout }), 'line')
  const { port, folder } = JSON.parse(line)
  return { parent, port, folder: dirname(folder) }
}

const built = join(import.meta.dirname, '../../dist/embedded/server.js')

describe('the process that started a server ends', () => {
  beforeAll(() => {
    if (!existsSync(built)) throw new Error(`${built} isn't there: npm run build`)
  })

  const forever = 'setInterval(() => {}, 1000)'
  const ends: [how: string, then: string, end: (parent: ChildProcess) => void][] = [
    ['by kill -9', forever, (parent) => parent.kill('SIGKILL')],
    ['by kill -9 while its event loop is busy', 'for (;;);', (parent) => parent.kill('SIGKILL')],
    ['by SIGTERM', forever, (parent) => parent.kill('SIGTERM')],
    ['by SIGINT', forever, (parent) => parent.kill('SIGINT')],
    ['by process.exit', 'setTimeout(() => process.exit(0), 50)', () => {}],
    ['by an exception', "setTimeout(() => { throw new Error('a bug') }, 50)", () => {}],
    ['by having nothing left to do', '', () => {}],
  ]
  test.each(ends)('%s: no server and no folder stays', async (_how, then, end) => {
    const { parent, port, folder } = await startParent(then)
    const gone = once(parent, 'exit')
    end(parent)
    await gone
    await waitUntil(async () => !(await isListening(port)), 2_000)
    await waitUntil(() => !existsSync(folder), 5_000)
  })

  test('by kill -9 while the cluster is being made: no folder stays', async () => {
    const temporary = temporaryFolder()
    chmodSync(temporary, 0o777)
    const code = `await (await import(${JSON.stringify(pathToFileURL(built).href)})).startServer()`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', code], {
      env: { ...process.env, TMPDIR: temporary },
      stdio: 'ignore',
    })
    await waitUntil(() => existsSync(temporary) && readdirSync(temporary).length > 0, 5_000)
    await sleep(200)
    parent.kill('SIGKILL')
    await waitUntil(() => readdirSync(temporary).length === 0, 8_000)
  })
})
