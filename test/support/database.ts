import { randomBytes } from 'node:crypto'
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { beforeAll, inject } from 'vitest'

export interface TestDatabase {
  readonly url: string
  readonly name: string
  readonly pool: pg.Pool
  /** Rows of one statement, over the pool. */
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(text: string, params?: unknown[]): Promise<Row[]>
  /**
   * Removes the database. Throws if a connection to it is still open, naming each. After a failed test the database
   * stays, and its URL is printed.
   */
  drop(): Promise<void>
}

/** How long a connection that was just ended may take to go away on the server's side. */
const CLOSING_MS = 1_500

/** A fresh database on the cluster of the run; `template` copies one that nobody is connected to. */
export async function createTestDatabase(options: { template?: string } = {}): Promise<TestDatabase> {
  const serverUrl = inject('serverUrl')
  const name = buildName()
  // File copy, because with fsync off it takes a quarter of the time that WAL-logging the template does.
  const template = options.template ?? 'template1'
  await runOn(serverUrl, `create database ${quote(name)} template ${quote(template)} strategy file_copy`)

  const url = Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href
  const pool = new pg.Pool({ connectionString: url, max: 10, application_name: 'test pool' })
  // A forced drop ends the clients that a test forgot; without listeners that would end the whole process.
  pool.on('error', () => {})
  pool.on('connect', (client) => void client.on('error', () => {}))
  const failedBefore = countFailures(currentFile)

  return {
    url,
    name,
    pool,
    query: async <Row extends pg.QueryResultRow>(text: string, params: unknown[] = []) =>
      (await pool.query<Row>(text, params)).rows,
    async drop() {
      // Not awaited: it waits forever for a client that wasn't released, and that one we want to name.
      void pool.end()
      if (countFailures(currentFile) > failedBefore) {
        console.error(`A test failed. Its database stays while the server runs (CROSSFADE_TEST_URL): psql '${url}'`)
        return
      }
      const leaked = await readLeaks(serverUrl, name)
      await runOn(serverUrl, `drop database if exists ${quote(name)} with (force)`)
      if (leaked.length > 0) throw new Error(`connections to ${name} were left open:\n${leaked.join('\n')}`)
    },
  }
}

async function readLeaks(serverUrl: string, name: string): Promise<string[]> {
  const text = /* sql */ `
    select format('  %s (pid %s, %s): %s', coalesce(nullif(application_name, ''), 'without a name'), pid, state,
                  left(regexp_replace(query, '\\s+', ' ', 'g'), 200)) as line
    from pg_stat_activity
    where datname = $1 and backend_type = 'client backend'
    order by backend_start`
  for (const until = Date.now() + CLOSING_MS; ; await sleep(20)) {
    const rows = await runOn(serverUrl, text, [name])
    if (rows.length === 0 || Date.now() > until) return rows.map((row) => row.line)
  }
}

async function runOn(url: string, text: string, params: unknown[] = []): Promise<{ line: string }[]> {
  const client = new pg.Client({ connectionString: url, application_name: 'test harness' })
  await client.connect()
  try {
    return (await client.query(text, params)).rows
  } finally {
    await client.end()
  }
}

/** Named after the test file, so that a list of databases tells whose they are. */
function buildName(): string {
  const file = basename(currentFile?.name ?? 'test').replace(/\.test\.ts$/, '')
  return `test_${file.replaceAll(/\W/g, '_').slice(0, 40)}_${randomBytes(4).toString('hex')}`
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

interface Task {
  readonly name: string
  readonly result?: { readonly state: string }
  readonly tasks?: readonly Task[]
}

let currentFile: Task | undefined

/** Also of a hook: vitest marks the suite then. */
function countFailures(task: Task | undefined): number {
  if (task === undefined) return 0
  const own = task.result?.state === 'fail' ? 1 : 0
  return own + (task.tasks ?? []).reduce((sum, child) => sum + countFailures(child), 0)
}

// Runs while the test file that imports this is collected, so it belongs to that file.
// biome-ignore lint/correctness/noEmptyPattern: vitest reads the parameter's text and wants an object pattern
beforeAll(({}, suite) => {
  currentFile = suite as Task
})
