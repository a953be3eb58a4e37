import pg from 'pg'
import { startServer } from '../../src/embedded/server.ts'
import { findFixture } from '../fixtures/all.ts'
import type { Fixture } from '../fixtures/fixture.ts'
import { run } from './client.ts'
import type { Figure } from './figure.ts'
import { serverSettings } from './machine.ts'
import type { Options } from './options.ts'

/** What a measure is given: a server, its databases, and how thorough to be. */
export interface Bench {
  readonly options: Options
  readonly rows: number
  /** For people, on stderr. */
  say(text: string): void
  /** A database with the old tables of a fixture, filled. Its URL; removed with `drop`. */
  create(fixture: string, rows: number): Promise<string>
  /** A copy of a database that nobody is connected to. */
  copy(url: string): Promise<string>
  drop(...urls: string[]): Promise<void>
  /** Whether commits wait for the disk. */
  setDurable(durable: boolean): Promise<void>
  /** So that no side pays for what the other has written. */
  checkpoint(): Promise<void>
  fixture(name: string): Fixture
}

export interface Measure {
  /** As `--only` names it. */
  readonly name: string
  /** The line of the table. */
  readonly title: string
  /** What is compared with what, and how. */
  readonly how: string
  /** Its figures belong into the growth plot. */
  readonly grows?: true
  /** It has nothing to do with rows. */
  readonly rowless?: true
  run(bench: Bench): Promise<Figure[]>
}

export interface RunningBench extends Bench {
  readonly url: string
  close(): Promise<void>
}

/** A server of its own for one run, with the settings that the results name. */
export async function openBench(options: Options, say: (text: string) => void): Promise<RunningBench> {
  const server = await startServer({
    settings: serverSettings(),
    // A crash of the server would otherwise only show as a lost connection.
    log: (line) => {
      if (/\b(PANIC|terminated by signal|out of memory|No space left)\b/.test(line)) say(line)
    },
  })
  const admin = new pg.Client({ connectionString: server.url, application_name: 'bench' })
  await admin.connect()
  const templates = new Map<string, string>()
  let made = 0

  const create = async (from: string): Promise<string> => {
    const name = `bench_${++made}`
    await admin.query(`CREATE DATABASE ${name} TEMPLATE ${from} STRATEGY file_copy`)
    return Object.assign(new URL(server.url), { pathname: `/${name}` }).href
  }
  const bench: RunningBench = {
    url: server.url,
    options,
    rows: options.rows,
    say,
    fixture: findFixture,
    async create(fixture, rows) {
      const of = `${fixture}/${rows}`
      let template = templates.get(of)
      if (template === undefined) {
        say(`filling ${fixture} with ${rows} rows`)
        const url = await create('template1')
        await run(url, findFixture(fixture).oldSql, findFixture(fixture).fillSql(rows), 'VACUUM (ANALYZE)')
        template = nameOf(url)
        templates.set(of, template)
      }
      return await create(template)
    },
    copy: (url) => create(nameOf(url)),
    async drop(...urls) {
      for (const url of urls) await admin.query(`DROP DATABASE IF EXISTS ${nameOf(url)} WITH (FORCE)`)
    },
    async setDurable(durable) {
      const value = durable ? 'on' : 'off'
      for (const setting of ['fsync', 'synchronous_commit', 'full_page_writes'])
        await admin.query(`ALTER SYSTEM SET ${setting} = ${value}`)
      await admin.query('SELECT pg_reload_conf()')
      // The postmaster tells its processes, new connections included, within milliseconds.
      await new Promise((resolve) => setTimeout(resolve, 200))
      const { rows } = await admin.query(`SHOW fsync`)
      if (rows[0].fsync !== value) throw new Error(`fsync is ${rows[0].fsync}, not ${value}`)
    },
    async checkpoint() {
      await admin.query('CHECKPOINT')
    },
    async close() {
      await admin.end()
      await server.stop()
    },
  }
  return bench
}

function nameOf(url: string): string {
  return new URL(url).pathname.slice(1)
}
