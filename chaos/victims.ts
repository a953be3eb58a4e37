import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { isConnectionLost } from '../src/db/sqlstates.ts'
import type { Server } from '../src/embedded/server.ts'

const FULL_FOR_MS = 2_000
const READY_WITHIN_MS = 60_000

/** The server as an administrator sees it. */
export class Victims {
  readonly #server: Server
  readonly #url: string

  constructor(server: Server, databaseUrl: string) {
    this.#server = server
    this.#url = databaseUrl
  }

  /** On a connection of its own, again and again while the server is on its way back. */
  async ask<Result>(fn: (client: pg.Client) => Promise<Result>): Promise<Result> {
    for (const until = Date.now() + READY_WITHIN_MS; ; await sleep(20)) {
      const client = new pg.Client({ connectionString: this.#url, application_name: 'chaos' })
      client.on('error', () => undefined)
      try {
        await client.connect()
        return await fn(client)
      } catch (error) {
        if (!isConnectionLost(error) || Date.now() > until) throw error
      } finally {
        await client.end().catch(() => undefined)
      }
    }
  }

  async ready(): Promise<void> {
    await this.ask((client) => client.query('select 1'))
  }

  /** Any backend of a program whose name begins so; 0 where it has none. */
  async findBackend(name: string): Promise<number> {
    const rows = await this.ask(async (client) => {
      const found = await client.query<{ pid: number }>(
        /* sql */ `select pid from pg_stat_activity where starts_with(application_name, $1) order by state = 'active' desc, random() limit 1`,
        [name],
      )
      return found.rows
    })
    return rows[0]?.pid ?? 0
  }

  async terminate(pid: number): Promise<void> {
    await this.ask((client) => client.query('select pg_terminate_backend($1)', [pid]))
  }

  /** kill -9: the server takes all sessions with it and recovers. False where there was none any more. */
  killBackend(pid: number): boolean {
    try {
      process.kill(pid, 'SIGKILL')
      return true
    } catch {
      return false
    }
  }

  /** Nothing can be written for a while; a server that gave up for it is started again. */
  async fillDisk(): Promise<void> {
    const ballast = join(this.#server.dataDir, 'ballast')
    const block = Buffer.alloc(1 << 16)
    const file = openSync(ballast, 'w')
    try {
      while (writeSync(file, block) === block.length);
    } catch {
      // It is full.
    }
    await sleep(FULL_FOR_MS)
    closeSync(file)
    rmSync(ballast)
    try {
      process.kill(this.#server.pid, 0)
    } catch {
      await this.#server.restart('immediate')
    }
    await this.ready()
  }

  /** pg_ctl stop -m immediate, and a start. */
  async stopImmediately(): Promise<void> {
    await this.#server.restart('immediate')
  }
}
