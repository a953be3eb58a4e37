import pg from 'pg'

export interface FuzzDatabase {
  readonly url: string
  /** Everything that a case has left goes. */
  clear(): Promise<void>
  drop(): Promise<void>
}

/** After so many cases the catalog is mostly dead rows. */
const CASES = 250

/** A database that one case after the other takes: a new one for each would cost more than the case. */
export async function createFuzzDatabase(serverUrl: string): Promise<FuzzDatabase> {
  const name = `fuzz_${process.pid}_${Date.now().toString(36)}`
  const url = Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href
  let cases = 0
  const create = async (): Promise<void> => {
    await runOn(serverUrl, [
      `drop database if exists ${name} with (force)`,
      `create database ${name} template template1 strategy file_copy`,
      // Twice the largest budget: what would deadlock without Crossfade needn't take a second.
      `alter database ${name} set deadlock_timeout = '250ms'`,
      // Compiling a query takes longer than running it over so few rows.
      `alter database ${name} set jit = off`,
    ])
  }
  await create()
  return {
    url,
    async clear() {
      if (++cases % CASES === 0) return await create()
      await runOn(url, [
        // What a case that hung has left.
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
        `drop schema if exists crossfade, crossfade_compat, crossfade_archive, new_schema, public cascade`,
        `create schema public`,
      ])
    },
    drop: () => runOn(serverUrl, [`drop database if exists ${name} with (force)`]),
  }
}

async function runOn(url: string, texts: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'fuzz harness' })
  await client.connect()
  try {
    for (const text of texts) await client.query(text)
  } finally {
    await client.end()
  }
}
